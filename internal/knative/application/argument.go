package application

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// argument reads an application that a function was given as it would be
// configured: an object with some of the resource's attributes. Terraform
// converts the arguments of a resource to the types of its schema, but leaves
// those of such a function as they are written, so this does the same.
type argument struct {
	// withDefaults gives attributes that are not set their defaults, as a plan
	// has them.
	withDefaults bool
}

// application returns the value in the schema's type.
func (c argument) application(ctx context.Context, given tftypes.Value) (tftypes.Value, error) {
	of := schemaOnce()
	return c.object(ctx, "", of.Attributes, of.Type().TerraformType(ctx), given)
}

func (c argument) object(ctx context.Context, at string, attributes map[string]schema.Attribute, of tftypes.Type, given tftypes.Value) (tftypes.Value, error) {
	if !given.IsKnown() || given.IsNull() {
		return outside(of, given), nil
	}
	fields, ok := fieldsOf(given)
	if !ok {
		return given, mismatch(at, "an object", given)
	}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := attributes[name]; !ok {
			unknown = append(unknown, below(at, name))
		}
	}
	if len(unknown) > 0 {
		return given, fmt.Errorf("sls_application has no attribute %s", strings.Join(unknown, ", "))
	}
	values := map[string]tftypes.Value{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) { // of several errors, always the same one
		attribute := attributes[name]
		field, ok := fields[name]
		if !ok {
			field = tftypes.NewValue(tftypes.DynamicPseudoType, nil)
		}
		var err error
		if values[name], err = c.attribute(ctx, below(at, name), attribute, field); err != nil {
			return given, err
		}
	}
	return tftypes.NewValue(of, values), nil
}

func (c argument) attribute(ctx context.Context, at string, attribute schema.Attribute, given tftypes.Value) (tftypes.Value, error) {
	of := attribute.GetType().TerraformType(ctx)
	readOnly := attribute.IsComputed() && !attribute.IsOptional()
	switch {
	case readOnly: // a whole resource may be given, with what the platform made of it
		return tftypes.NewValue(of, nil), nil
	case given.IsNull() && attribute.IsRequired():
		return given, fmt.Errorf("%s is required", at)
	case given.IsNull() && c.withDefaults:
		return defaultOf(ctx, attribute)
	case given.IsNull() || !given.IsKnown():
		return outside(of, given), nil
	}
	if attributes := nestedAttributes(attribute); attributes != nil {
		return c.elements(at, of, given, func(at string, of tftypes.Type, given tftypes.Value) (tftypes.Value, error) {
			return c.object(ctx, at, attributes, of, given)
		})
	}
	return c.convert(at, of, given)
}

// convert returns a value in another type, as Terraform converts it.
func (c argument) convert(at string, of tftypes.Type, given tftypes.Value) (tftypes.Value, error) {
	if !given.IsKnown() || given.IsNull() {
		return outside(of, given), nil
	}
	switch {
	case of.Is(tftypes.String):
		return convertToString(at, given)
	case of.Is(tftypes.Number):
		return convertToNumber(at, given)
	case of.Is(tftypes.Bool):
		return convertToBool(at, given)
	}
	switch of.(type) {
	case tftypes.List, tftypes.Map:
		return c.elements(at, of, given, c.convert)
	}
	return given, fmt.Errorf("%s: functions can't read a value of the type %s yet; please report this", at, of)
}

// elements converts each element of a list or map, or an object as a whole.
func (c argument) elements(at string, of tftypes.Type, given tftypes.Value, convert func(string, tftypes.Type, tftypes.Value) (tftypes.Value, error)) (tftypes.Value, error) {
	switch of := of.(type) {
	case tftypes.List:
		list, ok := elementsOf(given)
		if !ok {
			return given, mismatch(at, "a list", given)
		}
		values := make([]tftypes.Value, len(list))
		for i, element := range list {
			var err error
			if values[i], err = convert(fmt.Sprintf("%s[%d]", at, i), of.ElementType, element); err != nil {
				return given, err
			}
		}
		return tftypes.NewValue(of, values), nil
	case tftypes.Map:
		fields, ok := fieldsOf(given)
		if !ok {
			return given, mismatch(at, "a map", given)
		}
		values := map[string]tftypes.Value{}
		for key, element := range fields {
			var err error
			if values[key], err = convert(fmt.Sprintf("%s[%q]", at, key), of.ElementType, element); err != nil {
				return given, err
			}
		}
		return tftypes.NewValue(of, values), nil
	}
	return convert(at, of, given)
}

func convertToString(at string, given tftypes.Value) (tftypes.Value, error) {
	var text string
	var number big.Float
	var truth bool
	switch {
	case given.As(&text) == nil:
	case given.As(&number) == nil:
		text = number.Text('f', -1)
	case given.As(&truth) == nil:
		text = strconv.FormatBool(truth)
	default:
		return given, mismatch(at, "a string", given)
	}
	return tftypes.NewValue(tftypes.String, text), nil
}

func convertToNumber(at string, given tftypes.Value) (tftypes.Value, error) {
	var text string
	number := &big.Float{}
	if given.As(&text) == nil {
		var err error
		if number, _, err = big.ParseFloat(text, 10, 512, big.ToNearestEven); err != nil {
			return given, mismatch(at, "a number", given)
		}
	} else if given.As(number) != nil {
		return given, mismatch(at, "a number", given)
	}
	return tftypes.NewValue(tftypes.Number, number), nil
}

func convertToBool(at string, given tftypes.Value) (tftypes.Value, error) {
	var text string
	var truth bool
	switch {
	case given.As(&truth) == nil:
	case given.As(&text) == nil && (text == "true" || text == "false"):
		truth = text == "true"
	default:
		return given, mismatch(at, "true or false", given)
	}
	return tftypes.NewValue(tftypes.Bool, truth), nil
}

// defaultOf returns an attribute's default, or null if it has none.
func defaultOf(ctx context.Context, attribute schema.Attribute) (tftypes.Value, error) {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		if a.Default != nil {
			var resp defaults.StringResponse
			a.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			return resp.PlanValue.ToTerraformValue(ctx)
		}
	case schema.BoolAttribute:
		if a.Default != nil {
			var resp defaults.BoolResponse
			a.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			return resp.PlanValue.ToTerraformValue(ctx)
		}
	}
	return tftypes.NewValue(attribute.GetType().TerraformType(ctx), nil), nil
}

// outside returns a null or unknown value in another type.
func outside(of tftypes.Type, given tftypes.Value) tftypes.Value {
	if !given.IsKnown() {
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	return tftypes.NewValue(of, nil)
}

func fieldsOf(given tftypes.Value) (map[string]tftypes.Value, bool) {
	var fields map[string]tftypes.Value
	return fields, given.As(&fields) == nil
}

func elementsOf(given tftypes.Value) ([]tftypes.Value, bool) {
	var elements []tftypes.Value
	return elements, given.As(&elements) == nil
}

func below(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

func mismatch(at, want string, given tftypes.Value) error {
	kind, _, _ := strings.Cut(strings.TrimPrefix(given.Type().String(), "tftypes."), "[")
	if at == "" {
		return fmt.Errorf("the application must be %s, and is a value of the type %s", want, strings.ToLower(kind))
	}
	return fmt.Errorf("%s must be %s, and is a value of the type %s", at, want, strings.ToLower(kind))
}
