package config

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// configMapKind is the kind of Knative's configuration.
var configMapKind = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, Name: "ConfigMap"}

// createStamp begins the annotation of the first ConfigMap that a creation writes: as
// long as it lasts unfinished, and then the hash of what was wanted. With the former no
// state knows of the keys; with the latter none may, if the last answer was lost. The next
// change removes it.
const (
	createStamp = serving.Group + "/create"
	unfinished  = "unfinished"
)

// stampOf names the annotation of a manager: several may have keys of one ConfigMap.
func stampOf(manager string) string {
	sum := sha256.Sum256([]byte(manager))
	return createStamp + "-" + hex.EncodeToString(sum[:4])
}

// hash is a short one of what is wanted.
func hash(wanted map[*section]map[string]string) (string, error) {
	named := map[string]map[string]string{}
	for s, keys := range wanted {
		if len(keys) > 0 {
			named[s.configMap] = keys
		}
	}
	return lifecycle.Stamp(named)
}

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
