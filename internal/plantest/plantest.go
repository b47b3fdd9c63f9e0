// Package plantest makes plans of resources from documents, for tests of what a
// resource makes of a configuration: without Terraform, but with the schema's
// types and defaults.
package plantest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Document is a configuration in the shape of HCL, as encoding/json reads it.
type Document map[string]any

// Unknown stands in a document for what is known after apply.
const Unknown = "(known after apply)"

// Parse reads a document.
func Parse(t testing.TB, text string) Document {
	t.Helper()
	d := Document{}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// Read reads a document from a file.
func Read(t testing.TB, path string) Document {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(t, string(text))
}

// OverTheWire returns an object's fields as they come out of JSON, and decodes them into
// the type that they are for: a field that it does not know fails the test.
func OverTheWire(t testing.TB, fields map[string]any, typed any) map[string]any {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	known := json.NewDecoder(bytes.NewReader(text))
	known.DisallowUnknownFields()
	if err := known.Decode(typed); err != nil {
		t.Fatalf("%s: %s", err, text)
	}
	return Parse(t, string(text))
}

// Plan returns what the document is planned as.
func (d Document) Plan(t testing.TB, of schema.Schema) tfsdk.Plan {
	t.Helper()
	return tfsdk.Plan{Schema: of, Raw: maker{t, true}.object("", of.Attributes, of.Type().TerraformType(t.Context()), map[string]any(d))}
}

// Config returns the document as a configuration, without defaults.
func (d Document) Config(t testing.TB, of schema.Schema) tftypes.Value {
	t.Helper()
	return maker{t, false}.object("", of.Attributes, of.Type().TerraformType(t.Context()), map[string]any(d))
}

// maker makes Terraform's values of what encoding/json has read.
type maker struct {
	testing.TB
	withDefaults bool
}

func (t maker) object(at string, attributes map[string]schema.Attribute, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	if from == Unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	fields, ok := from.(map[string]any)
	types, isObject := of.(tftypes.Object)
	if !ok || !isObject {
		t.Fatalf("%s should be an object, and is %v", at, from)
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range attributes {
		values[name] = t.value(at+name, attribute, types.AttributeTypes[name], fields[name])
	}
	for name := range fields {
		if _, known := attributes[name]; !known {
			t.Fatalf("there is no attribute %s%s", at, name)
		}
	}
	return tftypes.NewValue(of, values)
}

func (t maker) value(at string, attribute schema.Attribute, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	if from == Unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	if from == nil && t.withDefaults {
		return defaultOf(t, attribute, of)
	}
	if from == nil {
		return tftypes.NewValue(of, nil)
	}
	list := func(element func(i int, from any) tftypes.Value) tftypes.Value {
		elements, ok := from.([]any)
		if !ok {
			t.Fatalf("%s should be a list, and is %v", at, from)
		}
		var values []tftypes.Value
		for i, from := range elements {
			values = append(values, element(i, from))
		}
		return tftypes.NewValue(of, values)
	}
	fields := func(element func(key string, from any) tftypes.Value) tftypes.Value {
		elements, ok := from.(map[string]any)
		if !ok {
			t.Fatalf("%s should be a map, and is %v", at, from)
		}
		values := map[string]tftypes.Value{}
		for key, from := range elements {
			values[key] = element(key, from)
		}
		return tftypes.NewValue(of, values)
	}
	switch a := attribute.(type) {
	case schema.SingleNestedAttribute:
		return t.object(at+".", a.Attributes, of, from)
	case schema.ListNestedAttribute:
		return list(func(i int, from any) tftypes.Value {
			return t.object(fmt.Sprintf("%s[%d].", at, i), a.NestedObject.Attributes, a.NestedObject.Type().TerraformType(t.Context()), from)
		})
	case schema.ListAttribute:
		return list(func(_ int, from any) tftypes.Value {
			return element(a.ElementType.TerraformType(t.Context()), from)
		})
	case schema.SetAttribute:
		return list(func(_ int, from any) tftypes.Value {
			return element(a.ElementType.TerraformType(t.Context()), from)
		})
	case schema.MapAttribute:
		return fields(func(_ string, from any) tftypes.Value {
			return element(a.ElementType.TerraformType(t.Context()), from)
		})
	case schema.MapNestedAttribute:
		return fields(func(key string, from any) tftypes.Value {
			return t.object(fmt.Sprintf("%s[%q].", at, key), a.NestedObject.Attributes, a.NestedObject.Type().TerraformType(t.Context()), from)
		})
	}
	return tftypes.NewValue(of, from)
}

// element returns an element that is no object; it may be a map of such.
func element(of tftypes.Type, from any) tftypes.Value {
	if from == Unknown {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	if elements, ok := from.(map[string]any); ok {
		values := map[string]tftypes.Value{}
		if of, ok := of.(tftypes.Map); ok {
			for key, from := range elements {
				values[key] = element(of.ElementType, from)
			}
		}
		return tftypes.NewValue(of, values)
	}
	return tftypes.NewValue(of, from)
}

// defaultOf returns an attribute's default, or null.
func defaultOf(t testing.TB, attribute schema.Attribute, of tftypes.Type) tftypes.Value {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var by attr.Value
	switch a := attribute.(type) {
	case schema.StringAttribute:
		if a.Default != nil {
			var resp defaults.StringResponse
			a.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			by = resp.PlanValue
		}
	case schema.BoolAttribute:
		if a.Default != nil {
			var resp defaults.BoolResponse
			a.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			by = resp.PlanValue
		}
	case schema.Int64Attribute:
		if a.Default != nil {
			var resp defaults.Int64Response
			a.Default.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
			by = resp.PlanValue
		}
	}
	if by == nil {
		return tftypes.NewValue(of, nil)
	}
	v, err := by.ToTerraformValue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Leaves calls visit with the place of everything that is set, however deep:
// names, and indices of lists.
func (d Document) Leaves(visit func(at []any)) { leaves(map[string]any(d), nil, visit) }

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

// With returns the document with another value at a place; nil takes what is
// there away. Of a place that does not exist, it returns the document as it is.
func (d Document) With(t testing.TB, value any, at ...any) Document {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	copied := Parse(t, string(text))
	var into any = map[string]any(copied)
	for _, step := range at[:len(at)-1] {
		into = below(into, step)
	}
	switch into := into.(type) {
	case map[string]any:
		name, _ := at[len(at)-1].(string)
		if into[name] = value; value == nil {
			delete(into, name)
		}
	case []any:
		if i, ok := at[len(at)-1].(int); ok && i < len(into) {
			into[i] = value
		}
	}
	return copied
}

func below(value, step any) any {
	switch step := step.(type) {
	case string:
		of, _ := value.(map[string]any)
		return of[step]
	case int:
		if of, _ := value.([]any); step < len(of) {
			return of[step]
		}
	}
	return nil
}

// Missing returns the attributes that can be configured and that none of the
// documents sets, except some.
func Missing(of schema.Schema, except []string, documents ...Document) []string {
	missing := map[string]bool{}
	configurable("", of.Attributes, missing)
	for _, d := range documents {
		d.Leaves(func(at []any) { delete(missing, path(at)) })
	}
	for _, name := range except {
		delete(missing, name)
	}
	var names []string
	for name := range missing {
		if !strings.HasPrefix(name, "timeouts") { // the library's
			names = append(names, name)
		}
	}
	return names
}

func configurable(at string, attributes map[string]schema.Attribute, into map[string]bool) {
	for name, attribute := range attributes {
		if attribute.IsRequired() || attribute.IsOptional() {
			into[at+name] = true
		}
		switch a := attribute.(type) {
		case schema.SingleNestedAttribute:
			configurable(at+name+".", a.Attributes, into)
		case schema.ListNestedAttribute:
			configurable(at+name+".", a.NestedObject.Attributes, into)
		}
	}
}

// path writes a place without the indices in it.
func path(at []any) string {
	var names []string
	for _, step := range at {
		if name, ok := step.(string); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, ".")
}
