package routing

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

func TestNames(t *testing.T) {
	for name, test := range map[string]struct{ got, want string }{
		"delegate":                  {DelegateName("web"), "sls-traffic-web"},
		"delegate of a whole host":  {DelegateNameFor("web", "/"), "sls-traffic-web"},
		"delegate without a prefix": {DelegateNameFor("web", ""), "sls-traffic-web"},
		"delegate beneath a prefix": {DelegateNameFor("web", "/shop"), "sls-traffic-web.eyyvzypj"},
		"prefix with a slash":       {DelegateNameFor("web", "/shop/"), "sls-traffic-web.eyyvzypj"},
		"tag host":                  {TagHost("v2", "web", "prod", "cluster.local"), "v2-web.prod.svc.cluster.local"},
		"internal host":             {InternalHost("web", "prod", "example.org"), "web.prod.svc.example.org"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %s, want %s", name, test.got, test.want)
		}
	}
}

// The longest names that Kubernetes knows still make names and labels it takes.
func TestNamesFit(t *testing.T) {
	long := Application{Namespace: strings.Repeat("n", 63), Name: strings.Repeat("a", 63)}
	if problems := validation.IsDNS1123Subdomain(DelegateNameFor(long.Name, "/"+strings.Repeat("p", 500))); len(problems) > 0 {
		t.Error(problems)
	}
	labels := RootLabels(long)
	maps.Copy(labels, DelegateLabels(long.Name))
	for key, value := range labels {
		if problems := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); len(problems) > 0 {
			t.Errorf("%s=%s: %v", key, value, problems)
		}
	}
}

// A root is found by each application that it routes to, and by no other.
func TestRootSelector(t *testing.T) {
	web, api := Application{"prod", "web"}, Application{"prod", "api"}
	labels := RootLabels(web, api)
	for _, test := range []struct {
		application Application
		want        bool
	}{{web, true}, {api, true}, {Application{"test", "web"}, false}, {Application{"prod", "we"}, false}, {Application{"prod/web", ""}, false}} {
		found := true
		for key, value := range RootSelector(test.application) {
			found = found && labels[key] == value && value != ""
		}
		if found != test.want {
			t.Errorf("%v: found: %t", test.application, found)
		}
	}
}

func TestDelegations(t *testing.T) {
	route := func(namespace, name string, matches ...*networking.HTTPMatchRequest) *networking.HTTPRoute {
		return &networking.HTTPRoute{Match: matches, Delegate: &networking.Delegate{Namespace: namespace, Name: name}}
	}
	root := &networking.VirtualService{Hosts: []string{"shop.example.com"}, Http: []*networking.HTTPRoute{
		route("prod", DelegateNameFor("web", "/shop"), PrefixMatches("/shop/")...),
		route("prod", DelegateNameFor("web", "/shop"), PrefixMatches("/shop")...),
		route("", DelegateName("web")),
		route("prod", DelegateName("api"), PrefixMatches("/api")...),
		route("prod", DelegateNameFor("web", "/other"), PrefixMatches("/elsewhere")...),
		{Match: PrefixMatches("/shop"), Route: []*networking.HTTPRouteDestination{{}}},
	}}
	whole := Delegation{root.Hosts, "/", "sls-traffic-web"}
	shop := Delegation{root.Hosts, "/shop", "sls-traffic-web.eyyvzypj"}
	for name, test := range map[string]struct {
		application Application
		namespace   string // the root's
		want        []Delegation
	}{
		"same namespace":    {Application{"prod", "web"}, "prod", []Delegation{shop, whole}},
		"another namespace": {Application{"prod", "web"}, "edge", []Delegation{shop}},
		"the root's own":    {Application{"edge", "web"}, "edge", []Delegation{whole}},
		"another":           {Application{"prod", "api"}, "edge", []Delegation{{root.Hosts, "/", "sls-traffic-api"}}},
		"none":              {Application{"prod", "job"}, "prod", nil},
	} {
		if got := Delegations(root, test.application, test.namespace); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestKinds(t *testing.T) {
	for _, test := range []struct {
		kind kube.Kind
		want string
	}{
		{VirtualServices, "networking.istio.io/v1, Resource=virtualservices VirtualService"},
		{Gateways, "networking.istio.io/v1, Resource=gateways Gateway"},
		{DestinationRules, "networking.istio.io/v1, Resource=destinationrules DestinationRule"},
		{ServiceEntries, "networking.istio.io/v1, Resource=serviceentries ServiceEntry"},
	} {
		if got := test.kind.String() + " " + test.kind.Name; got != test.want {
			t.Errorf("got %s", got)
		}
	}
}
