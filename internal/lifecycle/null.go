package lifecycle

import "github.com/hashicorp/terraform-plugin-framework/types"

// NullIfEmpty returns a string for HCL, where what is not there is null: most of
// Kubernetes' fields say so by being empty.
func NullIfEmpty[S ~string](text S) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(string(text))
}
