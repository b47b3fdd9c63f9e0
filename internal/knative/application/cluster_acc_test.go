package application_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// What these tests look at on the cluster, past the provider.

func serving(t testing.TB, resource, namespace string) dynamic.ResourceInterface {
	t.Helper()
	kind := schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: resource}
	return acctest.OnCluster(t).Dynamic.Resource(kind).Namespace(namespace)
}

func service(t testing.TB, namespace, name string) *unstructured.Unstructured {
	t.Helper()
	found, err := serving(t, "services", namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("reading the Service %s/%s: %s", namespace, name, err)
	}
	return found
}

// containersOf returns the containers of the template of the Service web.
func containersOf(t testing.TB, namespace string) []map[string]any {
	t.Helper()
	list, _, _ := unstructured.NestedSlice(service(t, namespace, "web").Object, "spec", "template", "spec", "containers")
	var containers []map[string]any
	for _, element := range list {
		if container, ok := element.(map[string]any); ok {
			containers = append(containers, container)
		}
	}
	if len(containers) == 0 {
		t.Fatal("the Service web has no containers")
	}
	return containers
}

// revisionNames returns the names of all revisions in the namespace, in order.
func revisionNames(t testing.TB, namespace string) []string {
	t.Helper()
	list, err := serving(t, "revisions", namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatalf("listing revisions: %s", err)
	}
	var names []string
	for _, revision := range list.Items {
		names = append(names, revision.GetName())
	}
	slices.Sort(names)
	return names
}

// hasRevisions checks the number of revisions in the namespace.
func hasRevisions(t testing.TB, namespace string, count int) func(*terraform.State) error {
	return func(*terraform.State) error {
		if names := revisionNames(t, namespace); len(names) != count {
			return fmt.Errorf("there are the revisions %v, want %d", names, count)
		}
		return nil
	}
}

// patchAs changes an object as another client does, under its manager's name.
func patchAs(t testing.TB, manager, resource, namespace, name string, patch map[string]any) {
	t.Helper()
	body, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	_, err = serving(t, resource, namespace).Patch(t.Context(), name, types.MergePatchType, body, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		t.Fatalf("changing %s %s/%s as %s: %s", resource, namespace, name, manager, err)
	}
}

// gone waits until the Service does not exist.
func gone(ctx context.Context, client dynamic.ResourceInterface, name string) error {
	if found, err := client.Get(ctx, name, metav1.GetOptions{}); err == nil {
		return fmt.Errorf("the Service %s is still there", found.GetName())
	}
	return nil
}

// isReady waits until Knative reports the Service's latest change as ready.
func isReady(t testing.TB, namespace string) {
	t.Helper()
	client := serving(t, "services", namespace)
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		live, err := client.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		observed, _, _ := unstructured.NestedInt64(live.Object, "status", "observedGeneration")
		conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
		for _, condition := range conditions {
			if c, _ := condition.(map[string]any); c["type"] == "Ready" && c["status"] == "True" && observed == live.GetGeneration() {
				return nil
			}
		}
		return fmt.Errorf("it is not ready: %v", conditions)
	})
}

// answers checks that an application answers through the gateway, with that
// version of the test image and that greeting.
func answers(t testing.TB, namespace, name, version, greeting string) func(*terraform.State) error {
	return func(*terraform.State) error {
		url := fmt.Sprintf("http://%s.%s.%s/", name, namespace, acctest.Domain(t))
		acctest.GetUntil(t, url, func(answer acctest.Answer) error {
			var body struct{ Version, Greeting string }
			if err := json.Unmarshal([]byte(answer.Body), &body); err != nil {
				return err
			}
			if body.Version != version || body.Greeting != greeting {
				return fmt.Errorf("it is version %q with greeting %q, want %q and %q", body.Version, body.Greeting, version, greeting)
			}
			return nil
		})
		return nil
	}
}

// values are what every configuration of these tests needs.
func values(t testing.TB, namespace string, more acctest.Values) acctest.Values {
	t.Helper()
	all := acctest.Values{"namespace": namespace, "image": acctest.Image(t, "HELLO_V1")}
	for name, value := range more {
		all[name] = value
	}
	return all
}
