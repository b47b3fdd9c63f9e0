package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// written are the kinds that the provider writes for applications.
var written = []schema.GroupVersionResource{
	{Group: "serving.knative.dev", Version: "v1", Resource: "services"},
	{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"},
}

// managerPrefix begins the names under which the provider writes.
const managerPrefix = "sls-"

// Objects returns what the provider has written in a namespace, as a List that
// kubectl applies: the same objects, field by field. And how many there are.
func Objects(ctx context.Context, client dynamic.Interface, namespace string) ([]byte, int, error) {
	items := []any{}
	for _, kind := range written {
		list, err := client.Resource(kind).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, 0, err
		}
		for i := range list.Items {
			if item := applied(&list.Items[i]); item != nil {
				items = append(items, item)
			}
		}
	}
	if len(items) == 0 {
		return nil, 0, errors.New("the provider has written nothing in " + namespace)
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	return text, len(items), err
}

// Elsewhere returns the objects for another namespace, whose name hosts and
// addresses hold too.
func Elsewhere(objects []byte, from, to string) string {
	return strings.ReplaceAll(string(objects), from, to)
}

// applied returns the fields of an object that the provider owns, under all of its
// names, or nil if there is none.
func applied(object *kube.Object) map[string]any {
	var whole map[string]any
	for _, entry := range object.GetManagedFields() {
		if strings.HasPrefix(entry.Manager, managerPrefix) {
			whole = merge(whole, kube.Owned(object, entry.Manager))
		}
	}
	if whole == nil {
		return nil
	}
	return merge(whole, map[string]any{
		"apiVersion": object.GetAPIVersion(), "kind": object.GetKind(),
		"metadata": map[string]any{"namespace": object.GetNamespace(), "name": object.GetName()},
	})
}

// merge lays a tree of maps over another.
func merge(into, from map[string]any) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	for key, value := range from {
		below, ok := value.(map[string]any)
		there, both := into[key].(map[string]any)
		if ok && both {
			value = merge(there, below)
		}
		into[key] = value
	}
	return into
}

// CountReady returns how many Knative Services of a namespace are ready as they
// were last written, and how many there are.
func CountReady(ctx context.Context, client dynamic.Interface, namespace string) (ready, all int, err error) {
	list, err := client.Resource(written[0]).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0, 0, fmt.Errorf("looking at the applications: %w", err)
	}
	for i := range list.Items {
		if Ready(&list.Items[i]) {
			ready++
		}
	}
	return ready, len(list.Items), nil
}

// Ready reports whether a Knative Service is ready as it was last written.
func Ready(service *kube.Object) bool {
	status, _ := service.Object["status"].(map[string]any)
	if seen, _ := status["observedGeneration"].(int64); seen != service.GetGeneration() {
		return false
	}
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		if condition, _ := c.(map[string]any); condition["type"] == "Ready" {
			return condition["status"] == "True"
		}
	}
	return false
}
