package traffic

import (
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

func TestSchemaIsWellFormed(t *testing.T) {
	if diags := trafficSchema(context.Background()).ValidateImplementation(context.Background()); diags.HasError() {
		t.Fatal(diags)
	}
}

func nestedAttributes(attribute schema.Attribute) map[string]schema.Attribute {
	switch a := attribute.(type) {
	case schema.SingleNestedAttribute:
		return a.Attributes
	case schema.ListNestedAttribute:
		return a.NestedObject.Attributes
	case schema.MapNestedAttribute:
		return a.NestedObject.Attributes
	}
	return nil
}

func TestEveryAttributeIsDescribed(t *testing.T) {
	var walk func(path string, attributes map[string]schema.Attribute)
	walk = func(path string, attributes map[string]schema.Attribute) {
		for name, attribute := range attributes {
			if attribute.GetDescription() == "" && name != "timeouts" { // the library's
				t.Errorf("%s has no description", path+name)
			}
			walk(path+name+".", nestedAttributes(attribute))
		}
	}
	walk("", schemaOnce().Attributes)
}

// TestModelHasTheSchemasTypes fails where a struct lacks an attribute, or has
// one too many: the framework finds that out only when one is set.
func TestModelHasTheSchemasTypes(t *testing.T) {
	var check func(path string, attributes map[string]schema.Attribute, of reflect.Type)
	check = func(path string, attributes map[string]schema.Attribute, of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Map || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		fields := map[string]reflect.StructField{}
		for _, field := range reflect.VisibleFields(of) {
			if name, ok := field.Tag.Lookup("tfsdk"); ok {
				fields[name] = field
			}
		}
		for name, attribute := range attributes {
			field, ok := fields[name]
			if !ok {
				t.Errorf("%s%s is not in %s", path, name, of.Name())
				continue
			}
			delete(fields, name)
			if inner := nestedAttributes(attribute); inner != nil && path != "" {
				check(path+name+".", inner, field.Type)
			}
		}
		for name := range fields {
			t.Errorf("%s%s is in %s and not in the schema", path, name, of.Name())
		}
	}
	check("", schemaOnce().Attributes, reflect.TypeFor[Model]())
	for name, of := range map[string]reflect.Type{
		"revisions": reflect.TypeFor[Revision](), "rules": reflect.TypeFor[Rule](), "sticky": reflect.TypeFor[Sticky](),
		"probe": reflect.TypeFor[Probe](), "targets": reflect.TypeFor[Target](),
	} {
		check(name+".", nestedAttributes(schemaOnce().Attributes[name]), of)
	}
}
