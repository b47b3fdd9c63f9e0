package restore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Model is the shape of sls_restore in HCL.
type Model struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`

	From                   types.Object `tfsdk:"from"`
	Triggers               types.Map    `tfsdk:"triggers"`
	Preset                 types.String `tfsdk:"preset"`
	Stages                 types.List   `tfsdk:"stages"`
	ExistingResourcePolicy types.String `tfsdk:"existing_resource_policy"`
	NamespaceMapping       types.Map    `tfsdk:"namespace_mapping"`

	AllowPartiallyFailed types.Bool     `tfsdk:"allow_partially_failed"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`

	BackupName    types.String `tfsdk:"backup_name"`
	BackupTime    types.String `tfsdk:"backup_time"`
	Restores      types.List   `tfsdk:"restores"`
	Phase         types.String `tfsdk:"phase"`
	ItemsRestored types.Int64  `tfsdk:"items_restored"`
	Warnings      types.Int64  `tfsdk:"warnings"`
	Errors        types.Int64  `tfsdk:"errors"`
	Messages      types.List   `tfsdk:"messages"`
	Expired       types.Bool   `tfsdk:"expired"`
}

// From is what a restore is made of.
type From struct {
	Backup               types.String `tfsdk:"backup"`
	Schedule             types.String `tfsdk:"schedule"`
	MaxAge               types.String `tfsdk:"max_age"`
	StorageLocation      types.String `tfsdk:"storage_location"`
	AllowPartiallyFailed types.Bool   `tfsdk:"allow_partially_failed"`
}

func (m *Model) from(ctx context.Context, diags *diag.Diagnostics) (from From) {
	diags.Append(m.From.As(ctx, &from, basetypes.ObjectAsOptions{})...)
	return from
}

// stages returns the stages, of the preset or the configuration's own.
func (m *Model) stages(ctx context.Context, diags *diag.Diagnostics) (stages []Stage) {
	if !m.Preset.IsNull() {
		return stagesOf(m.Preset.ValueString())
	}
	diags.Append(m.Stages.ElementsAs(ctx, &stages, false)...)
	return stages
}

// order is a digest of all that the configuration orders: what was begun under
// another one is something else.
func (m *Model) order(from From, stages []Stage) (string, error) {
	text, err := json.Marshal([]any{
		from.Backup.ValueString(), from.Schedule.ValueString(), from.StorageLocation.ValueString(),
		lifecycle.Strings(m.Triggers), lifecycle.Strings(m.NamespaceMapping), m.ExistingResourcePolicy.ValueString(), selectable(stages),
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4]), nil
}

// selectable is stages with their selectors, which JSON leaves out otherwise.
func selectable(stages []Stage) []any {
	var all []any
	for _, stage := range stages {
		all = append(all, stage, stage.LabelSelector)
	}
	return all
}

// forget makes what a restore brings unknown.
func (m *Model) forget() {
	m.BackupName, m.BackupTime, m.Phase = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Restores, m.Messages = types.ListUnknown(types.StringType), types.ListUnknown(types.StringType)
	m.ItemsRestored, m.Warnings, m.Errors = types.Int64Unknown(), types.Int64Unknown(), types.Int64Unknown()
	m.Expired = types.BoolValue(false)
}

// keep takes over what an earlier restore has brought.
func (m *Model) keep(prior *Model) {
	m.BackupName, m.BackupTime, m.Phase = prior.BackupName, prior.BackupTime, prior.Phase
	m.Restores, m.Messages = prior.Restores, prior.Messages
	m.ItemsRestored, m.Warnings, m.Errors = prior.ItemsRestored, prior.Warnings, prior.Errors
	m.Expired = prior.Expired
}
