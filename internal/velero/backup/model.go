package backup

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// Model is the shape of sls_backup in HCL.
type Model struct {
	object.Common
	selection.Model

	AllowPartiallyFailed types.Bool `tfsdk:"allow_partially_failed"`

	outcome
}

// outcome is what came of a backup. It does not change any more once the backup
// has ended, but for its expiry.
type outcome struct {
	Phase     types.String `tfsdk:"phase"`
	Started   types.String `tfsdk:"started"`
	Completed types.String `tfsdk:"completed"`
	Expires   types.String `tfsdk:"expires"`
	Items     types.Int64  `tfsdk:"items"`
	Warnings  types.Int64  `tfsdk:"warnings"`
	Errors    types.Int64  `tfsdk:"errors"`
	Expired   types.Bool   `tfsdk:"expired"`
}

// unknown is the outcome of a backup that is not made yet.
func unknown() outcome {
	return outcome{
		types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown(),
		types.Int64Unknown(), types.Int64Unknown(), types.Int64Unknown(), types.BoolValue(false),
	}
}
