package application

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/apimachinery/pkg/api/resource"
)

// validatePod refuses what Knative lets through and Kubernetes refuses of the
// Deployment that Knative makes. Of that Knative tells in an event alone, among
// others that pass by themselves, so that a wait would last until its deadline.
func validatePod(t *Template, diags *diag.Diagnostics) {
	validateResources(t.Resources, path.Root("resources"), diags)
	for name, sidecar := range t.Sidecars {
		validateResources(sidecar.Resources, path.Root("sidecars").AtMapKey(name).AtName("resources"), diags)
	}
	for i := range t.InitContainers {
		validateResources(t.InitContainers[i].Resources, path.Root("init_containers").AtListIndex(i).AtName("resources"), diags)
	}
	if t.QueueProxy != nil {
		validateResources(t.QueueProxy.Resources, path.Root("queue_proxy").AtName("resources"), diags)
	}
	for i := range t.Tolerations {
		validateToleration(&t.Tolerations[i], path.Root("tolerations").AtListIndex(i), diags)
	}
	if t.DNSPolicy.ValueString() == "None" && (t.DNSConfig == nil || len(t.DNSConfig.Nameservers) == 0) {
		diags.AddAttributeError(path.Root("dns_policy"), "There would be no name server", `With dns_policy = "None", name one at least in dns_config.nameservers.`)
	}
	for i := range t.TopologySpread {
		at := path.Root("topology_spread").AtListIndex(i)
		validateSelector(t.TopologySpread[i].LabelSelector, at.AtName("label_selector"), diags)
		validateSpread(t.TopologySpread, i, at, diags)
	}
	validateAffinity(t.Affinity, diags)
}

// validateResources refuses requests that their limits don't allow.
func validateResources(r *Resources, at path.Path, diags *diag.Diagnostics) {
	if r == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.Requests)) {
		request, err := resource.ParseQuantity(r.Requests[name].ValueString())
		if err != nil {
			continue // the attribute's own validator says so
		}
		here := at.AtName("requests").AtMapKey(name)
		// What is not Kubernetes' own, such as a GPU, can't be shared out more
		// than once.
		counted := strings.Contains(name, "/") && !strings.Contains(name, "kubernetes.io/")
		limit, err := resource.ParseQuantity(r.Limits[name].ValueString())
		switch {
		case err != nil && counted:
			diags.AddAttributeError(here, "A limit is missing", fmt.Sprintf("Kubernetes wants limits of %s that equal the requests.", name))
		case err != nil: // none
		case counted && request.Cmp(limit) != 0:
			diags.AddAttributeError(here, "It differs from its limit", fmt.Sprintf("Kubernetes wants requests of %s that equal its limit of %s.", name, limit.String()))
		case request.Cmp(limit) > 0:
			diags.AddAttributeError(here, "It is more than its limit", fmt.Sprintf("%s is requested, and the limit is %s.", request.String(), limit.String()))
		}
	}
}

func validateToleration(t *Toleration, at path.Path, diags *diag.Diagnostics) {
	exists := t.Operator.ValueString() == "Exists"
	if t.Key.ValueString() == "" && !exists {
		diags.AddAttributeError(at, "The key is missing", `Only operator = "Exists" goes without a key, for all taints.`)
	}
	if exists && t.Value.ValueString() != "" {
		diags.AddAttributeError(at.AtName("value"), "There is nothing to compare with", `operator = "Exists" takes no value.`)
	}
	if !t.TolerationSeconds.IsNull() && slices.Contains([]string{"", "NoSchedule", "PreferNoSchedule"}, t.Effect.ValueString()) {
		diags.AddAttributeError(at.AtName("toleration_seconds"), "Only NoExecute ends pods", `toleration_seconds needs effect = "NoExecute".`)
	}
}

func validateSpread(all []TopologySpread, i int, at path.Path, diags *diag.Diagnostics) {
	one := &all[i]
	if !one.MinDomains.IsNull() && one.WhenUnsatisfiable.ValueString() == "ScheduleAnyway" {
		diags.AddAttributeError(at.AtName("min_domains"), "It would have no effect", `min_domains needs when_unsatisfiable = "DoNotSchedule".`)
	}
	if len(one.MatchLabelKeys) > 0 && one.LabelSelector == nil {
		diags.AddAttributeError(at.AtName("match_label_keys"), "The label selector is missing", "match_label_keys add to a label_selector.")
	}
	same := func(other TopologySpread) bool {
		return other.TopologyKey.Equal(one.TopologyKey) && other.WhenUnsatisfiable.Equal(one.WhenUnsatisfiable)
	}
	if slices.ContainsFunc(all[:i], same) {
		diags.AddAttributeError(at.AtName("topology_key"), "It is there twice",
			"Another element has the same topology_key and when_unsatisfiable.")
	}
}

func validateAffinity(a *Affinity, diags *diag.Diagnostics) {
	if a == nil {
		return
	}
	root := path.Root("affinity")
	if n := a.NodeAffinity; n != nil {
		at := root.AtName("node_affinity")
		for i := range n.Required {
			validateNodeTerm(&n.Required[i], at.AtName("required").AtListIndex(i), diags)
		}
		for i := range n.Preferred {
			validateNodeTerm(&n.Preferred[i].NodeTerm, at.AtName("preferred").AtListIndex(i), diags)
		}
	}
	for name, p := range map[string]*PodAffinity{"pod_affinity": a.PodAffinity, "pod_anti_affinity": a.PodAntiAffinity} {
		if p == nil {
			continue
		}
		for i := range p.Required {
			validatePodTerm(&p.Required[i], root.AtName(name).AtName("required").AtListIndex(i), diags)
		}
		for i := range p.Preferred {
			validatePodTerm(&p.Preferred[i].PodTerm, root.AtName(name).AtName("preferred").AtListIndex(i), diags)
		}
	}
}

func validateNodeTerm(t *NodeTerm, at path.Path, diags *diag.Diagnostics) {
	validateRequirements(t.MatchExpressions, at.AtName("match_expressions"), diags)
	for i := range t.MatchFields {
		if len(t.MatchFields[i].Values) == 0 {
			diags.AddAttributeError(at.AtName("match_fields").AtListIndex(i), "The values are missing", "A field is compared with one value at least.")
		}
	}
}

func validatePodTerm(t *PodTerm, at path.Path, diags *diag.Diagnostics) {
	validateSelector(t.LabelSelector, at.AtName("label_selector"), diags)
	validateSelector(t.NamespaceSelector, at.AtName("namespace_selector"), diags)
}

func validateSelector(s *LabelSelector, at path.Path, diags *diag.Diagnostics) {
	if s != nil {
		validateRequirements(s.MatchExpressions, at.AtName("match_expressions"), diags)
	}
}

// validateRequirements refuses conditions whose operator takes other values.
func validateRequirements(list []Requirement, at path.Path, diags *diag.Diagnostics) {
	for i := range list {
		here := at.AtListIndex(i)
		switch operator := list[i].Operator.ValueString(); operator {
		case "In", "NotIn":
			if len(list[i].Values) == 0 {
				diags.AddAttributeError(here, "The values are missing", operator+" compares with one value at least.")
			}
		case "Exists", "DoesNotExist":
			if len(list[i].Values) > 0 {
				diags.AddAttributeError(here.AtName("values"), "There is nothing to compare with", operator+" takes no values.")
			}
		case "Gt", "Lt":
			number := len(list[i].Values) == 1
			if number {
				_, err := strconv.ParseInt(list[i].Values[0], 10, 64)
				number = err == nil
			}
			if !number {
				diags.AddAttributeError(here, "It must be one number", operator+" compares with one whole number.")
			}
		}
	}
}
