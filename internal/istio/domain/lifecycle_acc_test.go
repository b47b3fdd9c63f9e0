package domain_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const shop = "sls_domain.shop"

const shopConfig = `
resource "sls_application" "web" {
  name       = "web"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  visibility = "cluster-local"
}

resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
}
`

// A domain is created, answers through the gateway for an application that has
// no address of its own outside, is planned without a change, is imported, and is
// gone when it is destroyed.
func TestAccDomainLifecycle(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	values := acctest.Values{"namespace": namespace, "host": host, "image": acctest.Image(t, "HELLO_V1")}
	created := resource.TestStep{
		Config: acctest.Render(t, shopConfig, values),
		Check: resource.ComposeAggregateTestCheckFunc(
			answers(t, "http://"+host+"/", told{Version: "v1", ForwardedHost: host, Path: "/"}),
			resource.TestCheckResourceAttr(shop, "name", host),
			resource.TestCheckResourceAttr(shop, "url", "http://"+host),
			resource.TestCheckResourceAttr(shop, "ready", "true"),
			resource.TestCheckResourceAttr(shop, "dns_target", ""),
			resource.TestMatchResourceAttr(shop, "dns_message", acctest.ErrorSays("istio-system/istio-ingressgateway", "type is NodePort")),
			resource.TestCheckResourceAttr(shop, "drift.#", "0"),
		),
	}
	again := resource.TestStep{Config: acctest.Render(t, shopConfig, values)}
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	imported := resource.TestStep{
		ResourceName: shop, ImportState: true, ImportStateId: namespace + "/" + host,
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	acctest.Test(t, created, again, imported)
	answersNot(t, "http://"+host+"/")
}
