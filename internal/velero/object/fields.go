package object

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SetString sets a field of a spec if the attribute is set.
func SetString(spec map[string]any, field string, value types.String) {
	if !value.IsNull() {
		spec[field] = value.ValueString()
	}
}

// SetDuration sets a field of a spec if the attribute is set, as Velero's server
// writes it: an object that it updates whole keeps its text, and its owner.
func SetDuration(spec map[string]any, field string, value types.String) {
	if d, err := time.ParseDuration(value.ValueString()); err == nil {
		spec[field] = d.String()
	}
}

// SetBool sets a field of a spec if the attribute is set.
func SetBool(spec map[string]any, field string, value types.Bool) {
	if !value.IsNull() {
		spec[field] = value.ValueBool()
	}
}

// String returns what a field of an object stands for, of all or of what is set:
// what is not configured is left to others.
func String[S ~string](prior types.String, live S, all bool) types.String {
	switch {
	case prior.IsNull() && !all, live == "":
		return types.StringNull()
	}
	return types.StringValue(string(live))
}

// Bool is String for a truth value; on import, one that is false is none.
func Bool(prior types.Bool, live bool, all bool) types.Bool {
	if prior.IsNull() && (!all || !live) {
		return types.BoolNull()
	}
	return types.BoolValue(live)
}

// OptionalBool is Bool for a truth value that may be missing.
func OptionalBool(prior types.Bool, live *bool, all bool) types.Bool {
	if live == nil || (prior.IsNull() && !all) {
		return types.BoolNull()
	}
	return types.BoolValue(*live)
}

// Duration is String for a duration, which stays as it was written while it means
// the same. Nil is one that is missing.
func Duration(prior types.String, live *metav1.Duration, all bool) types.String {
	if live == nil || (prior.IsNull() && !all) {
		return types.StringNull()
	}
	if written, err := time.ParseDuration(prior.ValueString()); err == nil && written == live.Duration {
		return prior
	}
	return types.StringValue(live.Duration.String())
}
