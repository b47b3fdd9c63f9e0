package application

import "github.com/hashicorp/terraform-plugin-framework/types"

// Affinity says which nodes, and which other pods' company, a pod seeks.
type Affinity struct {
	NodeAffinity    *NodeAffinity `tfsdk:"node_affinity"`
	PodAffinity     *PodAffinity  `tfsdk:"pod_affinity"`
	PodAntiAffinity *PodAffinity  `tfsdk:"pod_anti_affinity"`
}

// NodeAffinity says which nodes a pod needs or would like.
type NodeAffinity struct {
	Required  []NodeTerm          `tfsdk:"required"`
	Preferred []PreferredNodeTerm `tfsdk:"preferred"`
}

// NodeTerm are conditions that a node must all meet.
type NodeTerm struct {
	MatchExpressions []Requirement `tfsdk:"match_expressions"`
	MatchFields      []Requirement `tfsdk:"match_fields"`
}

// PreferredNodeTerm is a NodeTerm with its weight among others.
type PreferredNodeTerm struct {
	Weight types.Int64 `tfsdk:"weight"`
	NodeTerm
}

// PodAffinity says beside which pods a pod must run, or would like to.
type PodAffinity struct {
	Required  []PodTerm          `tfsdk:"required"`
	Preferred []PreferredPodTerm `tfsdk:"preferred"`
}

// PodTerm are other pods, and what counts as beside them.
type PodTerm struct {
	TopologyKey       types.String   `tfsdk:"topology_key"`
	LabelSelector     *LabelSelector `tfsdk:"label_selector"`
	Namespaces        []string       `tfsdk:"namespaces"`
	NamespaceSelector *LabelSelector `tfsdk:"namespace_selector"`
	MatchLabelKeys    []string       `tfsdk:"match_label_keys"`
	MismatchLabelKeys []string       `tfsdk:"mismatch_label_keys"`
}

// PreferredPodTerm is a PodTerm with its weight among others.
type PreferredPodTerm struct {
	Weight types.Int64 `tfsdk:"weight"`
	PodTerm
}

// LabelSelector chooses objects by their labels.
type LabelSelector struct {
	MatchLabels      map[string]string `tfsdk:"match_labels"`
	MatchExpressions []Requirement     `tfsdk:"match_expressions"`
}

// Requirement is a condition on a label or a field.
type Requirement struct {
	Key      types.String `tfsdk:"key"`
	Operator types.String `tfsdk:"operator"`
	Values   []string     `tfsdk:"values"`
}

// Toleration lets a pod run on nodes with a taint.
type Toleration struct {
	Key               types.String `tfsdk:"key"`
	Operator          types.String `tfsdk:"operator"`
	Value             types.String `tfsdk:"value"`
	Effect            types.String `tfsdk:"effect"`
	TolerationSeconds types.Int64  `tfsdk:"toleration_seconds"`
}

// TopologySpread spreads pods over nodes, zones or the like.
type TopologySpread struct {
	TopologyKey        types.String   `tfsdk:"topology_key"`
	MaxSkew            types.Int64    `tfsdk:"max_skew"`
	WhenUnsatisfiable  types.String   `tfsdk:"when_unsatisfiable"`
	LabelSelector      *LabelSelector `tfsdk:"label_selector"`
	MatchLabelKeys     []string       `tfsdk:"match_label_keys"`
	MinDomains         types.Int64    `tfsdk:"min_domains"`
	NodeAffinityPolicy types.String   `tfsdk:"node_affinity_policy"`
	NodeTaintsPolicy   types.String   `tfsdk:"node_taints_policy"`
}

// DNSConfig is how a pod resolves names.
type DNSConfig struct {
	Nameservers []string          `tfsdk:"nameservers"`
	Searches    []string          `tfsdk:"searches"`
	Options     map[string]string `tfsdk:"options"`
}

// QueueProxy is Knative's own sidecar, which queues and counts requests.
type QueueProxy struct {
	Resources *Resources `tfsdk:"resources"`
}
