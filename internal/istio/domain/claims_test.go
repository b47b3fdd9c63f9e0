package domain

import (
	"slices"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

// Each row is there for a wrong comparison of paths that would fail it.
func TestOverlaps(t *testing.T) {
	for _, test := range []struct {
		theirs string
		exact  bool
		ours   string
		want   bool
	}{
		{"/", false, "/", true},
		{"/", false, "/a", false}, // Istio takes what matches everything last
		{"/a", false, "/", false},
		{"/a", false, "/a", true},
		{"/a/", false, "/a", true},
		{"/a", false, "/a/b", true},
		{"/a/", false, "/a/b", true},
		{"/a/b", false, "/a", true},
		{"/a", false, "/b", false},
		{"/a", false, "/ab", true}, // a prefix of Istio's is one of the text
		{"/a/", false, "/ab", false},
		{"/ab", false, "/a", false},
		{"/a", true, "/a", true},
		{"/a/b", true, "/a", true},
		{"/ab", true, "/a", false},
		{"/a", true, "/a/b", false},
		{"/a", true, "/", false}, // as a proof for a certificate
		{"/", true, "/", false},
	} {
		if got := (claim{path: test.theirs, exact: test.exact}).overlaps(test.ours); got != test.want {
			t.Errorf("%s (exact: %v) and %s: %v", test.theirs, test.exact, test.ours, got)
		}
	}
}

func objectOf(t testing.TB, kind, text string) *kube.Object {
	t.Helper()
	o := &kube.Object{Object: map[string]any(plantest.Parse(t, text))}
	o.SetKind(kind)
	o.SetNamespace("theirs")
	if o.GetName() == "" {
		o.SetName("x")
	}
	return o
}

func paths(claims []claim) string {
	var all []string
	for _, c := range claims {
		text := c.path
		if c.exact {
			text += "!"
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

func TestVirtualServiceClaims(t *testing.T) {
	const host = `"hosts": ["other.example.com", "shop.example.com"], "gateways": ["mesh", "a/b"]`
	for name, test := range map[string]struct{ spec, want string }{
		"all":                  {`{` + host + `, "http": [{}]}`, "/"},
		"paths":                {`{` + host + `, "http": [{"match": [{"uri": {"exact": "/a"}}, {"uri": {"prefix": "/b"}}]}, {"match": [{"uri": {"regex": "/c/[0-9]+"}}]}]}`, "/a! /b /c/"},
		"by headers":           {`{` + host + `, "http": [{"match": [{"headers": {"a": {"exact": "b"}}}]}]}`, "/"},
		"any expression":       {`{` + host + `, "http": [{"match": [{"uri": {"regex": ".*/a"}}]}]}`, "/"},
		"another host":         {`{"hosts": ["other.example.com"], "gateways": ["a/b"], "http": [{}]}`, ""},
		"a wildcard":           {`{"hosts": ["*.example.com"], "gateways": ["a/b"], "http": [{}]}`, ""},
		"another gateway":      {`{"hosts": ["shop.example.com"], "gateways": ["a/c"], "http": [{}]}`, ""},
		"the mesh alone":       {`{"hosts": ["shop.example.com"], "http": [{}]}`, ""},
		"its own namespace's":  {`{"hosts": ["shop.example.com"], "gateways": ["b"], "http": [{}]}`, ""},
		"a delegate":           {`{"http": [{}]}`, ""},
		"of a newer Istio":     {`{` + host + `, "novel": true}`, "/"},
		"newer, another host":  {`{"hosts": ["other.example.com"], "novel": true}`, ""},
		"an older Istio's TCP": {`{` + host + `, "tcp": [{}]}`, ""},
	} {
		object := objectOf(t, "VirtualService", `{"spec": `+test.spec+`}`)
		if got := paths(virtualServiceClaims(object, "shop.example.com", []string{"a/b"})); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	mine := objectOf(t, "VirtualService", `{"spec": {"hosts": ["shop.example.com"], "gateways": ["b"], "http": [{}]}}`)
	if got := paths(virtualServiceClaims(mine, "shop.example.com", []string{"theirs/b"})); got != "/" {
		t.Errorf("by a gateway's short name: %q", got)
	}
}

func TestOtherClaims(t *testing.T) {
	for name, test := range map[string]struct{ spec, want string }{
		"all":          {`{"hostnames": ["shop.example.com"], "rules": [{}]}`, "/"},
		"paths":        {`{"hostnames": ["shop.example.com"], "rules": [{"matches": [{"path": {"type": "Exact", "value": "/a"}}, {"path": {"type": "PathPrefix", "value": "/b"}}, {"path": {"type": "RegularExpression", "value": "/c[0-9]"}}]}]}`, "/a! /b /c"},
		"by headers":   {`{"hostnames": ["shop.example.com"], "rules": [{"matches": [{"headers": []}]}]}`, "/"},
		"another host": {`{"hostnames": ["other.example.com"], "rules": [{}]}`, ""},
	} {
		if got := paths(httpRouteClaims(objectOf(t, "HTTPRoute", `{"spec": `+test.spec+`}`), "shop.example.com")); got != test.want {
			t.Errorf("HTTPRoute, %s: %q, want %q", name, got, test.want)
		}
	}
	for name, want := range map[string]string{"shop.example.com": "/", "other.example.com": ""} {
		if got := paths(domainMappingClaims(objectOf(t, "DomainMapping", `{"metadata": {"name": "`+name+`"}}`), "shop.example.com")); got != want {
			t.Errorf("DomainMapping %s: %q", name, got)
		}
	}
}

// Who is named is who a person can go to.
func TestOwner(t *testing.T) {
	for metadata, want := range map[string]string{
		`{}`: "the VirtualService theirs/x",
		`{"labels": {"sls-platform.github.io/routing": "domain"}}`:                                       "the VirtualService theirs/x, which is an sls_domain",
		`{"labels": {"serving.knative.dev/route": "web"}}`:                                               "the VirtualService theirs/x, which Knative has made for its Service web",
		`{"labels": {"serving.knative.dev/domainMappingName": "d", "serving.knative.dev/route": "web"}}`: "the VirtualService theirs/x, of the DomainMapping d",
		`{"ownerReferences": [{"apiVersion": "v1", "kind": "Ingress", "name": "i", "uid": "1"}]}`:        "the VirtualService theirs/x, of the Ingress i",
	} {
		if got := ownerOf(objectOf(t, "VirtualService", `{"metadata": `+metadata+`}`)); got != want {
			t.Errorf("%s: %q", metadata, got)
		}
	}
}
