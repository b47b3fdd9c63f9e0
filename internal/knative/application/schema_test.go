package application

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// otherAttributes are those that are no part of the revision template: a change
// of them mints no revision.
var otherAttributes = []string{
	"namespace", "labels", "annotations", "effective_labels", "effective_annotations", "visibility", "rollout_duration", "scaling",
	"image_source", "rollout", "revision_history_limit", "deletion_protection", "adopt", "force_conflicts", "on_create_failure", "wait", "timeouts",
	"revision", "latest_ready_revision", "image_digest", "url", "cluster_local_url", "ready", "status_message",
}

func TestSchemaIsWellFormed(t *testing.T) {
	if diags := applicationSchema(context.Background()).ValidateImplementation(context.Background()); diags.HasError() {
		t.Fatal(diags)
	}
}

func TestEveryAttributeIsOfTheTemplateOrNot(t *testing.T) {
	of := schemaOnce()
	for name := range of.Attributes {
		if slices.Contains(templateAttributes, name) == slices.Contains(otherAttributes, name) {
			t.Errorf("%s should be in just one of templateAttributes (a change of it mints a revision) and otherAttributes", name)
		}
	}
	for _, name := range slices.Concat(templateAttributes, otherAttributes) {
		if _, ok := of.Attributes[name]; !ok {
			t.Errorf("%s is not in the schema", name)
		}
	}
	for name := range modelFields {
		if _, ok := of.Attributes[name]; !ok {
			t.Errorf("%s is in Model and not in the schema", name)
		}
	}
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
		fields := fieldsByAttribute(of)
		for name, attribute := range attributes {
			at, ok := fields[name]
			if !ok {
				t.Errorf("%s%s is not in %s", path, name, of.Name())
				continue
			}
			delete(fields, name)
			if inner := nestedAttributes(attribute); inner != nil && name != "timeouts" {
				check(path+name+".", inner, of.FieldByIndex(at).Type)
			}
		}
		for name := range fields {
			t.Errorf("%s%s is in %s and not in the schema", path, name, of.Name())
		}
	}
	template := map[string]schema.Attribute{}
	for name, attribute := range schemaOnce().Attributes {
		if _, ok := templateFields[name]; ok {
			template[name] = attribute
		}
	}
	check("", template, reflect.TypeFor[Template]())
	check("scaling.", nestedAttributes(schemaOnce().Attributes["scaling"]), reflect.TypeFor[Scaling]())
}
