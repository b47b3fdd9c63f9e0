package config

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// A webhook says in text what it refuses: a key that it names is the attribute.
func TestRefusedWrites(t *testing.T) {
	autoscaler := map[string]string{"min-scale": "5", "max-scale": "3", "max-scale-limit": "9", "initial-scale": "0", "allow-zero-initial-scale": "false"}
	for name, test := range map[string]struct {
		err  error
		want path.Path
	}{
		"a key":              {apierrors.NewBadRequest(`admission webhook "config.webhook.serving.knative.dev" denied the request: validation failed: min-scale = -1`), path.Root("autoscaler").AtName("min_scale")},
		"the longer of keys": {apierrors.NewBadRequest("validation failed: max-scale-limit = -1, must be at least 0"), path.Root("autoscaler").AtName("max_scale_limit")},
		"of others, too":     {apierrors.NewBadRequest("allow-zero-initial-scale may not be set here"), path.Root("autoscaler").AtName("allow_zero_initial_scale")},
		"no key of ours":     {apierrors.NewBadRequest("validation failed: stable-window = 1s"), path.Root("autoscaler")},
		"a policy":           {apierrors.NewForbidden(configMapKind.GroupResource(), "config-autoscaler", errors.New("max-scale is 20 here")), path.Root("autoscaler").AtName("max_scale")},
		"no refusal":         {apierrors.NewGenericServerResponse(http.StatusServiceUnavailable, "patch", configMapKind.GroupResource(), "max-scale", "away", 1, false), path.Empty()},
	} {
		t.Run(name, func(t *testing.T) {
			var diags diag.Diagnostics
			w := &writer{namespace: "knative-serving", manager: "sls-platform-config", doing: "Can't"}
			w.refuse(&change{section: autoscalerSection, live: &kube.Object{Object: map[string]any{}}, wanted: autoscaler}, test.err, &diags)
			at := path.Empty()
			if d, ok := diags[0].(diag.DiagnosticWithPath); ok {
				at = d.Path()
			}
			if len(diags) != 1 || !at.Equal(test.want) {
				t.Errorf("told at %s, want %s: %v", at, test.want, diags)
			}
		})
	}
}

// What can't be read counts as not set, and is told.
func TestUnreadableKeys(t *testing.T) {
	m := planned(t, everyAttribute(t))
	live := map[*section]*kube.Object{}
	for s, data := range m.expand() {
		live[s] = &kube.Object{Object: map[string]any{}}
		all := map[string]any{}
		for key, value := range data {
			all[key] = value
		}
		live[s].Object["data"] = all
	}
	set := func(s *section, key, value string) {
		data, _ := live[s].Object["data"].(map[string]any)
		data[key] = value
	}
	set(autoscalerSection, "max-scale", "many")
	set(gcSection, "max-non-active-revisions", "-1")
	set(gcSection, "retain-since-create-time", "long")
	set(defaultsSection, "revision-memory-limit", "1 GB")
	set(deploymentSection, "runtime-class-name", "- kata")
	set(deploymentSection, "pod-is-always-schedulable", "maybe")
	set(featuresSection, "multi-container", "on")
	set(networkSection, "rollout-duration", "1m")
	set(networkSection, "namespace-wildcard-cert-selector", "all")
	set(observabilitySection, "tracing-sampling-rate", "half")
	set(autoscalerSection, "container-concurrency-target-percentage", "some")
	set(domainSection, "eu.example.com", "- eu")

	var diags diag.Diagnostics
	flat := flatten(m, live, "sls-platform-config", &diags)
	var told []string
	for _, d := range diags {
		told = append(told, strings.TrimSuffix(d.Summary(), " has no value that can be read"))
	}
	slices.Sort(told)
	want := []string{
		"autoscaler.container_concurrency_target_percentage", "autoscaler.max_scale", "defaults.revision_memory_limit",
		"deployment.pod_is_always_schedulable", "deployment.runtime_class_name", `domain["eu.example.com"]`, "features.multi_container",
		"gc.max_non_active_revisions", "gc.retain_since_create_time", "network.namespace_wildcard_cert_selector", "network.rollout_duration",
		"observability.tracing_sampling_rate",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told are %q, want %q", told, want)
	}
	for s, keys := range m.expand() {
		for key := range keys {
			_, there := flat.expand()[s][key]
			if unread := slices.Contains(want, s.named(key)); there == unread {
				t.Errorf("%s: in the state: %t, unreadable: %t", s.named(key), there, unread)
			}
		}
	}
}

// The state shows the keys that are configured, as they are, and no others.
func TestForeignKeysAreNotRead(t *testing.T) {
	m := planned(t, map[string]any{"namespace": "knative-serving", "gc": map[string]any{"min_non_active_revisions": 1}})
	live := map[*section]*kube.Object{gcSection: {Object: map[string]any{"data": map[string]any{
		"min-non-active-revisions": "2", "max-non-active-revisions": "9", exampleKey: "…",
	}}}}
	var diags diag.Diagnostics
	flat := flatten(m, live, "sls-platform-config", &diags)
	if got := flat.expand()[gcSection]; len(got) != 1 || got["min-non-active-revisions"] != "2" {
		t.Errorf("read are %v", got)
	}
	if !flat.Network.IsNull() || len(diags) > 0 {
		t.Errorf("network is %s; told: %v", flat.Network, diags)
	}
}
