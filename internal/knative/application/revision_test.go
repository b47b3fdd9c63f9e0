package application

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// TestRevisionNamesAreFrozen keeps the content addresses of templates as they
// were: a provider that expands the same configuration to something else would
// mint a revision of every application that there is.
func TestRevisionNamesAreFrozen(t *testing.T) {
	texts := func(values ...string) types.List {
		elements := make([]attr.Value, len(values))
		for i, value := range values {
			elements[i] = types.StringValue(value)
		}
		return types.ListValueMust(types.StringType, elements)
	}
	env := func(values map[string]string) types.Map {
		elements := map[string]attr.Value{}
		for key, value := range values {
			elements[key] = types.StringValue(value)
		}
		return types.MapValueMust(types.StringType, elements)
	}
	port := func(number int64, protocol string) types.Object {
		return types.ObjectValueMust(map[string]attr.Type{"number": types.Int64Type, "protocol": types.StringType},
			map[string]attr.Value{"number": types.Int64Value(number), "protocol": types.StringValue(protocol)})
	}
	amounts := func(values map[string]string) types.Map {
		if values == nil {
			return types.MapNull(quantity.Type{})
		}
		elements := map[string]attr.Value{}
		for key, value := range values {
			elements[key] = quantity.New(value)
		}
		return types.MapValueMust(quantity.Type{}, elements)
	}
	resources := func(requests, limits map[string]string) types.Object {
		of := types.MapType{ElemType: quantity.Type{}}
		return types.ObjectValueMust(map[string]attr.Type{"requests": of, "limits": of},
			map[string]attr.Value{"requests": amounts(requests), "limits": amounts(limits)})
	}
	for _, test := range []struct {
		what  string
		model Model
		want  string
	}{
		{"an image", Model{}, "shop-22phenru"},
		{"a version", Model{Version: types.StringValue("1.4.2")}, "shop-1-4-2-t5g3csan"},
		{"a version to be made fit", Model{Version: types.StringValue("Release_2024.7")}, "shop-release-2024-7-6garimx6"},
		{"command and args", Model{Command: texts("/bin/shop", "serve"), Args: texts("--port", "8080")}, "shop-ramaiw53"},
		{"env", Model{Env: env(map[string]string{"LOG_LEVEL": "info", "EMPTY": "", "A": "1"})}, "shop-nf6phrhs"},
		{"empty env", Model{Env: env(map[string]string{})}, "shop-22phenru"},
		{"http1", Model{Port: port(8080, "http1")}, "shop-yunhkpez"},
		{"h2c", Model{Port: port(9000, "h2c")}, "shop-or7tiw7s"},
		{"resources", Model{Resources: resources(
			map[string]string{"cpu": "1000m", "memory": "64Mi"}, map[string]string{"memory": "0.5Gi", "nvidia.com/gpu": "1"})}, "shop-caj37jmg"},
		{"requests alone", Model{Resources: resources(map[string]string{"cpu": "0.1"}, nil)}, "shop-zghpkcm7"},
		{"empty resources", Model{Resources: resources(nil, nil)}, "shop-22phenru"},
		{"all of it", Model{
			Version: types.StringValue("2.0"), Command: texts("/bin/shop"), Args: texts("-v"),
			Env: env(map[string]string{"B": "2", "A": "1"}), Port: port(8081, "h2c"),
			Resources: resources(map[string]string{"cpu": "250m"}, map[string]string{"cpu": "2", "memory": "1Gi"}),
			// What follows is no part of the template.
			Visibility: types.StringValue(serving.VisibilityLocal), Wait: types.BoolValue(true),
			EffectiveLabels: env(map[string]string{"team": "shop"}), EffectiveAnnotations: env(map[string]string{"note": "x"}),
		}, "shop-2-0-bquylxtz"},
	} {
		t.Run(test.what, func(t *testing.T) {
			m := test.model
			m.Name, m.Namespace = types.StringValue("shop"), types.StringValue("prod")
			m.Image = types.StringValue("registry.example.com/shop:1")
			var diags diag.Diagnostics
			inner := decode(context.Background(), &m, &diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			want, err := expand(inner)
			if err != nil {
				t.Fatal(err)
			}
			if want.revision != test.want {
				t.Errorf("The revision is %q, but was %q when this was first released. Its template:\n%v", want.revision, test.want, want.template)
			}
		})
	}
}
