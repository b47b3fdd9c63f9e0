package acctest

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Client returns a client for a kind in a namespace of the tests' cluster.
func Client(t testing.TB, kind kube.Kind, namespace string) dynamic.ResourceInterface {
	t.Helper()
	return OnCluster(t).Dynamic.Resource(kind.GroupVersionResource).Namespace(namespace)
}

// Object returns an object of the tests' cluster, and fails the test if there is
// none.
func Object(t testing.TB, kind kube.Kind, namespace, name string) *kube.Object {
	t.Helper()
	found, err := Client(t, kind, namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("reading the %s %s/%s: %s", kind.Name, namespace, name, err)
	}
	return found
}

// Patch changes an object as another client does, by a merge patch under its
// manager's name.
func Patch(t testing.TB, manager string, kind kube.Kind, namespace, name string, patch map[string]any) {
	t.Helper()
	body, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Client(t, kind, namespace).Patch(t.Context(), name, types.MergePatchType, body, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		t.Fatalf("changing the %s %s/%s as %s: %s", kind.Name, namespace, name, manager, err)
	}
}
