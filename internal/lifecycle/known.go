package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Known reports whether a value and all within it are known.
func Known(ctx context.Context, value attr.Value) bool {
	v, err := value.ToTerraformValue(ctx)
	return err == nil && v.IsFullyKnown()
}

// AllKnown reports whether attributes of a configuration or plan, and all within
// them, are known.
func AllKnown(raw tftypes.Value, attributes ...string) bool {
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		return false
	}
	for _, name := range attributes {
		if !values[name].IsFullyKnown() {
			return false
		}
	}
	return true
}
