package config_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// What somebody else has set to another value is refused by their name, with the
// key and both values, for all ConfigMaps at once and before the first write;
// unless it is to be taken over.
func TestAccPlatformConfigConflicts(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.set("kubectl-edit", "config-gc", map[string]any{"max-non-active-revisions": "5", "min-non-active-revisions": "2"})
	p.set("operator", "config-observability", map[string]any{"logging.enable-request-log": "true"})
	body := `
  network       = { rollout_duration = "1m" }
  gc            = { max_non_active_revisions = 7, min_non_active_revisions = 2 }
  observability = { logging_enable_request_log = false }
`
	edits := `The field manager kubectl-edit has set the key max-non-active-revisions of the ConfigMap ` + p.namespace + `/config-gc to "5"; this configuration wants "7".`
	refused := resource.TestStep{Config: p.config(body), ExpectError: acctest.ErrorSays(
		"somebody else has set gc.max_non_active_revisions", "with sls_platform_config.this", edits, "force_conflicts = true",
		"somebody else has set observability.logging_enable_request_log", `operator has set the key logging.enable-request-log`, `to "true"; this configuration wants "false"`,
	)}
	forced := resource.TestStep{Config: p.config(body + "  force_conflicts = true")}
	forced.PreConfig = func() {
		p.has("config-network", nil)
		p.has("config-gc", map[string]string{"max-non-active-revisions": "5", "min-non-active-revisions": "2"})
	}
	forced.Check = func(*terraform.State) error {
		p.has("config-network", map[string]string{"rollout-duration": "60"})
		p.has("config-gc", map[string]string{"max-non-active-revisions": "7", "min-non-active-revisions": "2"})
		p.has("config-observability", map[string]string{"logging.enable-request-log": "false"})
		return nil
	}
	acctest.Test(t, refused, forced)
	p.has("config-gc", map[string]string{"min-non-active-revisions": "2"}) // theirs too
}

// Drift shows key by key. What is gone is set again; what somebody has changed is
// theirs to give back.
func TestAccPlatformConfigDrift(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	body := p.config(`  autoscaler = { max_scale = 10, min_scale = 1, stable_window = "60s" }`)
	created := resource.TestStep{Config: body}
	gone := resource.TestStep{Config: body, Check: func(*terraform.State) error {
		p.has("config-autoscaler", map[string]string{"max-scale": "10", "min-scale": "1", "stable-window": "60s"})
		return nil
	}}
	gone.PreConfig = func() { p.set("kubectl-edit", "config-autoscaler", map[string]any{"max-scale": nil}) }
	gone.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(this, plancheck.ResourceActionUpdate)}
	edited := resource.TestStep{Config: body, ExpectError: acctest.ErrorSays("somebody else has set autoscaler.max_scale",
		`kubectl-edit has set the key max-scale of the ConfigMap`, `to "50"; this configuration wants "10"`)}
	edited.PreConfig = func() { p.set("kubectl-edit", "config-autoscaler", map[string]any{"max-scale": "50"}) }
	forced := resource.TestStep{Config: strings.Replace(body, "namespace", "force_conflicts = true\n  namespace", 1), Check: gone.Check}
	acctest.Test(t, created, gone, edited, forced)
}

// There is one configuration of a namespace: another one is refused with the
// import block, and adopts the keys if it is told so.
func TestAccPlatformConfigExists(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	first := p.config(`  gc = { min_non_active_revisions = 3, max_non_active_revisions = 9 }`)
	second := func(more string) string {
		return strings.Replace(p.config(`  gc = { min_non_active_revisions = 4 }`+more), `"this"`, `"second"`, 1)
	}
	created := resource.TestStep{Config: first}
	refused := resource.TestStep{Config: first + second(""), ExpectError: acctest.ErrorSays(
		"There is an sls_platform_config for this namespace already",
		"Its field manager, sls-platform-config, has set gc.max_non_active_revisions, gc.min_non_active_revisions in "+p.namespace,
		`id = "`+p.namespace+`"`, "adopt = true")}
	removed := resource.TestStep{Config: "removed {\n  from = sls_platform_config.this\n  lifecycle {\n    destroy = false\n  }\n}\n"}
	adopted := resource.TestStep{Config: second("\n  adopt = true"), Check: func(*terraform.State) error {
		p.has("config-gc", map[string]string{"min-non-active-revisions": "4"})
		return nil
	}}
	adopted.PreConfig = func() {
		p.has("config-gc", map[string]string{"min-non-active-revisions": "3", "max-non-active-revisions": "9"})
	}
	acctest.Test(t, created, refused, removed, adopted)
}

// What was there before Terraform is imported, all keys that have an attribute;
// the first write takes over from the clients that people use.
func TestAccPlatformConfigImport(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.set("kubectl-patch", "config-autoscaler", map[string]any{"max-scale": "5", "enable-scale-to-zero": "False", "scale-down-delay": "90s"})
	p.set("kubectl-patch", "config-domain", map[string]any{"example.com": ""})
	config := func(most string) string {
		return p.config(`
  domain     = { "example.com" = {} }
  autoscaler = { max_scale = ` + most + `, enable_scale_to_zero = false, scale_down_delay = "90s" }
`)
	}
	block := "import {\n  to = sls_platform_config.this\n  id = \"" + p.namespace + "\"\n}\n"
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+config("5")+block)
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the import is not empty")
	}
	tf.Configure(t, acctest.ProviderBlock(t)+config("6"))
	tf.Apply(t)
	p.has("config-autoscaler", map[string]string{"max-scale": "6", "enable-scale-to-zero": "false", "scale-down-delay": "90s"})

	// Only the first write does.
	p.set("kubectl-patch", "config-autoscaler", map[string]any{"max-scale": "8"})
	if result := tf.Run(t, "apply", "-auto-approve", "-no-color"); result.ExitCode == 0 || !strings.Contains(result.Output, "kubectl-patch has set") {
		t.Errorf("the second edit was overwritten:\n%s", result.Output)
	}
	p.set("kubectl-patch", "config-autoscaler", map[string]any{"max-scale": "6"})

	// What is given back and stays is told.
	result := tf.Destroy(t)
	for _, says := range []string{"autoscaler.max_scale stays as it is", `kubectl-patch has set it`, `domain["example.com"] stays as it is`} {
		if !acctest.ErrorSays(says).MatchString(result.Output) {
			t.Errorf("the destroy does not say %q:\n%s", says, result.Output)
		}
	}
	p.has("config-domain", map[string]string{"example.com": ""})
}
