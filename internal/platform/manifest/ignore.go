package manifest

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Rule names fields that others may take over: they are applied while nobody
// else has set them, and what others set is no drift.
type Rule struct {
	Group     *string // nil for any
	Kind      string
	Namespace string // empty for any
	Name      string // empty for any
	Paths     []string
}

// Pointer splits a JSON pointer (RFC 6901), in which * is every item.
func Pointer(text string) ([]string, error) {
	if !strings.HasPrefix(text, "/") || text == "/" {
		return nil, fmt.Errorf("%q is no JSON pointer, which begins with a slash, such as /data/key", text)
	}
	steps := strings.Split(text[1:], "/")
	for i, step := range steps {
		if step == "" {
			return nil, fmt.Errorf("%q has an empty part", text)
		}
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
	}
	return steps, nil
}

func anyGroup(group string) *string { return &group }

// builtInRules are fields that have other writers wherever they occur: a
// webhook's certificate authority, and what its own controller makes of the
// rest of it (Knative's writes the rules and the selectors, Istio's the failure
// policy).
var builtInRules = []Rule{
	{Group: anyGroup("admissionregistration.k8s.io"), Kind: "MutatingWebhookConfiguration", Paths: webhookPaths},
	{Group: anyGroup("admissionregistration.k8s.io"), Kind: "ValidatingWebhookConfiguration", Paths: webhookPaths},
	{Group: anyGroup(CRDs.Group), Kind: CRDs.Name, Paths: []string{"/spec/conversion/webhook/clientConfig/caBundle"}},
	{Group: anyGroup("apiregistration.k8s.io"), Kind: "APIService", Paths: []string{"/spec/caBundle"}},
}

var webhookPaths = []string{
	"/webhooks/*/clientConfig/caBundle", "/webhooks/*/clientConfig/service/path",
	"/webhooks/*/failurePolicy", "/webhooks/*/rules", "/webhooks/*/namespaceSelector", "/webhooks/*/objectSelector",
}

// autoscaled returns a rule for each workload whose number of pods an
// autoscaler of the manifest decides.
func autoscaled(objects []*Object) []Rule {
	var rules []Rule
	for _, object := range objects {
		if object.Group != "autoscaling" || object.Kind != "HorizontalPodAutoscaler" {
			continue
		}
		target, _, _ := unstructured.NestedStringMap(object.Object.Object, "spec", "scaleTargetRef")
		rules = append(rules, Rule{Kind: target["kind"], Namespace: object.Namespace, Name: target["name"], Paths: []string{"/spec/replicas"}})
	}
	return rules
}

// aggregated returns a rule for each ClusterRole whose rules Kubernetes gathers
// from others, whatever the manifest has in their place.
func aggregated(objects []*Object) []Rule {
	var rules []Rule
	for _, object := range objects {
		if object.Group != "rbac.authorization.k8s.io" || object.Kind != "ClusterRole" {
			continue
		}
		if _, is, _ := unstructured.NestedMap(object.Object.Object, "aggregationRule"); is {
			rules = append(rules, Rule{Group: &object.Group, Kind: object.Kind, Name: object.Name, Paths: []string{"/rules"}})
		}
	}
	return rules
}

// Ignored says which fields of a manifest's objects others may take over.
type Ignored []Rule

// Of returns the patterns of the fields of one object that others may take over.
func (rules Ignored) Of(id ID) Patterns {
	var patterns Patterns
	for _, rule := range rules {
		if rule.Kind != id.Kind || (rule.Group != nil && *rule.Group != id.Group) ||
			(rule.Namespace != "" && rule.Namespace != id.Namespace) || (rule.Name != "" && rule.Name != id.Name) {
			continue
		}
		for _, path := range rule.Paths {
			if steps, err := Pointer(path); err == nil { // refused by Render otherwise
				patterns = append(patterns, steps)
			}
		}
	}
	return patterns
}

// Patterns are fields by JSON pointers.
type Patterns [][]string

// Match reports whether a field, by its path as in managedFields, is one of the
// patterns', or within one.
func (patterns Patterns) Match(path []string) bool {
	for _, pattern := range patterns {
		if len(path) >= len(pattern) && matches(pattern, path) {
			return true
		}
	}
	return false
}

func matches(pattern, path []string) bool {
	for i, step := range pattern {
		name, isField := strings.CutPrefix(path[i], "f:")
		if step != "*" && (!isField || name != step) {
			return false
		}
	}
	return true
}

// Yield removes from what is wanted those fields of the patterns that others
// than the manager have on the live object.
func (patterns Patterns) Yield(wanted, live *kube.Object, manager string) {
	if len(patterns) == 0 || live == nil {
		return
	}
	for _, part := range kube.PartsOfOthers(live, manager) {
		if patterns.Match(part.Path) {
			part.Remove(wanted.Object)
		}
	}
}

// WithBuiltIn returns rules with those that always hold before them.
func WithBuiltIn(rules Ignored) Ignored { return slices.Concat(builtInRules, rules) }
