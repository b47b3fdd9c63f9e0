package domain_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const trafficConfig = `
resource "sls_application" "web" {
  name       = "web"
  namespace  = {{quote .namespace}}
  version    = {{quote .version}}
  image      = {{quote .web}}
  visibility = "cluster-local"
  rollout    = "manual"
}

resource "sls_revision_traffic" "web" {
  application = sls_application.web.name
  namespace   = {{quote .namespace}}
  revisions   = [{ version = "1", percent = 100, tag = "stable" }{{if .rules}}, { version = "2", percent = 0, tag = "canary" }]
  rules       = [{ name = "beta", match = [{ path = { prefix = "/beta" } }], target = "canary" }{{end}}]
}

resource "sls_domain" "whole" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
}

resource "sls_domain" "part" {
  host      = "part.{{.host}}"
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name, path_prefix = "/shop", strip_prefix = true }]
}
{{if .late}}
resource "sls_domain" "late" {
  host      = "late.{{.host}}"
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name, path_prefix = "/late" }]
}
{{end}}
`

// The rules of sls_revision_traffic hold for the domains that there are, and for
// one that comes later, beneath each domain's prefix.
func TestAccDomainGetsTheRules(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	step := func(version string, rules, late bool, checks ...resource.TestCheckFunc) resource.TestStep {
		return resource.TestStep{
			Config: config(t, namespace, trafficConfig, acctest.Values{
				"version": version, "web": acctest.Image(t, "HELLO_V"+version), "rules": rules, "late": late,
			}),
			Check: resource.ComposeTestCheckFunc(checks...),
		}
	}
	first := step("1", false, false,
		answers(t, "http://"+host+"/beta/1", told{Version: "v1", Path: "/beta/1", ForwardedHost: host}),
		answers(t, "http://part."+host+"/shop/beta/1", told{Version: "v1", Path: "/beta/1"}))
	ruled := step("2", true, false,
		answers(t, "http://"+host+"/beta/1", told{Version: "v2", Path: "/beta/1", ForwardedHost: host}),
		answers(t, "http://"+host+"/x", told{Version: "v1"}),
		answers(t, "http://part."+host+"/shop/beta/1", told{Version: "v2", Path: "/beta/1", ForwardedHost: "part." + host}),
		answers(t, "http://part."+host+"/shop/x", told{Version: "v1", Path: "/x"}))
	late := step("2", true, true,
		answers(t, "http://late."+host+"/late/beta/1", told{Version: "v2", Path: "/late/beta/1"}),
		answers(t, "http://late."+host+"/late/x", told{Version: "v1"}))
	again := step("2", true, true)
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	acctest.Test(t, first, ruled, late, again)
}
