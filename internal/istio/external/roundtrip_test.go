package external

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

var here = place{namespace: "prod", name: "soa", ingress: lifecycle.Ingress{
	LocalGateway:     "knative-serving/knative-local-gateway",
	LocalGatewayHost: "knative-local-gateway.istio-system.svc.cluster.local",
	ClusterDomain:    "cluster.local",
}}

func everyAttribute(t testing.TB) plantest.Document {
	t.Helper()
	return plantest.Read(t, "testdata/every_attribute.json")
}

// settingsOf returns what a configuration is planned as, decoded.
func settingsOf(t testing.TB, d plantest.Document) *Settings {
	t.Helper()
	var m Model
	diags := d.Plan(t, schemaOnce()).Get(t.Context(), &m)
	s := decode(t.Context(), &m, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	s.Resolution = resolutionOf(s)
	return s
}

// applied returns the objects of a service, as they come over the wire.
func applied(t testing.TB, s *Settings) map[kube.Kind]*kube.Object {
	t.Helper()
	d := &desired{place: here, settings: s}
	live := map[kube.Kind]*kube.Object{}
	for _, p := range d.parts() {
		if !p.wanted {
			continue
		}
		object, err := d.object(p, "")
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(object.Object)
		wire := &kube.Object{}
		if err == nil {
			err = utiljson.Unmarshal(text, &wire.Object)
		}
		if err != nil {
			t.Fatal(err)
		}
		live[p.kind] = wire
	}
	return live
}

// readBack returns what the objects stand for, and the drift.
func readBack(t testing.TB, live map[kube.Kind]*kube.Object, prior *Settings) (*Settings, []string) {
	t.Helper()
	s, drift := parse(live, prior)
	more, err := differences(&desired{place: here, settings: s}, live)
	if err != nil {
		t.Fatal(err)
	}
	return s, append(drift, more...)
}

// shownSettings writes settings as a plan compares them: nothing is not the same
// as an empty list.
func shownSettings(t testing.TB, s *Settings) string {
	t.Helper()
	var m Model
	var diags diag.Diagnostics
	encode(t.Context(), s, &m, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return fmt.Sprint(m.Host, m.Ports, m.Addresses, m.Endpoints, m.Resolution, m.Location, m.TLS, m.Timeout, m.ConnectionPool, m.OutlierDetection)
}

// Whatever is added to the schema must be added to the tests.
func TestEveryAttributeIsConfigured(t *testing.T) {
	for _, name := range plantest.Missing(schemaOnce(), []string{"adopt", "force_conflicts"}, everyAttribute(t)) {
		t.Errorf("testdata/every_attribute.json does not set %s", name)
	}
}

// What was applied reads back as it was, and without drift, whatever it is; and
// imported it stands for the same objects again.
func TestFlattenUndoesExpand(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	needed := []any{"name", "namespace", "host", "ports", "number", "protocol", "address"}
	for range 300 {
		d := everyAttribute(t)
		everyAttribute(t).Leaves(func(at []any) {
			if random.IntN(4) == 0 && !slices.Contains(needed, at[len(at)-1]) {
				d = d.With(t, nil, at...)
			}
		})
		for _, empty := range []string{"connection_pool", "outlier_detection"} {
			if of, _ := d[empty].(map[string]any); len(of) == 0 {
				delete(d, empty)
			}
		}
		s := settingsOf(t, d)
		live := applied(t, s)
		now, drift := readBack(t, live, s)
		if len(drift) > 0 || shownSettings(t, now) != shownSettings(t, s) {
			t.Fatalf("%v\ndrift: %v\nread back: %s\nwritten:   %s", d, drift, shownSettings(t, now), shownSettings(t, s))
		}
		imported, drift := readBack(t, live, &Settings{Timeout: types.StringNull()})
		if len(drift) > 0 || !reflect.DeepEqual(applied(t, imported), live) {
			t.Fatalf("%v\nimported, it drifts: %v", d, drift)
		}
	}
}

// TestEveryAttributeReachesTheObjectsAndComesBack takes each attribute away from a
// configuration that has them all. An object must change, or the attribute was
// forgotten when expanding; and what is read back must differ, or it was forgotten
// when flattening, and drift would stay hidden.
func TestEveryAttributeReachesTheObjectsAndComesBack(t *testing.T) {
	full := everyAttribute(t)
	settings := settingsOf(t, full)
	objects := applied(t, settings)
	checked := 0
	full.Leaves(func(at []any) {
		switch at[0] {
		case "name", "namespace", "labels", "annotations": // see the acceptance tests
			return
		case "resolution": // the endpoints say the same
			return
		}
		checked++
		changed := applied(t, settingsOf(t, full.With(t, nil, at...)))
		if reflect.DeepEqual(objects, changed) {
			t.Errorf("%v does not reach an object", at)
		}
		if now, drift := readBack(t, changed, settings); shownSettings(t, now) == shownSettings(t, settings) && len(drift) == 0 {
			t.Errorf("%v is gone from the objects, but not from what was read back", at)
		}
	})
	if checked < 35 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

// What is missing, too much, or of another's making is told.
func TestDrift(t *testing.T) {
	full := settingsOf(t, everyAttribute(t))
	for name, test := range map[string]struct {
		change func(live map[kube.Kind]*kube.Object)
		says   string
	}{
		"missing": {
			func(live map[kube.Kind]*kube.Object) { delete(live, routing.DestinationRules) },
			"the DestinationRule prod/soa is missing",
		},
		"the Service leads elsewhere": {
			func(live map[kube.Kind]*kube.Object) {
				live[services].Object["spec"] = map[string]any{"type": "ExternalName", "externalName": "example.com"}
			},
			`the Service prod/soa, externalName: it is "example.com", and should be "knative-local-gateway.istio-system.svc.cluster.local"`,
		},
		"a field of no attribute": {
			func(live map[kube.Kind]*kube.Object) {
				spec, _ := live[routing.ServiceEntries].Object["spec"].(map[string]any)
				spec["exportTo"] = []any{"."}
			},
			`the ServiceEntry prod/soa, exportTo: it is ["."], and should be missing`,
		},
		"a field that Istio's type lacks": {
			func(live map[kube.Kind]*kube.Object) {
				spec, _ := live[routing.ServiceEntries].Object["spec"].(map[string]any)
				spec["novel"] = true
			},
			"novel",
		},
	} {
		t.Run(name, func(t *testing.T) {
			live := applied(t, full)
			test.change(live)
			_, drift := readBack(t, live, full)
			if !slices.ContainsFunc(drift, func(text string) bool {
				return reflect.DeepEqual(text, test.says) || name == "a field that Istio's type lacks" && len(text) > 0
			}) {
				t.Errorf("the drift is %q", drift)
			}
		})
	}
}
