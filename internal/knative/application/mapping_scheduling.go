package application

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func affinity(c mapping, m *Affinity, api *corev1.Affinity) {
	part(c, &m.NodeAffinity, &api.NodeAffinity, nodeAffinity)
	part(c, &m.PodAffinity, &api.PodAffinity, func(c mapping, m *PodAffinity, api *corev1.PodAffinity) {
		podAffinity(c, m, &api.RequiredDuringSchedulingIgnoredDuringExecution, &api.PreferredDuringSchedulingIgnoredDuringExecution)
	})
	part(c, &m.PodAntiAffinity, &api.PodAntiAffinity, func(c mapping, m *PodAffinity, api *corev1.PodAntiAffinity) {
		podAffinity(c, m, &api.RequiredDuringSchedulingIgnoredDuringExecution, &api.PreferredDuringSchedulingIgnoredDuringExecution)
	})
}

func nodeAffinity(c mapping, m *NodeAffinity, api *corev1.NodeAffinity) {
	var required corev1.NodeSelector
	if live := api.RequiredDuringSchedulingIgnoredDuringExecution; live != nil {
		required = *live
	}
	list(c, &m.Required, &required.NodeSelectorTerms, nodeTerm)
	if !c.flattening && len(required.NodeSelectorTerms) > 0 {
		api.RequiredDuringSchedulingIgnoredDuringExecution = &required
	}
	list(c, &m.Preferred, &api.PreferredDuringSchedulingIgnoredDuringExecution,
		func(c mapping, m *PreferredNodeTerm, api *corev1.PreferredSchedulingTerm) {
			number(c, &m.Weight, &api.Weight)
			nodeTerm(c, &m.NodeTerm, &api.Preference)
		})
}

func nodeTerm(c mapping, m *NodeTerm, api *corev1.NodeSelectorTerm) {
	list(c, &m.MatchExpressions, &api.MatchExpressions, nodeRequirement)
	list(c, &m.MatchFields, &api.MatchFields, nodeRequirement)
}

func nodeRequirement(c mapping, m *Requirement, api *corev1.NodeSelectorRequirement) {
	text(c, &m.Key, &api.Key)
	text(c, &m.Operator, &api.Operator)
	words(c, &m.Values, &api.Values)
}

func podAffinity(c mapping, m *PodAffinity, required *[]corev1.PodAffinityTerm, preferred *[]corev1.WeightedPodAffinityTerm) {
	list(c, &m.Required, required, podTerm)
	list(c, &m.Preferred, preferred, func(c mapping, m *PreferredPodTerm, api *corev1.WeightedPodAffinityTerm) {
		number(c, &m.Weight, &api.Weight)
		podTerm(c, &m.PodTerm, &api.PodAffinityTerm)
	})
}

func podTerm(c mapping, m *PodTerm, api *corev1.PodAffinityTerm) {
	text(c, &m.TopologyKey, &api.TopologyKey)
	part(c, &m.LabelSelector, &api.LabelSelector, labelSelector)
	words(c, &m.Namespaces, &api.Namespaces)
	part(c, &m.NamespaceSelector, &api.NamespaceSelector, labelSelector)
	words(c, &m.MatchLabelKeys, &api.MatchLabelKeys)
	words(c, &m.MismatchLabelKeys, &api.MismatchLabelKeys)
}

func labelSelector(c mapping, m *LabelSelector, api *metav1.LabelSelector) {
	pairs(c, &m.MatchLabels, &api.MatchLabels)
	list(c, &m.MatchExpressions, &api.MatchExpressions, func(c mapping, m *Requirement, api *metav1.LabelSelectorRequirement) {
		text(c, &m.Key, &api.Key)
		text(c, &m.Operator, &api.Operator)
		words(c, &m.Values, &api.Values)
	})
}

func toleration(c mapping, m *Toleration, api *corev1.Toleration) {
	text(c, &m.Key, &api.Key)
	text(c, &m.Operator, &api.Operator)
	text(c, &m.Value, &api.Value)
	text(c, &m.Effect, &api.Effect)
	numberPointer(c, &m.TolerationSeconds, &api.TolerationSeconds)
}

func topologySpread(c mapping, m *TopologySpread, api *corev1.TopologySpreadConstraint) {
	text(c, &m.TopologyKey, &api.TopologyKey)
	number(c, &m.MaxSkew, &api.MaxSkew)
	text(c, &m.WhenUnsatisfiable, &api.WhenUnsatisfiable)
	part(c, &m.LabelSelector, &api.LabelSelector, labelSelector)
	words(c, &m.MatchLabelKeys, &api.MatchLabelKeys)
	numberPointer(c, &m.MinDomains, &api.MinDomains)
	inclusion(c, m, api)
}

// inclusion ties the two policies, each a pointer to a named string.
func inclusion(c mapping, m *TopologySpread, api *corev1.TopologySpreadConstraint) {
	affinity, taints := valueOf(api.NodeAffinityPolicy), valueOf(api.NodeTaintsPolicy)
	text(c, &m.NodeAffinityPolicy, &affinity)
	text(c, &m.NodeTaintsPolicy, &taints)
	if !c.flattening && affinity != "" {
		api.NodeAffinityPolicy = &affinity
	}
	if !c.flattening && taints != "" {
		api.NodeTaintsPolicy = &taints
	}
}

func hostAlias(c mapping, m *[]string, api *corev1.HostAlias) {
	words(c, m, &api.Hostnames)
}

func dnsConfig(c mapping, m *DNSConfig, api *corev1.PodDNSConfig) {
	words(c, &m.Nameservers, &api.Nameservers)
	words(c, &m.Searches, &api.Searches)
	keyed(c, &m.Options, &api.Options, func(o *corev1.PodDNSConfigOption) *string { return &o.Name },
		func(c mapping, m *string, o *corev1.PodDNSConfigOption) {
			switch {
			case c.flattening:
				*m = valueOf(o.Value)
			case *m != "":
				o.Value = m
			}
		})
}
