package domain_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
)

const routesConfig = twoApplications + `
resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes = [
    { application = sls_application.web.name },
    { application = sls_application.cart.name, path_prefix = "/cart", strip_prefix = true },
    { application = sls_application.web.name, path_prefix = "/cart/help" },
  ]
}

# Another domain for the same application.
resource "sls_domain" "alias" {
  host      = "www.{{.host}}"
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
}

# The same host, from another namespace.
resource "sls_domain" "orders" {
  host      = {{quote .host}}
  namespace = {{quote .elsewhere}}
  routes    = [{ application = sls_application.cart.name, namespace = {{quote .namespace}}, path_prefix = "/orders" }]
}

# The same host, in the same namespace.
resource "sls_domain" "accounts" {
  name      = "accounts"
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.cart.name, path_prefix = "/accounts", strip_prefix = true }]
}
`

// Each row is there for a wrong implementation that would fail it.
func TestAccDomainRoutes(t *testing.T) {
	t.Parallel()
	namespace, elsewhere := acctest.Namespace(t), acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	requests := map[string]struct {
		url  string
		want told
	}{
		"root":                             {"/", told{Greeting: "web", Path: "/", ForwardedHost: host}},
		"any path":                         {"/a/b?x=1", told{Greeting: "web", Path: "/a/b"}},
		"prefix itself":                    {"/cart", told{Greeting: "cart", Path: "/", ForwardedHost: host}},
		"prefix itself, with a query":      {"/cart?x=1", told{Greeting: "cart", Path: "/"}},
		"prefix with a slash":              {"/cart/", told{Greeting: "cart", Path: "/"}},
		"beneath the prefix":               {"/cart/items/7", told{Greeting: "cart", Path: "/items/7"}},
		"the prefix is no segment":         {"/cartoon", told{Greeting: "web", Path: "/cartoon"}},
		"the prefix is not at the start":   {"/a/cart", told{Greeting: "web", Path: "/a/cart"}},
		"the longer prefix, not stripped":  {"/cart/help/me", told{Greeting: "web", Path: "/cart/help/me"}},
		"the longer prefix itself":         {"/cart/help", told{Greeting: "web", Path: "/cart/help"}},
		"the longer prefix is no segment":  {"/cart/helpers", told{Greeting: "cart", Path: "/helpers"}},
		"the prefix again in the path":     {"/cart/cart/x", told{Greeting: "cart", Path: "/cart/x"}},
		"an escaped character stays":       {"/cart/a%20b", told{Greeting: "cart", Path: "/a b"}},
		"another case is another path":     {"/Cart", told{Greeting: "web", Path: "/Cart"}},
		"a domain of another namespace":    {"/orders/1", told{Greeting: "cart", Path: "/orders/1", ForwardedHost: host}},
		"a second domain of the namespace": {"/accounts/me", told{Greeting: "cart", Path: "/me"}},
	}
	config := config(t, namespace, routesConfig, acctest.Values{"elsewhere": elsewhere})
	check := []resource.TestCheckFunc{
		answers(t, "http://www."+host+"/", told{Greeting: "web", ForwardedHost: "www." + host}),
		resource.TestCheckResourceAttr("sls_domain.accounts", "name", "accounts"),
	}
	for name, request := range requests {
		check = append(check, func(*terraform.State) error {
			acctest.GetUntil(t, "http://"+host+request.url, func(answer acctest.Answer) error {
				if err := tells(answer, request.want); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				return nil
			})
			return nil
		})
	}
	step := resource.TestStep{Config: config, Check: resource.ComposeTestCheckFunc(check...)}
	again := resource.TestStep{Config: config}
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	acctest.Test(t, step, again)
}

// A domain moves from one application to another in place, and no request under
// way or new is lost.
func TestAccDomainRetarget(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	const text = `
resource "sls_application" "old" {
  name       = "old"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  visibility = "cluster-local"
  scaling    = { min = 1 }
}

resource "sls_application" "new" {
  name       = "new"
  namespace  = {{quote .namespace}}
  image      = {{quote .image2}}
  visibility = "cluster-local"
  scaling    = { min = 1 }
}

resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.{{.to}}.name }]
}
`
	render := func(to string) string {
		return config(t, namespace, text, acctest.Values{"to": to, "image2": acctest.Image(t, "HELLO_V2")})
	}
	var uid any
	var attack *load.Attack
	first := resource.TestStep{Config: render("old"), Check: resource.ComposeTestCheckFunc(
		answers(t, "http://"+host+"/", told{Version: "v1"}),
		func(*terraform.State) error {
			uid = virtualService(t, namespace, host).GetUID()
			attack = load.Start(t, load.Options{}, load.Get("http://"+host+"/"))
			return nil
		},
	)}
	second := resource.TestStep{Config: render("new"), Check: resource.ComposeTestCheckFunc(
		answers(t, "http://"+host+"/", told{Version: "v2"}),
		func(*terraform.State) error {
			report := attack.Stop()
			if failed := report.Failed(); len(failed) > 0 || len(report) == 0 {
				t.Errorf("requests failed: %s", report)
			}
			if now := virtualService(t, namespace, host).GetUID(); now != uid {
				return fmt.Errorf("the VirtualService was replaced: it was %v and is %v", uid, now)
			}
			return nil
		},
	)}
	second.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(shop, plancheck.ResourceActionUpdate)}
	acctest.Test(t, first, second)
}

// What one request says of the domain's treatment of all.
func TestAccDomainTreatment(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	const text = twoApplications + `
resource "sls_domain" "shop" {
  host           = {{quote .host}}
  namespace      = {{quote .namespace}}
  routes         = [{ application = sls_application.web.name }]
  https_redirect = {{.redirect}}
  timeout        = "1500ms"
  retries        = { attempts = 2, per_try_timeout = "700ms", retry_on = ["gateway-error", "503"] }
  cors = {
    allow_origins     = [{ exact = "https://www.example.com" }, { regex = "https://[a-z]+\\.example\\.org" }]
    allow_methods     = ["GET", "PUT"]
    allow_headers     = ["x-token"]
    max_age           = "1h"
    allow_credentials = true
  }
  headers = {
    request  = { set = { x-discount = "100% off, %REQ(x)%" }, add = { x-tier = "gold" }, remove = ["x-secret"] }
    response = { set = { x-frame-options = "DENY" }, remove = ["x-hello-revision"] }
  }
}
`
	render := func(redirect bool) string { return config(t, namespace, text, acctest.Values{"redirect": redirect}) }
	url := "http://" + host
	plain := resource.TestStep{Config: render(false), Check: func(*terraform.State) error {
		answer := acctest.GetUntil(t, url+"/", func(answer acctest.Answer) error {
			return tells(answer, told{Headers: map[string]string{"X-Discount": "100% off, %REQ(x)%", "X-Secret": ""}})
		}, "X-Secret", "yes", "X-Tier", "silver")
		var got struct{ Headers http.Header }
		if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
			return err
		}
		if tiers := got.Headers.Values("X-Tier"); fmt.Sprint(tiers) != "[silver gold]" && fmt.Sprint(tiers) != "[silver,gold]" {
			t.Errorf("the tiers are %q", tiers)
		}
		if answer.Header.Get("X-Frame-Options") != "DENY" || answer.Header.Get("X-Hello-Revision") != "" {
			t.Errorf("the answer's headers are %v", answer.Header)
		}
		if slow := acctest.Get(t, url+"/?sleep=5s"); slow.Status != http.StatusGatewayTimeout {
			t.Errorf("a slow request: %s", slow)
		}
		for origin, allowed := range map[string]string{
			"https://www.example.com":  "https://www.example.com",
			"https://shop.example.org": "https://shop.example.org",
			"https://evil.example.com": "",
		} {
			answer := acctest.Get(t, url+"/", "Origin", origin)
			if got := answer.Header.Get("Access-Control-Allow-Origin"); got != allowed {
				t.Errorf("from %s, %q is allowed", origin, got)
			}
		}
		return nil
	}}
	redirected := resource.TestStep{Config: render(true), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(shop, "url", "https://"+host),
		func(*terraform.State) error {
			acctest.GetUntil(t, url+"/a?b=c", func(answer acctest.Answer) error {
				if answer.Status != http.StatusPermanentRedirect || answer.Header.Get("Location") != "https://"+host+"/a?b=c" {
					return fmt.Errorf("it leads to %q", answer.Header.Get("Location"))
				}
				return nil
			})
			return answers(t, url+"/.well-known/acme-challenge/token", told{Greeting: "web", Path: "/.well-known/acme-challenge/token"})(nil)
		},
	)}
	acctest.Test(t, plain, redirected)
}

// The old service still gets some of the paths, and a share of the requests for
// the others.
func TestAccDomainLegacy(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	makeOldService(t, namespace)
	const text = twoApplications + `
resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }, { application = sls_application.cart.name, path_prefix = "/cart" }]
  legacy    = { host = "old.{{.namespace}}.svc.cluster.local", path_prefixes = ["/reports", "/cart/old"], percent = {{.percent}} }
}
`
	url := "http://" + host
	step := func(percent int) resource.TestStep {
		return resource.TestStep{
			Config: config(t, namespace, text, acctest.Values{"percent": percent}),
			Check: func(*terraform.State) error {
				for _, address := range []string{url + "/reports", url + "/reports/2026", url + "/cart/old/1"} {
					_ = answers(t, address, told{Version: "v2", Host: host})(nil)
				}
				var targets []load.Target
				for range 400 {
					targets = append(targets, load.Get(url+"/").As("web"), load.Get(url+"/cart/x").As("cart"))
				}
				// The gateway may still have the percent of the step before.
				acctest.Eventually(t, time.Minute, func(context.Context) error {
					return hasShare(load.Once(t, load.Options{Rate: 200}, targets...), float64(percent)/100)
				})
				return nil
			},
		}
	}
	acctest.Test(t, step(25), step(100), step(0))
}

// hasShare checks that the old service got its share of each kind of requests.
func hasShare(report load.Report, want float64) error {
	for kind, answers := range report.Kinds() {
		if len(answers.Failed()) > 0 {
			return fmt.Errorf("%s: %s", kind, answers)
		}
		if old := len(answers.Of("v2")); !load.WithinBinomial(old, len(answers), want) {
			return fmt.Errorf("of %s, the old service got %d of %d, want %v", kind, old, len(answers), want)
		}
	}
	return nil
}
