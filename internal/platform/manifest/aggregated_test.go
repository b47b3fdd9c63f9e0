package manifest

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Kubernetes writes the rules of roles that gather others': Knative's manifests
// have an empty list in their place.
func TestRulesOfAggregatedRolesAreOthers(t *testing.T) {
	role := func(name string, aggregation any) *Object {
		content := map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": []any{}}
		if aggregation != nil {
			content["aggregationRule"] = aggregation
		}
		return &Object{
			ID:     ID{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: name},
			Object: unstructured.Unstructured{Object: content},
		}
	}
	gathers, own := role("gathers", map[string]any{"clusterRoleSelectors": []any{}}), role("own", nil)
	ignored := Ignored(aggregated([]*Object{gathers, own}))
	rules := []string{"f:rules"}
	if !ignored.Of(gathers.ID).Match(rules) {
		t.Error("the rules of an aggregated role are not others' to write")
	}
	if ignored.Of(own.ID).Match(rules) {
		t.Error("the rules of a role of its own are others' to write")
	}
	if ignored.Of(gathers.ID).Match([]string{"f:metadata", "f:labels"}) {
		t.Error("more than the rules is others' to write")
	}
}
