package component

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

const everyAttribute = `{
  "name": "knative-serving", "source": "serving.yaml", "manifest": "kind: List", "sha256": "0123", "namespace": "serving",
  "images": {"gcr.io/": "registry.example.com/"}, "env": {"controller": {"KUBE_API_QPS": "50"}}, "labels": {"team": "platform"}, "annotations": {"example.com/owner": "platform"},
  "ignore_fields": [{"kind": "Deployment", "api_group": "apps", "namespace": "serving", "name": "controller", "paths": ["spec.replicas"]}],
  "adopt": true, "force_conflicts": true, "delete_crds": true, "force_destroy": true, "required_by": ["istio"], "on_create_failure": "keep", "wait": false
}`

func TestEveryAttributeIsConfigured(t *testing.T) {
	for _, name := range plantest.Missing(schemaOnce(), nil, plantest.Parse(t, everyAttribute)) {
		t.Errorf("the document sets no %s", name)
	}
}

// Each attribute that decides what the objects are, but for where they come from, is
// handed to what makes them.
func TestEveryInputReachesTheManifest(t *testing.T) {
	full := plantest.Parse(t, everyAttribute)
	of := func(d plantest.Document) manifest.Options {
		var m Model
		diags := diag.Diagnostics{}
		diags.Append(d.Plan(t, schemaOnce()).Get(t.Context(), &m)...)
		options := (&Resource{Resource: lifecycle.Resource{Platform: &lifecycle.Platform{}}}).options(t.Context(), &m, &diags)
		if diags.HasError() {
			t.Fatal(diags)
		}
		return options
	}
	where := []string{"source", "manifest", "sha256"}
	checked := 0
	full.Leaves(func(at []any) {
		first, _ := at[0].(string)
		if last := at[len(at)-1]; !slices.Contains(inputs, first) || slices.Contains(where, first) || last == 0 || last == "paths" {
			return
		}
		checked++
		if reflect.DeepEqual(of(full.With(t, nil, at...)), of(full)) {
			t.Errorf("%v does not reach the manifest", at)
		}
	})
	if want := len(inputs) - len(where) + 4 + 5; checked != want { // fields of ignore_fields, elements of maps
		t.Errorf("%d attributes were checked, want %d", checked, want)
	}
}
