package config

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types are made from tables, and so are their values: what can't be, is a
// mistake in the tables, which every test would meet.

// valueOf returns a value of a type.
func valueOf(of attr.Type, raw tftypes.Value) (attr.Value, error) {
	return of.ValueFromTerraform(context.Background(), raw)
}

// nullOf returns the null of a type.
func nullOf(of attr.Type) attr.Value {
	value, err := valueOf(of, tftypes.NewValue(of.TerraformType(context.Background()), nil))
	if err != nil {
		panic(fmt.Sprintf("the null of %s: %s", of, err))
	}
	return value
}

// objectOf returns an object.
func objectOf(of map[string]attr.Type, values map[string]attr.Value) types.Object {
	return types.ObjectValueMust(of, values)
}

// typesOf returns the types of an attribute's attributes.
func typesOf(of schema.Attribute) map[string]attr.Type {
	object, ok := of.GetType().(attr.TypeWithAttributeTypes)
	if !ok {
		panic(fmt.Sprintf("%s has no attributes", of.GetType()))
	}
	return object.AttributeTypes()
}

// attributesOf returns the attributes of an object; none of what is null.
func attributesOf(value attr.Value) map[string]attr.Value {
	object, _ := value.(types.Object)
	return object.Attributes()
}

func stringsOf(values []attr.Value) []string {
	var texts []string
	for _, value := range values {
		texts = append(texts, expandString(value))
	}
	return texts
}

func stringValues(texts []string) []attr.Value {
	values := []attr.Value{}
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return values
}

// stringMap returns a map of strings; null for nil.
func stringMap(texts map[string]string) types.Map {
	if texts == nil {
		return types.MapNull(types.StringType)
	}
	values := map[string]attr.Value{}
	for key, text := range texts {
		values[key] = types.StringValue(text)
	}
	return types.MapValueMust(types.StringType, values)
}
