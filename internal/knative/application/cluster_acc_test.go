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
	"k8s.io/client-go/dynamic"

	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What these tests look at on the cluster, past the provider.

func service(t testing.TB, namespace, name string) *kube.Object {
	t.Helper()
	return acctest.Object(t, serving.Services, namespace, name)
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
	list, err := acctest.Client(t, serving.Revisions, namespace).List(t.Context(), metav1.ListOptions{})
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
	client := acctest.Client(t, serving.Services, namespace)
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
