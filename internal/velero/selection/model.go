// Package selection is what a backup takes, and how long and where it is kept:
// the part that schedules and single backups share.
package selection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Model is the shape of a selection in HCL.
type Model struct {
	Retention       types.String `tfsdk:"retention"`
	StorageLocation types.String `tfsdk:"storage_location"`

	Preset             types.String `tfsdk:"preset"`
	IncludedNamespaces types.List   `tfsdk:"included_namespaces"`
	ExcludedNamespaces types.List   `tfsdk:"excluded_namespaces"`

	// Velero's older filters, which don't go with the newer ones below.
	IncludedResources       types.List `tfsdk:"included_resources"`
	ExcludedResources       types.List `tfsdk:"excluded_resources"`
	IncludeClusterResources types.Bool `tfsdk:"include_cluster_resources"`

	IncludedCluster    types.List `tfsdk:"included_cluster_scoped_resources"`
	ExcludedCluster    types.List `tfsdk:"excluded_cluster_scoped_resources"`
	IncludedNamespaced types.List `tfsdk:"included_namespace_scoped_resources"`
	ExcludedNamespaced types.List `tfsdk:"excluded_namespace_scoped_resources"`

	LabelSelector    types.Object `tfsdk:"label_selector"`     // a LabelSelector
	OrLabelSelectors types.List   `tfsdk:"or_label_selectors"` // of LabelSelector

	SnapshotVolumes         types.Bool   `tfsdk:"snapshot_volumes"`
	VolumesToFsBackup       types.Bool   `tfsdk:"default_volumes_to_fs_backup"`
	SnapshotMoveData        types.Bool   `tfsdk:"snapshot_move_data"`
	VolumeSnapshotLocations types.List   `tfsdk:"volume_snapshot_locations"`
	CSISnapshotTimeout      types.String `tfsdk:"csi_snapshot_timeout"`
	ItemOperationTimeout    types.String `tfsdk:"item_operation_timeout"`
	ResourcePolicy          types.String `tfsdk:"resource_policy"`
	OrderedResources        types.Map    `tfsdk:"ordered_resources"`
}

// LabelSelector chooses objects by their labels.
type LabelSelector struct {
	MatchLabels      map[string]string `tfsdk:"match_labels"`
	MatchExpressions []Expression      `tfsdk:"match_expressions"`
}

// Expression is one condition of a LabelSelector.
type Expression struct {
	Key      string   `tfsdk:"key"`
	Operator string   `tfsdk:"operator"`
	Values   []string `tfsdk:"values"`
}

var (
	expressionType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"key": types.StringType, "operator": types.StringType, "values": types.ListType{ElemType: types.StringType},
	}}
	selectorType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"match_labels":      types.MapType{ElemType: types.StringType},
		"match_expressions": types.ListType{ElemType: expressionType},
	}}
)

// names are the strings of a list; nil for none, or one that is not known yet.
func names(ctx context.Context, list types.List) []string {
	if list.IsNull() || !lifecycle.Known(ctx, list) {
		return nil
	}
	found := []string{}
	for _, element := range list.Elements() {
		text, _ := element.(types.String)
		found = append(found, text.ValueString())
	}
	return found
}

// selectors decodes a list of LabelSelector.
func selectors(ctx context.Context, value attr.Value, into any, diags *diag.Diagnostics) {
	if !value.IsNull() && lifecycle.Known(ctx, value) {
		diags.Append(tfsdk.ValueAs(ctx, value, into)...)
	}
}

// Fields returns a selector as the API has it.
func (s LabelSelector) Fields() map[string]any {
	fields := map[string]any{}
	if s.MatchLabels != nil {
		fields["matchLabels"] = plain(s.MatchLabels)
	}
	var all []any
	for _, e := range s.MatchExpressions {
		expression := map[string]any{"key": e.Key, "operator": e.Operator}
		if e.Values != nil {
			expression["values"] = list(e.Values)
		}
		all = append(all, expression)
	}
	if all != nil {
		fields["matchExpressions"] = all
	}
	return fields
}

func fromAPI(live *metav1.LabelSelector) LabelSelector {
	s := LabelSelector{MatchLabels: live.MatchLabels}
	for _, e := range live.MatchExpressions {
		s.MatchExpressions = append(s.MatchExpressions, Expression{e.Key, string(e.Operator), e.Values})
	}
	return s
}

func plain(from map[string]string) map[string]any {
	fields := map[string]any{}
	for key, value := range from {
		fields[key] = value
	}
	return fields
}

func list(from []string) []any {
	all := []any{}
	for _, value := range from {
		all = append(all, value)
	}
	return all
}
