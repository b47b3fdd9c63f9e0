package schedule

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// Model is the shape of sls_backup_schedule in HCL.
type Model struct {
	object.Common
	selection.Model

	Cron            types.String `tfsdk:"cron"`
	Timezone        types.String `tfsdk:"timezone"`
	Paused          types.Bool   `tfsdk:"paused"`
	SkipImmediately types.Bool   `tfsdk:"skip_immediately"`
	BackupLabels    types.Map    `tfsdk:"backup_labels"`
	OwnerReferences types.Bool   `tfsdk:"use_owner_references_in_backup"`
}
