package selection

import "testing"

func TestVerdict(t *testing.T) {
	t.Parallel()
	knative := map[string]string{"serving.knative.dev/route": "shop"}
	for name, test := range map[string]struct {
		preset string
		item   Item
		in     bool
	}{
		"a component":              {"platform", Item{Kind: "deployments.apps", Namespace: "knative-serving"}, true},
		"a pod of it":              {"platform", Item{Kind: "pods", Namespace: "knative-serving"}, false},
		"its namespace":            {"platform", Item{Kind: "namespaces", Name: "knative-serving"}, true},
		"a definition":             {"platform", Item{Kind: "customresourcedefinitions.apiextensions.k8s.io", Name: "a"}, true},
		"a node":                   {"platform", Item{Kind: "nodes", Name: "a"}, false},
		"an application":           {"platform", Item{Kind: "services.serving.knative.dev", Namespace: "shop"}, false},
		"another's namespace":      {"platform", Item{Kind: "namespaces", Name: "shop"}, false},
		"an application, of them":  {"application", Item{Kind: "services.serving.knative.dev", Namespace: "shop"}, true},
		"its namespace, of them":   {"application", Item{Kind: "namespaces", Name: "shop"}, true},
		"the platform's, too":      {"application", Item{Kind: "namespaces", Name: "knative-serving"}, true},
		"its definition":           {"application", Item{Kind: "customresourcedefinitions.apiextensions.k8s.io", Name: "services.serving.knative.dev"}, true},
		"another definition":       {"application", Item{Kind: "customresourcedefinitions.apiextensions.k8s.io", Name: "revisions.serving.knative.dev"}, false},
		"what Knative makes of it": {"application", Item{Kind: "virtualservices.networking.istio.io", Namespace: "shop", Labels: knative}, false},
		"its revision":             {"application", Item{Kind: "revisions.serving.knative.dev", Namespace: "shop"}, false},
		"the platform, of them":    {"application", Item{Kind: "configmaps", Namespace: "knative-serving"}, false},
	} {
		in, why := Presets()[test.preset].Verdict(test.item)
		if in != test.in || why == "" {
			t.Errorf("%s: %t, because %q", name, in, why)
		}
	}
}
