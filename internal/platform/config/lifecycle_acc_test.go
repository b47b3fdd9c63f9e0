package config_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// The keys come and go with the attributes, those of others and what the release
// brought stay, and no plan shows a change that is none.
func TestAccPlatformConfig(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.set("somebody", "config-autoscaler", map[string]any{"max-scale": "7"})

	created := resource.TestStep{Config: p.config(`
  domain  = { "example.com" = {}, "staff.example.com" = { selector = { audience = "staff" } } }
  network = { rollout_duration = "2m", external_domain_tls = "enabled", namespace_wildcard_cert_selector = {} }
  features   = { kubernetes_podspec_affinity = "enabled", secure_pod_defaults = "AllowRootBounded" }
  autoscaler = { stable_window = "90s", max_scale_up_rate = 2.5, enable_scale_to_zero = false }
  gc         = { max_non_active_revisions = 40, retain_since_create_time = "disabled" }
  deployment = { queue_sidecar_cpu_request = "20m", registries_skipping_tag_resolving = ["ko.local", "dev.local"] }
  defaults   = { revision_timeout_seconds = 700, max_revision_timeout_seconds = 900 }
  observability = { tracing_protocol = "grpc", tracing_endpoint = "collector:4317", tracing_sampling_rate = 0.1 }
`), Check: func(*terraform.State) error {
		p.has("config-domain", map[string]string{"example.com": "", "staff.example.com": "selector:\n  audience: staff\n"})
		p.has("config-network", map[string]string{"rollout-duration": "120", "external-domain-tls": "enabled", "namespace-wildcard-cert-selector": "{}"})
		p.has("config-features", map[string]string{"kubernetes.podspec-affinity": "enabled", "secure-pod-defaults": "AllowRootBounded"})
		p.has("config-autoscaler", map[string]string{"stable-window": "90s", "max-scale-up-rate": "2.5", "enable-scale-to-zero": "false", "max-scale": "7"})
		p.has("config-gc", map[string]string{"max-non-active-revisions": "40", "retain-since-create-time": "disabled"})
		p.has("config-deployment", map[string]string{"queue-sidecar-cpu-request": "20m", "registries-skipping-tag-resolving": "dev.local,ko.local"})
		p.has("config-defaults", map[string]string{"revision-timeout-seconds": "700", "max-revision-timeout-seconds": "900"})
		p.has("config-observability", map[string]string{"tracing-protocol": "grpc", "tracing-endpoint": "collector:4317", "tracing-sampling-rate": "0.1"})
		p.isFinished("config-domain")
		return nil
	}}
	again := resource.TestStep{Config: created.Config}
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	imported := resource.TestStep{
		ResourceName: this, ImportState: true, ImportStateId: p.namespace,
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "namespace",
	}
	changed := resource.TestStep{Config: p.config(`
  domain     = { "staff.example.com" = { selector = { audience = "all" } } }
  network    = { rollout_duration = "120s", domain_template = "{{.Name}}-{{.Namespace}}.{{.Domain}}" }
  autoscaler = { stable_window = "60s" }
  gc         = {}
`), Check: func(*terraform.State) error {
		p.has("config-domain", map[string]string{"staff.example.com": "selector:\n  audience: all\n"})
		p.has("config-network", map[string]string{"rollout-duration": "120", "domain-template": "{{.Name}}-{{.Namespace}}.{{.Domain}}"})
		p.has("config-autoscaler", map[string]string{"stable-window": "60s", "max-scale": "7"})
		for _, name := range []string{"config-features", "config-gc", "config-deployment", "config-defaults", "config-observability"} {
			p.has(name, nil)
			if owners := p.owners(name); len(owners) > 0 {
				t.Errorf("%s is still managed by %v", name, owners)
			}
		}
		return nil
	}}
	changed.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(this, plancheck.ResourceActionUpdate)}
	acctest.Test(t, created, again, imported, changed)

	for _, name := range []string{"config-domain", "config-network", "config-features", "config-gc"} {
		p.has(name, nil)
		if owners := p.owners(name); len(owners) > 0 {
			t.Errorf("destroyed, %s is still managed by %v", name, owners)
		}
	}
	p.has("config-autoscaler", map[string]string{"max-scale": "7"})
}

// Every attribute is applied, and the plan after it is empty: as it was written,
// imported, and written otherwise by somebody who means the same.
func TestAccPlatformConfigOfEveryAttribute(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	body := strings.ReplaceAll(everyAttributeInHCL(t), `"knative-serving"`, `"`+p.namespace+`"`)
	created := resource.TestStep{Config: body}
	again := resource.TestStep{Config: body}
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	imported := resource.TestStep{
		ResourceName: this, ImportState: true, ImportStateId: p.namespace,
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "namespace",
	}
	otherwise := again
	otherwise.PreConfig = func() {
		p.set("somebody", "config-autoscaler", map[string]any{"stable-window": "1m30s", "enable-scale-to-zero": "False", "activator-capacity": "150.0"})
		p.set("somebody", "config-features", map[string]any{"multi-container": "Disabled"})
		p.set("somebody", "config-defaults", map[string]any{"revision-cpu-limit": "1.5"})
		p.set("somebody", "config-domain", map[string]any{"internal.example.com": `{"selector": {"audience": "staff"}}`})
	}
	acctest.Test(t, created, again, imported, otherwise)
}
