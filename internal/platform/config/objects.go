package config

import (
	"context"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// configMapKind is the kind of Knative's configuration.
var configMapKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Name: "ConfigMap"}

// createStamp is the annotation of the first ConfigMap that a creation writes. It
// goes with the last write: where it is left, the creation did not come to its
// end, and no state knows of the keys.
const createStamp = serving.Group + "/create"

// read reads an object; nil is one that does not exist.
type read func(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error)

// configMaps returns those of the ConfigMaps that exist.
func configMaps(ctx context.Context, read read, namespace string) (map[*section]*kube.Object, error) {
	live := map[*section]*kube.Object{}
	for _, s := range sections {
		object, err := read(ctx, configMapKind, namespace, s.configMap)
		if err != nil {
			return nil, err
		}
		if object != nil && object.GetDeletionTimestamp() == nil {
			live[s] = object
		}
	}
	return live, nil
}

// dataOf returns a ConfigMap's keys; none of one that does not exist.
func dataOf(object *kube.Object) map[string]string {
	if object == nil {
		return nil
	}
	data, _, err := unstructured.NestedStringMap(object.Object, "data")
	if err != nil {
		return nil // the API server has no such ConfigMap
	}
	return maps.Clone(data)
}

// ownKeys returns the keys that a manager has set.
func ownKeys(object *kube.Object, manager string) map[string]bool {
	keys := map[string]bool{}
	if object == nil {
		return keys
	}
	owned, _, err := unstructured.NestedMap(kube.Owned(object, manager), "data")
	if err != nil {
		return keys // as above
	}
	for key := range owned {
		keys[key] = true
	}
	return keys
}
