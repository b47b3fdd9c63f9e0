package selection

import (
	_ "embed"
	"maps"
	"slices"
	"sync"

	"sigs.k8s.io/yaml"
)

// Preset is a choice of what a backup takes.
type Preset struct {
	About             string    `json:"about"`
	Namespaces        []Because `json:"namespaces"`
	WithoutNamespaces []Because `json:"without_namespaces"`
	ClusterKinds      []Because `json:"cluster_kinds"`
	Kinds             []Because `json:"kinds"`
	WithoutKinds      []Because `json:"without_kinds"`
	WithoutLabels     []Because `json:"without_labels"`
}

// Because is a name, and why it is where it is.
type Because struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

//go:embed presets.yaml
var presetsText []byte

// Presets are the presets by name.
var Presets = sync.OnceValue(func() map[string]Preset {
	presets := map[string]Preset{}
	if err := yaml.UnmarshalStrict(presetsText, &presets); err != nil {
		panic("internal/velero/selection/presets.yaml: " + err.Error()) // its test sees it first
	}
	return presets
})

// PresetNames are the names of the presets.
func PresetNames() []string { return slices.Sorted(maps.Keys(Presets())) }

// The fields of a backup's spec that a preset sets.
const (
	includedNamespaces = "includedNamespaces"
	excludedNamespaces = "excludedNamespaces"
	includedCluster    = "includedClusterScopedResources"
	excludedCluster    = "excludedClusterScopedResources"
	includedNamespaced = "includedNamespaceScopedResources"
	excludedNamespaced = "excludedNamespaceScopedResources"
	labelSelector      = "labelSelector"
	snapshotVolumes    = "snapshotVolumes"
	volumesToFsBackup  = "defaultVolumesToFsBackup"
)

// fields returns what the preset stands for in a backup's spec.
func (p Preset) fields() map[string]any {
	fields := map[string]any{snapshotVolumes: false, volumesToFsBackup: false}
	for _, list := range []struct {
		field string
		names []Because
	}{
		{includedNamespaces, p.Namespaces},
		{excludedNamespaces, p.WithoutNamespaces},
		{includedCluster, p.ClusterKinds},
		{includedNamespaced, p.Kinds},
		{excludedNamespaced, p.WithoutKinds},
	} {
		if names := namesOf(list.names); len(names) > 0 {
			fields[list.field] = names
		}
	}
	if len(p.ClusterKinds) == 0 {
		fields[excludedCluster] = []any{"*"}
	}
	var without []any
	for _, label := range p.WithoutLabels {
		without = append(without, map[string]any{"key": label.Name, "operator": "DoesNotExist"})
	}
	if len(without) > 0 {
		fields[labelSelector] = map[string]any{"matchExpressions": without}
	}
	return fields
}

func namesOf(list []Because) []any {
	var names []any
	for _, one := range list {
		names = append(names, one.Name)
	}
	return names
}

// An Item is an object that a backup may take.
type Item struct {
	Kind      string // group-qualified and plural: deployments.apps
	Namespace string // empty for cluster-scoped ones
	Name      string
	Labels    map[string]string
}

// Verdict tells whether a backup with the preset takes an object, and why. Of a
// definition that is taken, there must be an object that is, too.
func (p Preset) Verdict(item Item) (in bool, why string) {
	const namespaces, definitions = "namespaces", "customresourcedefinitions.apiextensions.k8s.io"
	if _, named := because(p.ClusterKinds, definitions); item.Kind == definitions && !named {
		if _, ok := because(p.Kinds, item.Name); ok {
			return true, "Velero takes the definition of what it takes"
		}
	}
	if item.Kind == namespaces {
		if len(p.WithoutLabels) > 0 {
			// Its selector is asked about a namespace first, and what excludes it is not.
			return true, "Velero takes every namespace where objects are chosen by labels"
		}
		item.Namespace = item.Name // they come with what is in them
	}
	if item.Namespace == "" {
		if why, ok := because(p.ClusterKinds, item.Kind); ok {
			return true, why
		}
		return false, "a cluster-scoped kind that is not named"
	}
	if why, ok := because(p.WithoutNamespaces, item.Namespace); ok {
		return false, "in the namespace " + item.Namespace + ": " + why
	}
	inNamespace, ok := because(p.Namespaces, item.Namespace)
	if !ok && len(p.Namespaces) > 0 {
		return false, "in another namespace"
	}
	if item.Kind == namespaces {
		return true, "what is in it is taken"
	}
	if why, ok := because(p.WithoutKinds, item.Kind); ok {
		return false, why
	}
	for _, label := range p.WithoutLabels {
		if _, has := item.Labels[label.Name]; has {
			return false, "by its label " + label.Name + ": " + label.Why
		}
	}
	if len(p.Kinds) == 0 {
		return true, inNamespace
	}
	if why, ok := because(p.Kinds, item.Kind); ok {
		return true, why
	}
	return false, "a kind that is not named"
}

func because(list []Because, name string) (why string, found bool) {
	i := slices.IndexFunc(list, func(b Because) bool { return b.Name == name })
	if i < 0 {
		return "", false
	}
	return list[i].Why, true
}
