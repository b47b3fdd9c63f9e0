package component

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// What an inventory tells of the configuration, an import reads as it was.
func TestSettingsRoundTrip(t *testing.T) {
	group := "apps"
	rules := []manifest.Rule{{Group: &group, Kind: "Deployment", Name: "web", Paths: []string{"/spec/replicas"}}, {Kind: "ConfigMap", Namespace: "ns", Paths: []string{"/data/a", "/data/b"}}}
	texts := func(values map[string]string) types.Map { return nullIfNone(values) }
	for name, m := range map[string]*Model{
		"all": {
			Source: types.StringValue("x.yaml"), SHA256: types.StringValue("abc"), Namespace: types.StringValue("ns"),
			Images: texts(map[string]string{"a": "b"}), Env: envOf(map[string]map[string]string{"web": {"A": "1"}, "web/proxy": {"B": ""}}),
			Labels: texts(map[string]string{"l": "1"}), Annotations: texts(map[string]string{"n": "2"}),
			RequiredBy: types.SetValueMust(types.StringType, []attr.Value{types.StringValue("a.example.com"), types.StringValue("b.example.com")}),
		},
		"none": {RequiredBy: types.SetNull(types.StringType), Images: texts(nil), Env: envOf(nil), Labels: texts(nil), Annotations: texts(nil)},
	} {
		options := manifest.Options{Images: lifecycle.Strings(m.Images), Env: variablesOf(m.Env)}
		if name == "all" {
			options.Ignore = rules
		}
		encoded, err := json.Marshal(settingsOf(m, options))
		if err != nil {
			t.Fatal(err)
		}
		var diags diag.Diagnostics
		got := &Model{}
		recall(t.Context(), &inventory{about: about{Settings: encoded}}, got, &diags)
		if diags.HasError() {
			t.Fatal(diags)
		}
		read := rulesOf(t, got)
		if !reflect.DeepEqual(read, options.Ignore) {
			t.Errorf("%s: the rules are %+v, not %+v", name, read, options.Ignore)
		}
		if !got.RequiredBy.Equal(m.RequiredBy) || !got.Images.Equal(m.Images) || !got.Env.Equal(m.Env) || !got.Labels.Equal(m.Labels) || !got.Annotations.Equal(m.Annotations) ||
			!got.Source.Equal(m.Source) || !got.SHA256.Equal(m.SHA256) || !got.Namespace.Equal(m.Namespace) {
			t.Errorf("%s: it is %+v, not %+v", name, got, m)
		}
	}
}

// rulesOf returns what a model ignores.
func rulesOf(t *testing.T, m *Model) []manifest.Rule {
	t.Helper()
	r := &Resource{lifecycle.Resource{Platform: &lifecycle.Platform{}}}
	var diags diag.Diagnostics
	options := r.options(t.Context(), m, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return options.Ignore
}
