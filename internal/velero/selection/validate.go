package selection

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// named is an attribute.
type named struct {
	name  string
	value attr.Value
}

func set(of []named) (found []named) {
	for _, one := range of {
		if !one.value.IsNull() && !one.value.IsUnknown() {
			found = append(found, one)
		}
	}
	return found
}

func (m *Model) older() []named {
	return []named{
		{"included_resources", m.IncludedResources},
		{"excluded_resources", m.ExcludedResources},
		{"include_cluster_resources", m.IncludeClusterResources},
	}
}

func (m *Model) newer() []named {
	return []named{
		{"included_cluster_scoped_resources", m.IncludedCluster},
		{"excluded_cluster_scoped_resources", m.ExcludedCluster},
		{"included_namespace_scoped_resources", m.IncludedNamespaced},
		{"excluded_namespace_scoped_resources", m.ExcludedNamespaced},
	}
}

// Validate says at plan what Velero's server says only of the backup, hours later:
// its schedule is accepted with any filters.
func Validate(ctx context.Context, m *Model) (diags diag.Diagnostics) {
	if !m.Preset.IsNull() && !m.Preset.IsUnknown() {
		filters := append(append(m.older(), m.newer()...), []named{
			{"label_selector", m.LabelSelector},
			{"or_label_selectors", m.OrLabelSelectors},
			{"snapshot_volumes", m.SnapshotVolumes},
			{"default_volumes_to_fs_backup", m.VolumesToFsBackup},
		}...)
		for _, filter := range set(filters) {
			diags.AddAttributeError(path.Root(filter.name), "A preset has filters of its own",
				fmt.Sprintf("preset = %q says what the backup takes; of its filters only included_namespaces and excluded_namespaces can be replaced. Leave %s out, or write all filters and no preset.",
					m.Preset.ValueString(), filter.name))
		}
	}
	if older, newer := set(m.older()), set(m.newer()); len(older) > 0 && len(newer) > 0 {
		diags.AddAttributeError(path.Root(older[0].name), "Older and newer filters don't go together",
			fmt.Sprintf("Velero refuses every backup that has both %s and %s. Write all of them by the newer ones, which tell cluster-scoped kinds from those in namespaces.", older[0].name, newer[0].name))
	}
	if selectors := set([]named{{"label_selector", m.LabelSelector}, {"or_label_selectors", m.OrLabelSelectors}}); len(selectors) > 1 {
		diags.AddAttributeError(path.Root("or_label_selectors"), "label_selector is set too", "Velero refuses every backup that has both. Put the one into the list of the other.")
	}
	for _, pair := range []struct {
		kind               string
		included, excluded types.List
		excludesAll        bool
	}{
		{"namespaces", m.IncludedNamespaces, m.ExcludedNamespaces, false},
		{"resources", m.IncludedResources, m.ExcludedResources, false},
		{"cluster_scoped_resources", m.IncludedCluster, m.ExcludedCluster, true},
		{"namespace_scoped_resources", m.IncludedNamespaced, m.ExcludedNamespaced, true},
	} {
		validatePair(ctx, pair.kind, names(ctx, pair.included), names(ctx, pair.excluded), pair.excludesAll, &diags)
	}
	return diags
}

// validatePair has Velero's rules for what is included and excluded.
func validatePair(_ context.Context, kind string, included, excluded []string, excludesAll bool, diags *diag.Diagnostics) {
	const every = "*"
	includes, excludes := "included_"+kind, "excluded_"+kind
	if len(included) > 1 && slices.Contains(included, every) {
		diags.AddAttributeError(path.Root(includes), "\"*\" stands alone", `Velero refuses a list that has "*" beside other names. Leave the others out, or "*".`)
	}
	switch all := slices.Contains(excluded, every); {
	case all && !excludesAll:
		diags.AddAttributeError(path.Root(excludes), "\"*\" excludes everything", "Velero refuses that. Name what is to be left out.")
	case all && len(excluded) > 1:
		diags.AddAttributeError(path.Root(excludes), "\"*\" stands alone", `Velero refuses a list that has "*" beside other names. Leave the others out, or "*".`)
	case all && len(included) > 0:
		diags.AddAttributeError(path.Root(excludes), "\"*\" excludes everything", fmt.Sprintf("Velero refuses that while %s names something. Leave one of the two out.", includes))
	}
	for i, name := range excluded {
		if name != every && slices.Contains(included, name) {
			diags.AddAttributeError(path.Root(excludes).AtListIndex(i), "Included and excluded", fmt.Sprintf("%s names %q too, and Velero refuses that. Leave one of the two out.", includes, name))
		}
	}
}
