package acctest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// toldOf are the kinds by which the platform tells how far it is with what a test
// has made.
var toldOf = []schema.GroupVersionResource{
	{Group: "serving.knative.dev", Version: "v1", Resource: "services"},
	{Group: "serving.knative.dev", Version: "v1", Resource: "configurations"},
	{Group: "serving.knative.dev", Version: "v1", Resource: "revisions"},
	{Group: "serving.knative.dev", Version: "v1", Resource: "routes"},
	{Group: "networking.internal.knative.dev", Version: "v1alpha1", Resource: "ingresses"},
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Version: "v1", Resource: "pods"},
}

// tellOf logs how the platform left what a failed test has made: its namespace goes
// with it.
func (c *Cluster) tellOf(ctx context.Context, t testing.TB, namespace string) {
	t.Helper()
	var b strings.Builder
	for _, kind := range toldOf {
		list, err := c.Dynamic.Resource(kind).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			fmt.Fprintf(&b, "\n%s: %s", kind.Resource, err)
			continue
		}
		for i := range list.Items {
			b.WriteString("\n" + lineOf(&list.Items[i]))
		}
	}
	t.Logf("the test has failed; in its namespace %s were:%s", namespace, b.String())
}

// lineOf says of an object which change of it was looked at last, and what is not
// well.
func lineOf(object *unstructured.Unstructured) string {
	seen, _, _ := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	line := fmt.Sprintf("%s %s: generation %d, observed %d", object.GetKind(), object.GetName(), object.GetGeneration(), seen)
	if at := object.GetDeletionTimestamp(); at != nil {
		line += ", deleted at " + at.String()
	}
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, condition := range conditions {
		if of, ok := condition.(map[string]any); ok && of["status"] != "True" {
			line += fmt.Sprintf("; %v is %v since %v (%v: %v)", of["type"], of["status"], of["lastTransitionTime"], of["reason"], of["message"])
		}
	}
	return line
}
