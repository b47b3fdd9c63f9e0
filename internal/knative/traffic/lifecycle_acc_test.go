package traffic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

const (
	onlyV1 = `
  revisions = [{ version = "v1", percent = 100, tag = "stable" }]
`
	toTesters = `
  revisions = [
    { version = "v1", percent = 100, tag = "stable" },
    { version = "v2", tag = "next" },
  ]
  rules = [{
    name   = "testers"
    match  = [{ headers = { "x-tester" = { exact = "yes" } } }]
    target = "next"
  }]
  version_header = "x-version"
`
	promoted = `
  revisions = [{ version = "v2", percent = 100, tag = "stable" }]
`
)

// A version is released to those who send a header, is promoted, and is rolled
// back; the plan is empty in between, which the framework checks after every
// step.
func TestAccTrafficLifecycle(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	imported := func(step resource.TestStep) resource.TestStep {
		return resource.TestStep{
			Config: step.Config, ResourceName: res, ImportState: true, ImportStateId: namespace + "/web",
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "application", ImportStateVerifyIgnore: []string{"drain"},
		}
	}
	created := resource.TestStep{
		Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1),
		Check: resource.ComposeAggregateTestCheckFunc(
			answers(t, address, "v1"), answers(t, address, "v1", "x-tester", "yes"),
			resource.TestCheckResourceAttr(res, "ready", "true"),
			resource.TestCheckResourceAttr(res, "drift.#", "0"),
			resource.TestCheckResourceAttr(res, "rules_hosts.0", strings.TrimPrefix(address, "http://")),
			resource.TestCheckResourceAttrPair(res, "targets.0.revision", "sls_application.web", "revision"),
			resource.TestCheckResourceAttr(res, "targets.0.tag", "stable"),
			resource.TestCheckResourceAttr(res, "targets.0.url", fmt.Sprintf("http://stable-web.%s.%s", namespace, acctest.Domain(t))),
		),
	}
	released := resource.TestStep{
		Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, toTesters),
		Check: resource.ComposeAggregateTestCheckFunc(
			answers(t, address, "v1"), answers(t, address, "v2", "x-tester", "yes"),
			resource.TestCheckResourceAttr(res, "targets.1.version", "v2"),
		),
	}
	again := released
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	again.Check = nil
	promotion := resource.TestStep{
		Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, promoted),
		Check:  resource.ComposeAggregateTestCheckFunc(answers(t, address, "v2"), answers(t, address, "v2", "x-tester", "yes")),
	}
	back := resource.TestStep{
		Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, toTesters),
		Check:  resource.ComposeAggregateTestCheckFunc(answers(t, address, "v1"), answers(t, address, "v2", "x-tester", "yes")),
	}
	acctest.Test(t, created, imported(created), released, again, imported(released), promotion, back)
	missing(t, routing.VirtualServices, namespace, delegate)
}
