package application

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// mapping walks a model and an API object side by side, in one of two
// directions: it expands the model into the object, or flattens the object into
// the model. What is said of a field is said once, so that no attribute can be
// sent and not be read back; and who owns what is decided here, in the functions
// below, and not for each of a hundred fields.
//
// Flattening begins with the model that is known (the prior one). What that does
// not set stays unset: it belongs to Knative, CI or a person.
type mapping struct {
	flattening bool
	// importing takes over whatever the object has.
	importing bool
	problems  *[]error
}

func (c mapping) fail(format string, args ...any) {
	*c.problems = append(*c.problems, fmt.Errorf(format, args...))
}

// rooted returns diagnostics of an attribute's parts as such of the whole
// configuration: the framework knows an attribute's value, but not its place.
func rooted(attribute string, of diag.Diagnostics) (diags diag.Diagnostics) {
	for _, d := range of {
		at := path.Root(attribute)
		if within, ok := d.(diag.DiagnosticWithPath); ok {
			for _, step := range within.Path().Steps() {
				switch step := step.(type) {
				case path.PathStepAttributeName:
					at = at.AtName(string(step))
				case path.PathStepElementKeyString:
					at = at.AtMapKey(string(step))
				case path.PathStepElementKeyInt:
					at = at.AtListIndex(int(step))
				}
			}
		}
		diags.Append(diag.WithPath(at, d))
	}
	return diags
}

// text ties a string to a field that is empty when it is not set.
func text[S ~string](c mapping, at *types.String, field *S) {
	switch live := string(*field); {
	case !c.flattening:
		*field = S(at.ValueString())
	case (c.importing || !at.IsNull()) && live != at.ValueString():
		*at = lifecycle.NullIfEmpty(live)
	}
}

// textPointer ties a string to a field that is nil when it is not set.
func textPointer(c mapping, at *types.String, field **string) {
	if !c.flattening {
		*field = at.ValueStringPointer()
		return
	}
	var live string
	if *field != nil {
		live = **field
	}
	text(c, at, &live)
}

// number ties a number to a field that is zero when it is not set.
func number[I ~int32 | ~int64](c mapping, at *types.Int64, field *I) {
	switch live := int64(*field); {
	case !c.flattening:
		*field = I(at.ValueInt64())
	case (c.importing || !at.IsNull()) && live != at.ValueInt64():
		*at = types.Int64Value(live)
		if live == 0 {
			*at = types.Int64Null()
		}
	}
}

// numberPointer ties a number to a field that is nil when it is not set.
func numberPointer[I ~int32 | ~int64](c mapping, at *types.Int64, field **I) {
	switch {
	case !c.flattening && !at.IsNull():
		value := I(at.ValueInt64())
		*field = &value
	case !c.flattening || (!c.importing && at.IsNull()):
	case *field == nil:
		*at = types.Int64Null()
	default:
		*at = types.Int64Value(int64(**field))
	}
}

// boolean ties a boolean to a field that is false when it is not set.
func boolean(c mapping, at *types.Bool, field *bool) {
	switch live := *field; {
	case !c.flattening:
		*field = at.ValueBool()
	case (c.importing || !at.IsNull()) && live != at.ValueBool():
		*at = types.BoolValue(live)
	}
}

// booleanPointer ties a boolean to a field that is nil when it is not set.
func booleanPointer(c mapping, at *types.Bool, field **bool) {
	switch {
	case !c.flattening:
		*field = at.ValueBoolPointer()
	case c.importing || !at.IsNull():
		*at = types.BoolPointerValue(*field)
	}
}

// words ties a list of strings, which is one value: its order counts.
func words[S ~string](c mapping, at *[]string, field *[]S) {
	if !c.flattening {
		for _, word := range *at {
			*field = append(*field, S(word))
		}
		return
	}
	if *at == nil && (!c.importing || len(*field) == 0) {
		return
	}
	live := make([]string, len(*field))
	for i, word := range *field {
		live[i] = string(word)
	}
	*at = live
}

// pairs ties a map of strings, each key of which has its own owner.
func pairs(c mapping, at, field *map[string]string) {
	switch {
	case !c.flattening && len(*at) > 0:
		if *field == nil {
			*field = map[string]string{}
		}
		maps.Copy(*field, *at)
	case !c.flattening || (*at == nil && (!c.importing || len(*field) == 0)):
	default:
		live := map[string]string{}
		for key, value := range *field {
			if _, ours := (*at)[key]; ours || c.importing {
				live[key] = value
			}
		}
		*at = live
	}
}

// part ties a nested attribute to a part of the object that may be missing.
func part[M, A any](c mapping, at **M, field **A, fields func(mapping, *M, *A)) {
	switch {
	case !c.flattening:
		if *at != nil {
			*field = new(A)
			fields(c, *at, *field)
		}
	case *at == nil && !c.importing:
	case *field == nil:
		*at = nil
	default:
		live := new(M)
		if *at != nil {
			*live = **at
		}
		fields(c, live, *field)
		*at = live
	}
}

// list ties a list whose elements are told apart by their place: it is one
// value, and elements that it did not have are read whole.
func list[M, A any](c mapping, at *[]M, field *[]A, fields func(mapping, *M, *A)) {
	if !c.flattening {
		for i := range *at {
			var element A
			fields(c, &(*at)[i], &element)
			*field = append(*field, element)
		}
		return
	}
	if *at == nil && (!c.importing || len(*field) == 0) {
		return
	}
	live := make([]M, len(*field))
	for i := range *field {
		of := c
		if i < len(*at) {
			live[i] = (*at)[i]
		} else {
			of.importing = true
		}
		fields(of, &live[i], &(*field)[i])
	}
	*at = live
}

// several ties a list whose elements are told apart by what they say, and each of
// which has its own owner: others may add theirs, and the order says nothing.
func several[M, A any](c mapping, at *[]M, field *[]A, same func(a, b *A) bool, fields func(mapping, *M, *A)) {
	if !c.flattening || c.importing || *at == nil {
		list(c, at, field, fields)
		return
	}
	live := []M{}
	for _, value := range *at {
		var prior A
		expanding := mapping{problems: c.problems}
		fields(expanding, &value, &prior)
		if i := slices.IndexFunc(*field, func(element A) bool { return same(&element, &prior) }); i >= 0 {
			fields(c, &value, &(*field)[i])
			live = append(live, value)
		}
	}
	*at = live
}

// keyed ties a map to a list whose elements have the map's keys: each has its
// own owner. The list is in the order of the keys: a map has none, and equal
// content must be equal.
func keyed[M, A any](c mapping, at *map[string]M, field *[]A, key func(*A) *string, fields func(mapping, *M, *A)) {
	if !c.flattening {
		for _, name := range slices.Sorted(maps.Keys(*at)) {
			var element A
			*key(&element) = name
			value := (*at)[name]
			fields(c, &value, &element)
			*field = append(*field, element)
		}
		return
	}
	if *at == nil && (!c.importing || len(*field) == 0) {
		return
	}
	live := map[string]M{}
	for i := range *field {
		name := *key(&(*field)[i])
		if value, ours := (*at)[name]; ours || c.importing {
			fields(c, &value, &(*field)[i])
			live[name] = value
		}
	}
	*at = live
}

// amount ties a quantity.
func amount(c mapping, at *quantity.Value, field **resource.Quantity) {
	switch {
	case !c.flattening && !at.IsNull():
		if parsed, ok := c.parse(at.ValueString()); ok {
			*field = &parsed
		}
	case !c.flattening || (!c.importing && at.IsNull()):
	case *field == nil:
		*at = quantity.Value{}
	default:
		*at = keepSpelling(*at, (*field).String())
	}
}

// amounts ties quantities by name, in their canonical spelling, so that another
// spelling of the same amount is no other revision.
func amounts(c mapping, at *map[string]quantity.Value, field *corev1.ResourceList) {
	switch {
	case !c.flattening:
		for name, text := range *at {
			if parsed, ok := c.parse(text.ValueString()); ok {
				if *field == nil {
					*field = corev1.ResourceList{}
				}
				(*field)[corev1.ResourceName(name)] = parsed
			}
		}
	case *at == nil && (!c.importing || len(*field) == 0):
	default:
		live := map[string]quantity.Value{}
		for name, amount := range *field {
			if prior, ours := (*at)[string(name)]; ours || c.importing {
				live[string(name)] = keepSpelling(prior, amount.String())
			}
		}
		*at = live
	}
}

func (c mapping) parse(amount string) (resource.Quantity, bool) {
	parsed, err := resource.ParseQuantity(amount)
	if err != nil {
		c.fail("the amount %q: %w", amount, err)
	}
	return parsed, err == nil
}

// keepSpelling returns the amount as the configuration writes it, if it is the
// same one.
func keepSpelling(prior quantity.Value, live string) quantity.Value {
	if quantity.Equal(prior.ValueString(), live) {
		return prior
	}
	return quantity.New(live)
}

// seconds ties a duration such as "5m" to a number of seconds.
func seconds(c mapping, at *types.String, field **int64) {
	prior, err := time.ParseDuration(at.ValueString())
	if err != nil && !at.IsNull() {
		c.fail("the duration %q: %w", at.ValueString(), err)
		return
	}
	switch {
	case !c.flattening && !at.IsNull():
		value := int64(prior / time.Second)
		*field = &value
	case !c.flattening || (!c.importing && at.IsNull()):
	case *field == nil:
		*at = types.StringNull()
	case at.IsNull() || prior != time.Duration(**field)*time.Second:
		*at = types.StringValue(fmt.Sprintf("%ds", **field))
	}
}

// fileMode ties permissions such as "0644", which the API has as a number.
func fileMode(c mapping, at *types.String, field **int32) {
	switch {
	case !c.flattening && !at.IsNull():
		var mode int32
		if _, err := fmt.Sscanf(at.ValueString(), "%o", &mode); err != nil {
			c.fail("the file mode %q: %w", at.ValueString(), err)
			return
		}
		*field = &mode
	case !c.flattening || (!c.importing && at.IsNull()):
	case *field == nil:
		*at = types.StringNull()
	default:
		*at = types.StringValue(fmt.Sprintf("%04o", **field))
	}
}
