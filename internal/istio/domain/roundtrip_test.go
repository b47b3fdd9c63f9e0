package domain

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// cluster is what a domain is applied as, and answers reads.
type cluster map[string]*kube.Object

func applied(t testing.TB, r *Rules) cluster {
	t.Helper()
	d := expand(r, here, map[string]string{"team": "web"}, map[string]string{"example.com/owner": "alice"})
	root, err := d.virtualService("")
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := d.ownGateway(map[string]string{"istio": "ingressgateway"})
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{}
	shared := object(routing.Gateways, "knative-serving", "knative-ingress-gateway", nil, nil, map[string]any{"selector": map[string]any{"istio": "ingressgateway"}})
	for _, o := range []*kube.Object{root, gateway, d.certificate(), d.service(), shared} {
		if o == nil {
			continue
		}
		text, err := json.Marshal(o.Object) // as it comes over the wire
		if err != nil {
			t.Fatal(err)
		}
		wire, err := decodeJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		c[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = &kube.Object{Object: wire}
	}
	return c
}

func (c cluster) root() *kube.Object { return c["VirtualService "+here.namespace+"/"+here.name] }

func (c cluster) observe(t testing.TB, prior *Model) *observed {
	t.Helper()
	o, err := observe(t.Context(), c.read(t), c.root(), here, prior)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// modelOf is the model that a state holds of the rules; nil is that of an import.
func modelOf(t testing.TB, r *Rules) *Model {
	t.Helper()
	m := &Model{Namespace: types.StringValue(here.namespace), Name: types.StringValue(here.name)}
	if r == nil {
		return m
	}
	var diags diag.Diagnostics
	encode(t.Context(), r, m, &diags)
	mustNot(t, diags)
	return m
}

// needed are attributes without which there is no configuration, or another one.
var needed = []any{"host", "namespace", "routes", "path_prefix", "application", "allow_origins", "exact", "regex", "prefix", "attempts"}

// What was applied reads back as it was, and without drift, whatever it is; and
// imported it expands to the same again.
func TestFlattenUndoesExpand(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		d := everyAttribute(t)
		everyAttribute(t).Leaves(func(at []any) {
			if random.IntN(4) == 0 && !slices.Contains(needed, at[len(at)-1]) {
				d = d.With(t, nil, at...)
			}
		})
		switch random.IntN(4) {
		case 0:
			d["tls"] = map[string]any{"issuer": map[string]any{"name": "acme"}}
		case 1:
			d = d.With(t, nil, "tls").With(t, nil, "https_redirect").With(t, nil, "gateways")
			d["scope"], d["host"] = "internal", "stock-api.prod.svc.cluster.local"
		}
		if tls, _ := d["tls"].(map[string]any); len(tls) == 0 {
			delete(d, "tls")
		}
		r := rulesOf(t, d)
		c := applied(t, r)
		o := c.observe(t, modelOf(t, r))
		if len(o.drift) > 0 || !reflect.DeepEqual(o.rules, r) {
			t.Fatalf("%v\ndrift: %v\nread back: %+v\nwritten:   %+v", d, o.drift, o.rules, r)
		}
		// Not as the state has it, but from what is there.
		if parsed := parseRoot(o.spec, here, r); !equivalent(t, parsed, r) {
			t.Fatalf("%v\nparsed:  %s\nwritten: %s", d, shownRules(t, parsed), shownRules(t, r))
		}
		imported := c.observe(t, modelOf(t, nil))
		if len(imported.drift) > 0 || !routing.Equal(expandRoot(imported.rules, here), o.spec) {
			t.Fatalf("%v\nimported, it drifts: %v", d, imported.drift)
		}
		if !reflect.DeepEqual(imported.rules.TLS, r.TLS) {
			t.Fatalf("imported, TLS is %+v, not %+v", imported.rules.TLS, r.TLS)
		}
	}
}

// equivalent compares as a plan does: nothing is not the same as an empty list.
func equivalent(t testing.TB, a, b *Rules) bool {
	t.Helper()
	return shownRules(t, a) == shownRules(t, b)
}

func shownRules(t testing.TB, r *Rules) string {
	t.Helper()
	m := modelOf(t, r)
	return fmt.Sprint(m.Host, m.Scope, m.Routes, m.Gateways, m.TLS, m.HTTPSRedirect, m.Timeout, m.Retries, m.CORS, m.Headers, m.Legacy)
}

// TestEveryAttributeReachesTheObjectAndComesBack takes each attribute away from a
// configuration that has them all. An object must change, or the attribute was
// forgotten when expanding; and what is read back must differ, or it was forgotten
// when flattening, and drift would stay hidden.
func TestEveryAttributeReachesTheObjectAndComesBack(t *testing.T) {
	secret, issuer := everyAttribute(t), everyAttribute(t)
	issuer["tls"] = map[string]any{"issuer": map[string]any{"name": "acme", "kind": "Issuer", "group": "example.com"}}
	checked := 0
	for _, full := range []document{secret, issuer} {
		rules := rulesOf(t, full)
		objects := applied(t, rules)
		full.Leaves(func(at []any) {
			switch at[0] {
			case "host", "namespace", "name", "labels", "annotations", "scope": // see the acceptance tests
				return
			}
			checked++
			less := rulesOf(t, full.With(t, nil, at...))
			changed := applied(t, less)
			if reflect.DeepEqual(objects, changed) {
				t.Errorf("%v does not reach an object", at)
			}
			o := changed.observe(t, modelOf(t, rules))
			if equivalent(t, o.rules, rules) && len(o.drift) == 0 {
				t.Errorf("%v is gone from the objects, but not from what was read back", at)
			}
		})
	}
	if checked < 80 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

func (c cluster) read(testing.TB) read {
	return func(_ context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error) {
		return c[kind.Name+" "+namespace+"/"+name], nil
	}
}
