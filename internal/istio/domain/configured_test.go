package domain

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// here is where the tests' domains are.
var here = place{namespace: "prod", name: "shop", ingress: lifecycle.Ingress{
	Gateway:          "knative-serving/knative-ingress-gateway",
	GatewayService:   "istio-system/istio-ingressgateway",
	LocalGateway:     "knative-serving/knative-local-gateway",
	LocalGatewayHost: "knative-local-gateway.istio-system.svc.cluster.local",
	LocalGatewayPort: 80,
	ClusterDomain:    "cluster.local",
}}

// document is a configuration as JSON, in the shape of HCL.
type document map[string]any

// everyAttribute is a configuration that sets all that can be set. Of tls, one
// part excludes the other.
func everyAttribute(t testing.TB) document {
	t.Helper()
	text, err := os.ReadFile("testdata/every_attribute.json")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

func parse(t testing.TB, text string) document {
	t.Helper()
	d := document{}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// rules returns what a configuration is planned as, decoded.
func (d document) rules(t testing.TB) *Rules {
	t.Helper()
	of := schemaOnce()
	value := plannedObject(t, of.Attributes, of.Type().TerraformType(t.Context()), map[string]any(d))
	var m Model
	diags := tfsdk.Plan{Raw: value, Schema: of}.Get(t.Context(), &m)
	r := decode(t.Context(), &m, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return r
}

// plannedObject makes a Terraform value of what encoding/json has read, with the
// defaults of the schema.
func plannedObject(t testing.TB, attributes map[string]schema.Attribute, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	if from == nil {
		return tftypes.NewValue(of, nil)
	}
	fields, ok := from.(map[string]any)
	object, isObject := of.(tftypes.Object)
	if !ok || !isObject {
		t.Fatalf("%v should be an object", from)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range attributes {
		value, set := fields[name]
		if !set {
			value = defaults[name]
		}
		values[name] = plannedAttribute(t, attribute, object.AttributeTypes[name], value)
	}
	return tftypes.NewValue(of, values)
}

// defaults are what the schema has, by the attribute's last name.
var defaults = map[string]any{
	"scope": "public", "path_prefix": "/", "strip_prefix": false, "https_redirect": false, "port": 80, "rewrite_host": false,
	"kind": defaultIssuerKind, "group": defaultIssuerGroup,
}

func plannedAttribute(t testing.TB, attribute schema.Attribute, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	if from == nil {
		return tftypes.NewValue(of, nil)
	}
	switch a := attribute.(type) {
	case schema.SingleNestedAttribute:
		return plannedObject(t, a.Attributes, of, from)
	case schema.ListNestedAttribute:
		var values []tftypes.Value
		for _, element := range from.([]any) { //nolint:errcheck // a panic says as much in a test
			values = append(values, plannedObject(t, a.NestedObject.Attributes, a.NestedObject.Type().TerraformType(t.Context()), element))
		}
		return tftypes.NewValue(of, values)
	case schema.ListAttribute:
		var values []tftypes.Value
		for _, element := range from.([]any) { //nolint:errcheck // as above
			values = append(values, tftypes.NewValue(a.ElementType.TerraformType(t.Context()), element))
		}
		return tftypes.NewValue(of, values)
	case schema.MapAttribute:
		values := map[string]tftypes.Value{}
		for key, element := range from.(map[string]any) { //nolint:errcheck // as above
			values[key] = tftypes.NewValue(a.ElementType.TerraformType(t.Context()), element)
		}
		return tftypes.NewValue(of, values)
	}
	return tftypes.NewValue(of, from)
}

// without returns the configuration without what is at the path: names, and
// indices of lists.
func (d document) without(t testing.TB, at ...any) document {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	copied := parse(t, string(text))
	var into any = map[string]any(copied)
	for _, step := range at[:len(at)-1] {
		switch step := step.(type) {
		case string:
			into = into.(map[string]any)[step] //nolint:errcheck // as above
		case int:
			into = into.([]any)[step] //nolint:errcheck // as above
		}
	}
	delete(into.(map[string]any), at[len(at)-1].(string)) //nolint:errcheck // as above
	return copied
}

// leaves calls visit with the path of every attribute that is set, however deep.
func leaves(from any, at []any, visit func(at []any)) {
	switch from := from.(type) {
	case map[string]any:
		for name, value := range from {
			below := append(at[:len(at):len(at)], name)
			visit(below)
			leaves(value, below, visit)
		}
	case []any:
		for i, value := range from {
			leaves(value, append(at[:len(at):len(at)], i), visit)
		}
	}
}

// Whatever is added to the schema must be added to the tests.
func TestEveryAttributeIsConfigured(t *testing.T) {
	missing := map[string]bool{}
	var walk func(at string, attributes map[string]schema.Attribute)
	walk = func(at string, attributes map[string]schema.Attribute) {
		for name, attribute := range attributes {
			if attribute.IsRequired() || attribute.IsOptional() {
				missing[at+name] = true
			}
			switch a := attribute.(type) {
			case schema.SingleNestedAttribute:
				if name != "timeouts" { // the library's
					walk(at+name+".", a.Attributes)
				}
			case schema.ListNestedAttribute:
				walk(at+name+".", a.NestedObject.Attributes)
			}
		}
	}
	walk("", schemaOnce().Attributes)
	for _, d := range []document{everyAttribute(t), {"tls": map[string]any{"issuer": map[string]any{"name": "a", "kind": "b", "group": "c"}}}} {
		leaves(map[string]any(d), nil, func(at []any) {
			var names []string
			for _, step := range at {
				if name, ok := step.(string); ok {
					names = append(names, name)
				}
			}
			delete(missing, strings.Join(names, "."))
		})
	}
	for _, name := range notOnTheObject {
		delete(missing, name)
	}
	for name := range missing {
		t.Errorf("testdata/every_attribute.json does not set %s", name)
	}
}

// notOnTheObject are attributes that no object says anything of.
var notOnTheObject = []string{"adopt", "force_conflicts", "wait", "timeouts"}

func mustNot(t testing.TB, diags diag.Diagnostics) {
	t.Helper()
	if diags.HasError() {
		t.Fatal(diags)
	}
}
