package domain_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// An existing VirtualService is not taken over without a word: the error shows
// the import block, and the import leads to a plan that says what changes.
func TestAccDomainExists(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, host, host, publicGateway, toApplication(namespace, "web", "")))
	config := config(t, namespace, shopConfig)
	acctest.Test(t,
		resource.TestStep{
			Config:      config,
			ExpectError: acctest.ErrorSays("The domain exists already", "import {", `id = "`+namespace+"/"+host+`"`, "adopt = true"),
		},
		resource.TestStep{Config: config, ResourceName: shop, ImportState: true, ImportStateId: namespace + "/" + host, ImportStatePersist: true},
		resource.TestStep{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(shop, plancheck.ResourceActionUpdate)}},
			Check:            answers(t, "http://"+host+"/", told{Version: "v1", ForwardedHost: host}),
		},
	)
}

// adopt = true takes an existing VirtualService over, for modules and failover.
func TestAccDomainAdopt(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, host, host, publicGateway, toApplication(namespace, "web", "/old")))
	uid := virtualService(t, namespace, host).GetUID()
	adopting := replaceOnce(t, config(t, namespace, shopConfig), "  routes ", "  adopt     = true\n  routes ")
	acctest.Test(t, resource.TestStep{Config: adopting, Check: resource.ComposeTestCheckFunc(
		answers(t, "http://"+host+"/", told{Version: "v1", ForwardedHost: host}),
	)}, resource.TestStep{Config: adopting, PreConfig: func() {
		if now := virtualService(t, namespace, host).GetUID(); now != uid {
			t.Errorf("the VirtualService was replaced: it was %s and is %s", uid, now)
		}
	}})
}

// What somebody else has of the host is an error at plan, which names them. A
// part of the host that nobody has is not.
func TestAccDomainTaken(t *testing.T) {
	t.Parallel()
	const text = `
resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  scope     = {{quote .scope}}
  routes    = [{ application = "web", path_prefix = {{quote .prefix}} }]
}
`
	httpRoutes := schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "httproutes"}
	domainMappings := schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1beta1", Resource: "domainmappings"}
	for name, test := range map[string]struct {
		prefix, scope string
		make          func(t *testing.T, namespace, host string)
		says          []string // nil: nothing is wrong
	}{
		"a VirtualService": {"/", "", func(t *testing.T, namespace, host string) {
			makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, "theirs", host, publicGateway, toApplication(namespace, "x", "")))
		}, []string{"routes[0].path_prefix", "The VirtualService", "/theirs has all paths of"}},
		"a VirtualService, by its regular expression": {"/a/b", "", func(t *testing.T, namespace, host string) {
			route := toApplication(namespace, "x", "")
			route["match"] = []any{map[string]any{"uri": map[string]any{"regex": "/a/b/[0-9]+"}}}
			makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, "theirs", host, publicGateway, route))
		}, []string{"/theirs has the paths /a/b/"}},
		"a VirtualService with a path within": {"/a", "", func(t *testing.T, namespace, host string) {
			makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, "theirs", host, publicGateway, toApplication(namespace, "x", "/a/b")))
		}, []string{"/theirs has the paths /a/b of"}},
		"a VirtualService on another Gateway": {"/", "", func(t *testing.T, namespace, host string) {
			makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, "theirs", host, "knative-serving/knative-local-gateway", toApplication(namespace, "x", "")))
		}, nil},
		"a VirtualService for other paths": {"/a", "", func(t *testing.T, namespace, host string) {
			makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, "theirs", host, publicGateway, toApplication(namespace, "x", "/b"), toApplication(namespace, "x", "")))
		}, nil},
		"a VirtualService inside the cluster": {"/", "internal", func(t *testing.T, namespace, host string) {
			makeByHand(t, istio(t, "virtualservices", namespace), rootOf(namespace, "theirs", host, "knative-serving/knative-local-gateway", toApplication(namespace, "x", "")))
		}, []string{"/theirs has all paths of"}},
		"a DomainMapping": {"/", "", func(t *testing.T, namespace, host string) {
			makeByHand(t, acctest.OnCluster(t).Dynamic.Resource(domainMappings).Namespace(namespace), map[string]any{
				"apiVersion": "serving.knative.dev/v1beta1", "kind": "DomainMapping", "metadata": map[string]any{"name": host, "namespace": namespace},
				"spec": map[string]any{"ref": map[string]any{"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "x"}},
			})
		}, []string{"DomainMapping", "has all paths of"}},
		"an HTTPRoute": {"/a", "", func(t *testing.T, namespace, host string) {
			makeByHand(t, acctest.OnCluster(t).Dynamic.Resource(httpRoutes).Namespace(namespace), map[string]any{
				"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": map[string]any{"name": "theirs", "namespace": namespace},
				"spec": map[string]any{
					"hostnames": []any{host},
					"rules":     []any{map[string]any{"matches": []any{map[string]any{"path": map[string]any{"type": "Exact", "value": "/a/b"}}}}},
				},
			})
		}, []string{"The HTTPRoute", "/theirs has the path /a/b of"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := acctest.Namespace(t), acctest.Namespace(t)
			host := "shop." + ours + ".example.com"
			test.make(t, theirs, host)
			scope := test.scope
			if scope == "" {
				scope = "public"
			}
			step := resource.TestStep{
				Config:   config(t, ours, text, acctest.Values{"prefix": test.prefix, "scope": scope}),
				PlanOnly: true, ExpectNonEmptyPlan: test.says == nil,
			}
			if test.says != nil {
				step.ExpectError = acctest.ErrorSays(append([]string{"The host and path are taken"}, test.says[len(test.says)-1])...)
			}
			acctest.Test(t, step)
		})
	}
}

// Knative's own host of an application is the application's.
func TestAccDomainOfKnative(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const text = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
}
`
	const domain = `
resource "sls_domain" "shop" {
  host      = "web.{{.namespace}}.{{.domain}}"
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
}
`
	with := acctest.Values{"domain": acctest.Domain(t)}
	acctest.Test(t, resource.TestStep{Config: config(t, namespace, text, with)},
		resource.TestStep{Config: config(t, namespace, text+domain, with), ExpectError: acctest.ErrorSays("The host and path are taken", "Service web")})
}

// Two domains of one configuration that want the same.
func TestAccDomainTwice(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const text = `
resource "sls_domain" "one" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = "web", path_prefix = "/a" }]
}

resource "sls_domain" "two" {
  name      = "two"
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = "web", path_prefix = "/a/b" }]
}
`
	acctest.Test(t, resource.TestStep{Config: config(t, namespace, text), ExpectError: acctest.ErrorSays("The host and path are taken", "of this configuration")})
	for _, name := range []string{"two", "shop." + namespace + ".example.com"} {
		isGone(t, istio(t, "virtualservices", namespace), name)
	}
}
