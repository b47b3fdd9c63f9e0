package application

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// document is a configuration as JSON, in the shape of HCL.
type document map[string]any

// everyAttribute is a configuration that sets all that can be set, and that
// Knative accepts where every feature is on.
func everyAttribute(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile("testdata/every_attribute.json")
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

func parse(t *testing.T, text string) document {
	t.Helper()
	d := document{}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// configured returns the model of a configuration; what every application has
// is filled in.
func configured(t *testing.T, text string) *nested {
	t.Helper()
	d := parse(t, text)
	for name, value := range map[string]string{"name": "shop", "namespace": "prod", "image": "registry.example.com/shop:1"} {
		if d[name] == nil {
			d[name] = value
		}
	}
	return modelOf(t, d.value(t))
}

func (d document) value(t *testing.T) tftypes.Value {
	t.Helper()
	return valueOfJSON(t, schemaOnce().Type().TerraformType(context.Background()), map[string]any(d))
}

// valueOfJSON makes a Terraform value of what encoding/json has read.
func valueOfJSON(t *testing.T, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	if from == nil {
		return tftypes.NewValue(of, nil)
	}
	if from == unknownValue {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	switch of := of.(type) {
	case tftypes.Object:
		fields, ok := from.(map[string]any)
		if !ok {
			t.Fatalf("%v should be an object", from)
		}
		values := map[string]tftypes.Value{}
		for name, of := range of.AttributeTypes {
			values[name] = valueOfJSON(t, of, fields[name])
		}
		for name := range fields {
			if _, ok := values[name]; !ok {
				t.Fatalf("there is no attribute %s", name)
			}
		}
		return tftypes.NewValue(of, values)
	case tftypes.Map:
		values := map[string]tftypes.Value{}
		for key, value := range from.(map[string]any) { //nolint:errcheck // a panic says as much in a test
			values[key] = valueOfJSON(t, of.ElementType, value)
		}
		return tftypes.NewValue(of, values)
	case tftypes.List:
		values := []tftypes.Value{}
		for _, value := range from.([]any) { //nolint:errcheck // as above
			values = append(values, valueOfJSON(t, of.ElementType, value))
		}
		return tftypes.NewValue(of, values)
	}
	return tftypes.NewValue(of, from)
}

// unknownValue stands for what is known after apply.
const unknownValue = "(known after apply)"

// alike maps attributes to one name that are made by the same code: what is
// tested of one holds for the others.
func alike(path string) string {
	for _, container := range []string{"sidecars.", "init_containers."} {
		if rest, ok := strings.CutPrefix(path, container); ok && rest != "name" {
			path = rest
		}
	}
	return strings.NewReplacer(
		"startup_probe", "probe", "liveness_probe", "probe", "readiness_probe", "probe",
		"pod_anti_affinity", "pod_affinity", "preferred", "required", "namespace_selector", "label_selector",
		"pod_security_context.seccomp_profile", "security_context.seccomp_profile",
		"volumes.secret", "volumes.config_map", "sources.secret", "sources.config_map", "env_from.secret", "env_from.config_map",
		"secret_env", "config_env",
	).Replace(path)
}

// schemaAttributes returns all attributes of the schema, however deep, by path.
func schemaAttributes(pick func(schema.Attribute) bool) map[string]bool {
	found := map[string]bool{}
	var walk func(at string, attributes map[string]schema.Attribute)
	walk = func(at string, attributes map[string]schema.Attribute) {
		for name, attribute := range attributes {
			if name == "timeouts" {
				continue // the library's
			}
			if pick(attribute) {
				found[alike(at+name)] = true
			}
			walk(at+name+".", nestedAttributes(attribute))
		}
	}
	walk("", schemaOnce().Attributes)
	return found
}

func TestEveryAttributeIsConfigured(t *testing.T) {
	missing := schemaAttributes(func(a schema.Attribute) bool { return a.IsRequired() || a.IsOptional() })
	_ = tftypes.Walk(everyAttribute(t).value(t), func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if !v.IsNull() {
			delete(missing, alike(attributePath(at)))
		}
		return true, nil
	})
	for _, name := range notOnTheObject {
		delete(missing, name)
	}
	for name := range missing {
		t.Errorf("testdata/every_attribute.json does not set %s", name)
	}
}

// attributePath writes a path without the keys and indices in it.
func attributePath(at *tftypes.AttributePath) string {
	var names []string
	for _, step := range at.Steps() {
		if name, ok := step.(tftypes.AttributeName); ok {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, ".")
}
