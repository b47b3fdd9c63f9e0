package selection

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// lists pairs the attributes that are lists of names with the fields of a
// backup's spec.
func (m *Model) lists() map[string]*types.List {
	return map[string]*types.List{
		includedNamespaces:        &m.IncludedNamespaces,
		excludedNamespaces:        &m.ExcludedNamespaces,
		"includedResources":       &m.IncludedResources,
		"excludedResources":       &m.ExcludedResources,
		includedCluster:           &m.IncludedCluster,
		excludedCluster:           &m.ExcludedCluster,
		includedNamespaced:        &m.IncludedNamespaced,
		excludedNamespaced:        &m.ExcludedNamespaced,
		"volumeSnapshotLocations": &m.VolumeSnapshotLocations,
	}
}

// truths pairs the attributes that are truth values with the fields.
func (m *Model) truths() map[string]*types.Bool {
	return map[string]*types.Bool{
		"includeClusterResources": &m.IncludeClusterResources,
		snapshotVolumes:           &m.SnapshotVolumes,
		volumesToFsBackup:         &m.VolumesToFsBackup,
		"snapshotMoveData":        &m.SnapshotMoveData,
	}
}

// Expand returns a backup's spec with what is set, and nothing else: Velero has
// defaults for the rest.
func Expand(ctx context.Context, m *Model) (map[string]any, diag.Diagnostics) {
	var diags diag.Diagnostics
	spec := map[string]any{}
	if !m.Preset.IsNull() {
		spec = Presets()[m.Preset.ValueString()].fields()
	}
	for field, attribute := range m.lists() {
		if !attribute.IsNull() {
			spec[field] = list(names(ctx, *attribute))
		}
	}
	for field, attribute := range m.truths() {
		object.SetBool(spec, field, *attribute)
	}
	object.SetDuration(spec, "ttl", m.Retention)
	object.SetString(spec, "storageLocation", m.StorageLocation)
	object.SetDuration(spec, "csiSnapshotTimeout", m.CSISnapshotTimeout)
	object.SetDuration(spec, "itemOperationTimeout", m.ItemOperationTimeout)
	if !m.OrderedResources.IsNull() {
		spec["orderedResources"] = lifecycle.Unstructured(lifecycle.Strings(m.OrderedResources))
	}
	if !m.ResourcePolicy.IsNull() {
		spec["resourcePolicy"] = map[string]any{"kind": configMap, "name": m.ResourcePolicy.ValueString()}
	}
	if !m.LabelSelector.IsNull() {
		var one LabelSelector
		selectors(ctx, m.LabelSelector, &one, &diags)
		spec[labelSelector] = one.Fields()
	}
	if !m.OrLabelSelectors.IsNull() {
		var some []LabelSelector
		selectors(ctx, m.OrLabelSelectors, &some, &diags)
		var all []any
		for _, one := range some {
			all = append(all, one.Fields())
		}
		spec["orLabelSelectors"] = all
	}
	return spec, diags
}

// configMap is the only kind that resource policies are read from.
const configMap = "configmap"
