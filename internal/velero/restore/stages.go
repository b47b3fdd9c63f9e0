package restore

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// Stage is one Restore of Velero's; the stages follow one another.
type Stage struct {
	Name                    string                   `json:"name" tfsdk:"name"`
	IncludedNamespaces      []string                 `json:"included_namespaces" tfsdk:"included_namespaces"`
	ExcludedNamespaces      []string                 `json:"excluded_namespaces" tfsdk:"excluded_namespaces"`
	IncludedResources       []string                 `json:"included_resources" tfsdk:"included_resources"`
	ExcludedResources       []string                 `json:"excluded_resources" tfsdk:"excluded_resources"`
	IncludeClusterResources *bool                    `json:"include_cluster_resources" tfsdk:"include_cluster_resources"`
	LabelSelector           *selection.LabelSelector `json:"-" tfsdk:"label_selector"`
	ExistingResourcePolicy  *string                  `json:"existing_resource_policy" tfsdk:"existing_resource_policy"`
}

// preset is a choice of stages.
type preset struct {
	About  string `json:"about"`
	Stages []struct {
		Stage
		Why          string            `json:"why"`
		WithLabel    map[string]string `json:"with_label"`
		WithoutLabel string            `json:"without_label"`
	} `json:"stages"`
}

//go:embed presets.yaml
var presetsText []byte

var presets = sync.OnceValue(func() map[string]preset {
	all := map[string]preset{}
	if err := yaml.UnmarshalStrict(presetsText, &all); err != nil {
		panic("internal/velero/restore/presets.yaml: " + err.Error()) // its test sees it first
	}
	return all
})

func presetNames() []string { return slices.Sorted(maps.Keys(presets())) }

// aboutPresets describes the presets, for the attribute.
func aboutPresets() string {
	var parts []string
	for _, name := range presetNames() {
		p := presets()[name]
		var stages []string
		for _, stage := range p.Stages {
			stages = append(stages, fmt.Sprintf("`%s` (%s)", stage.Name, stage.Why))
		}
		parts = append(parts, fmt.Sprintf("`%s`: %s, in the stages %s.", name, p.About, strings.Join(stages, ", ")))
	}
	return strings.Join(parts, " ")
}

// stagesOf returns the stages of a preset.
func stagesOf(name string) []Stage {
	var stages []Stage
	for _, of := range presets()[name].Stages {
		stage := of.Stage
		switch {
		case len(of.WithLabel) > 0:
			stage.LabelSelector = &selection.LabelSelector{MatchLabels: of.WithLabel}
		case of.WithoutLabel != "":
			stage.LabelSelector = &selection.LabelSelector{MatchExpressions: []selection.Expression{{Key: of.WithoutLabel, Operator: "DoesNotExist"}}}
		}
		stages = append(stages, stage)
	}
	return stages
}

// spec returns what a stage is as the spec of a Restore.
func (s Stage) spec(backup, policy string, mapping map[string]string) map[string]any {
	spec := map[string]any{
		"backupName": backup,
		// What the cluster of the backup had of itself in it is taken out.
		"resourceModifier": map[string]any{"kind": "configmap", "name": modifiersName},
	}
	for field, names := range map[string][]string{
		"includedNamespaces": s.IncludedNamespaces, "excludedNamespaces": s.ExcludedNamespaces,
		"includedResources": s.IncludedResources, "excludedResources": s.ExcludedResources,
	} {
		if len(names) > 0 {
			all := make([]any, len(names))
			for i, name := range names {
				all[i] = name
			}
			spec[field] = all
		}
	}
	if s.IncludeClusterResources != nil {
		spec["includeClusterResources"] = *s.IncludeClusterResources
	}
	if s.LabelSelector != nil {
		spec["labelSelector"] = s.LabelSelector.Fields()
	}
	if s.ExistingResourcePolicy != nil {
		policy = *s.ExistingResourcePolicy
	}
	if policy != "" {
		spec["existingResourcePolicy"] = policy
	}
	if len(mapping) > 0 {
		to := map[string]any{}
		for from, name := range mapping {
			to[from] = name
		}
		spec["namespaceMapping"] = to
	}
	return spec
}
