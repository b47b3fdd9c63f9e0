package selection

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// Flatten puts into the model what a backup's spec says, of all or of what the
// model has.
//
// A preset stays while the spec is what it stands for. Otherwise the filters are
// shown that are there in its place.
func Flatten(ctx context.Context, live map[string]any, m *Model, all bool) (diags diag.Diagnostics) {
	spec := &velero.BackupSpec{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live, spec); err != nil {
		diags.AddError("The backup's template can't be understood", err.Error())
		return diags
	}
	of := flattening{ctx, live, all, &diags}
	m.Retention = object.Duration(m.Retention, of.duration(spec.TTL), all)
	m.StorageLocation = object.String(m.StorageLocation, spec.StorageLocation, all)
	m.OrderedResources = lifecycle.Subset(m.OrderedResources, spec.OrderedResources, all)
	m.SnapshotMoveData = object.OptionalBool(m.SnapshotMoveData, spec.SnapshotMoveData, all)
	m.VolumeSnapshotLocations = of.list(m.VolumeSnapshotLocations, "volumeSnapshotLocations")
	m.CSISnapshotTimeout = object.Duration(m.CSISnapshotTimeout, of.duration(spec.CSISnapshotTimeout), all)
	m.ItemOperationTimeout = object.Duration(m.ItemOperationTimeout, of.duration(spec.ItemOperationTimeout), all)
	policy := ""
	if spec.ResourcePolicy != nil {
		policy = spec.ResourcePolicy.Name
	}
	m.ResourcePolicy = object.String(m.ResourcePolicy, policy, all)

	if all {
		m.Preset = presetOf(live)
	}
	if !m.Preset.IsNull() && keepsPreset(live, m, all) {
		of.namespaces(m)
		return diags
	}
	// Of a preset that is not there any more, what is there instead is shown whole.
	of.all = all || !m.Preset.IsNull()
	m.Preset = types.StringNull()
	of.filters(m, spec)
	return diags
}

type flattening struct {
	ctx   context.Context
	live  map[string]any
	all   bool
	diags *diag.Diagnostics
}

func (f flattening) duration(d metav1.Duration) *metav1.Duration {
	if d.Duration == 0 {
		return nil // the server's own
	}
	return &d
}

func (f flattening) list(prior types.List, field string) types.List {
	live, _ := f.live[field].([]any)
	if (prior.IsNull() && !f.all) || len(live) == 0 {
		return types.ListNull(types.StringType)
	}
	values := []attr.Value{}
	for _, value := range live {
		text, _ := value.(string)
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}

func (f flattening) namespaces(m *Model) {
	preset := Presets()[m.Preset.ValueString()].fields()
	for field, attribute := range map[string]*types.List{includedNamespaces: &m.IncludedNamespaces, excludedNamespaces: &m.ExcludedNamespaces} {
		of := f
		of.all = f.all && !reflect.DeepEqual(f.live[field], preset[field])
		*attribute = of.list(*attribute, field)
	}
}

func (f flattening) filters(m *Model, spec *velero.BackupSpec) {
	for field, attribute := range m.lists() {
		if field != "volumeSnapshotLocations" {
			*attribute = f.list(*attribute, field)
		}
	}
	m.IncludeClusterResources = object.OptionalBool(m.IncludeClusterResources, spec.IncludeClusterResources, f.all)
	m.SnapshotVolumes = object.OptionalBool(m.SnapshotVolumes, spec.SnapshotVolumes, f.all)
	m.VolumesToFsBackup = object.OptionalBool(m.VolumesToFsBackup, spec.DefaultVolumesToFsBackup, f.all)

	var one *LabelSelector
	if spec.LabelSelector != nil && (f.all || !m.LabelSelector.IsNull()) {
		selector := fromAPI(spec.LabelSelector)
		one = &selector
	}
	f.diags.Append(tfsdk.ValueFrom(f.ctx, one, selectorType, &m.LabelSelector)...)
	var some []LabelSelector
	for _, selector := range spec.OrLabelSelectors {
		if selector != nil && (f.all || !m.OrLabelSelectors.IsNull()) {
			some = append(some, fromAPI(selector))
		}
	}
	f.diags.Append(tfsdk.ValueFrom(f.ctx, some, types.ListType{ElemType: selectorType}, &m.OrLabelSelectors)...)
}

// filterFields are the fields that choose what a backup takes.
var filterFields = []string{
	includedNamespaces, excludedNamespaces, "includedResources", "excludedResources", "includeClusterResources",
	includedCluster, excludedCluster, includedNamespaced, excludedNamespaced, labelSelector, "orLabelSelectors",
	snapshotVolumes, volumesToFsBackup,
}

// keepsPreset reports whether the spec is what the model's preset stands for, but
// for namespaces that the model names itself.
func keepsPreset(live map[string]any, m *Model, all bool) bool {
	preset, ok := Presets()[m.Preset.ValueString()]
	if !ok {
		return false
	}
	return stands(live, preset.fields(), all || !m.IncludedNamespaces.IsNull(), all || !m.ExcludedNamespaces.IsNull())
}

// presetOf returns the preset that a spec stands for, or null.
func presetOf(live map[string]any) types.String {
	for _, name := range PresetNames() {
		if stands(live, Presets()[name].fields(), true, true) {
			return types.StringValue(name)
		}
	}
	return types.StringNull()
}

func stands(live, preset map[string]any, ownIncluded, ownExcluded bool) bool {
	for _, field := range filterFields {
		if (field == includedNamespaces && ownIncluded) || (field == excludedNamespaces && ownExcluded) {
			continue
		}
		if !reflect.DeepEqual(live[field], preset[field]) {
			return false
		}
	}
	return true
}
