package lifecycle

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Effective returns the provider's default labels or annotations, with the
// resource's own over them.
func Effective(defaults map[string]string, own types.Map) types.Map {
	if own.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	values := make(map[string]attr.Value, len(defaults)+len(own.Elements()))
	for key, value := range defaults {
		values[key] = types.StringValue(value)
	}
	maps.Copy(values, own.Elements())
	return types.MapValueMust(types.StringType, values)
}

// Subset returns the live values of the keys that prior has, or of all keys.
func Subset(prior types.Map, live map[string]string, all bool) types.Map {
	if prior.IsNull() && (!all || len(live) == 0) {
		return types.MapNull(types.StringType)
	}
	ours := prior.Elements()
	values := map[string]attr.Value{}
	for key, value := range live {
		if _, set := ours[key]; set || all {
			values[key] = types.StringValue(value)
		}
	}
	return types.MapValueMust(types.StringType, values)
}

// EmptyIfNull returns a map that is not null.
func EmptyIfNull(m types.Map) types.Map {
	if m.IsNull() {
		return types.MapValueMust(types.StringType, map[string]attr.Value{})
	}
	return m
}

// WithoutPrefixes leaves out the keys that begin with one of the prefixes.
func WithoutPrefixes(m map[string]string, prefixes ...string) map[string]string {
	kept := map[string]string{}
	for key, value := range m {
		if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			kept[key] = value
		}
	}
	return kept
}

// Strings returns the known elements of a map; nil for none.
func Strings(m types.Map) map[string]string {
	var plain map[string]string
	for key, value := range m.Elements() {
		if plain == nil {
			plain = map[string]string{}
		}
		text, _ := value.(types.String)
		plain[key] = text.ValueString()
	}
	return plain
}

// Unstructured returns a map as an API object holds it. It is empty for none:
// who owned a map and no longer sends it removes it whole, with the entries in
// it that nobody owns.
func Unstructured(m map[string]string) map[string]any {
	encoded := make(map[string]any, len(m))
	for key, value := range m {
		encoded[key] = value
	}
	return encoded
}
