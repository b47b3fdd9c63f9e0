package schedule

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

var documents = []string{"every_attribute", "older_filters", "preset"}

func document(t testing.TB, name string) plantest.Document {
	t.Helper()
	return plantest.Read(t, "testdata/"+name+".json")
}

func modelOf(t testing.TB, d plantest.Document) *Model {
	t.Helper()
	var m Model
	mustNot(t, d.Plan(t, schemaOnce()).Get(t.Context(), &m))
	return &m
}

func mustNot(t testing.TB, diags diag.Diagnostics) {
	t.Helper()
	if diags.HasError() {
		t.Fatal(diags)
	}
}

// applied returns the object of a plan that creates it, as it comes over the wire.
// A field that Velero's type does not know fails the test.
func applied(t testing.TB, m *Model) *kube.Object {
	t.Helper()
	spec, diags := expand(t.Context(), m, nil, nil)
	mustNot(t, diags)
	return &kube.Object{Object: plantest.OverTheWire(t, map[string]any{"spec": spec}, &velero.Schedule{})}
}

func typed(t testing.TB, live *kube.Object) *velero.Schedule {
	t.Helper()
	s, err := object.Decode[velero.Schedule](live)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readBack(t testing.TB, live *kube.Object, prior Model, all bool) *Model {
	t.Helper()
	mustNot(t, flatten(t.Context(), live, &prior, all))
	return &prior
}

func TestSchema(t *testing.T) {
	mustNot(t, schemaOnce().ValidateImplementation(t.Context()))
	var all []plantest.Document
	for _, name := range documents {
		all = append(all, document(t, name))
	}
	for _, name := range plantest.Missing(schemaOnce(), nil, all...) {
		t.Errorf("testdata sets no %s", name)
	}
}

var notOfTheSpec = []string{"name", "namespace", "labels", "annotations", "adopt", "force_conflicts", "on_create_failure", "wait"}

// Each attribute reaches the object, and comes back from it: else it was forgotten
// when expanding, or drift of it would stay hidden.
func TestEveryAttributeReachesTheObjectAndComesBack(t *testing.T) {
	checked := 0
	for _, name := range documents {
		full := document(t, name)
		model := modelOf(t, full)
		live := applied(t, model)
		full.Leaves(func(at []any) {
			if first, _ := at[0].(string); slices.Contains(notOfTheSpec, first) {
				return
			}
			if last := at[len(at)-1]; last == "key" || last == "operator" { // an expression has one
				return
			}
			if _, element := at[len(at)-1].(int); element { // an empty list of HCL would stay
				return
			}
			checked++
			changed := applied(t, modelOf(t, full.With(t, nil, at...)))
			if reflect.DeepEqual(live, changed) {
				t.Errorf("%s: %v does not reach the object", name, at)
			}
			if at[0] == "skip_immediately" {
				return // an order, which the server clears
			}
			if reflect.DeepEqual(readBack(t, changed, *model, false), model) {
				t.Errorf("%s: %v is gone from the object, but not from what was read back", name, at)
			}
		})
	}
	if checked < 35 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

// What was applied reads back as it was; imported, it stands for the same object.
func TestFlattenUndoesExpand(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	needed := []any{"name", "cron", "key", "operator", "values"}
	for i := range 300 {
		name := documents[i%len(documents)]
		d := document(t, name)
		document(t, name).Leaves(func(at []any) {
			if _, element := at[len(at)-1].(int); !element && len(at) == 1 && random.IntN(3) == 0 && !slices.Contains(needed, at[0]) {
				d = d.With(t, nil, at...)
			}
		})
		m := modelOf(t, d)
		live := applied(t, m)
		if now := readBack(t, live, *m, false); !reflect.DeepEqual(now, m) {
			t.Fatalf("%v\nread back: %+v\nwritten:   %+v", d, now, m)
		}
		imported := readBack(t, live, Model{}, true)
		imported.SkipImmediately = m.SkipImmediately // an order, which is not read
		want, got := typed(t, live), typed(t, applied(t, imported))
		if !m.Paused.ValueBool() {
			want.Spec.Paused = false
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\nimported, it stands for %+v\nwant %+v", d, got.Spec, want.Spec)
		}
		if imported.Preset != m.Preset {
			t.Fatalf("%v\nimported, its preset is %s", d, imported.Preset)
		}
	}
}

// A preset that somebody has changed shows what is there in its place, and a plan
// that brings it back.
func TestChangedPreset(t *testing.T) {
	m := modelOf(t, document(t, "preset"))
	live := applied(t, m)
	template, _ := live.Object["spec"].(map[string]any)["template"].(map[string]any)

	template["csiSnapshotTimeout"] = "10m0s" // of no filter, and of nobody's asking
	if now := readBack(t, live, *m, false); !reflect.DeepEqual(now, m) {
		t.Errorf("what the server adds shows: %+v", now)
	}
	template["excludedNamespaceScopedResources"] = []any{"pods"}
	now := readBack(t, live, *m, false)
	if !now.Preset.IsNull() || len(now.ExcludedNamespaced.Elements()) != 1 || now.IncludedNamespaces.IsNull() {
		t.Errorf("the change does not show: %+v", now)
	}
	delete(template, "excludedNamespaceScopedResources")
	if now := readBack(t, live, *m, false); !now.Preset.IsNull() {
		t.Errorf("what is gone does not show: %+v", now)
	}
}

// A preset's namespaces can be replaced; it is the preset still.
func TestPresetOfOtherNamespaces(t *testing.T) {
	d := document(t, "preset").With(t, []any{"serverless"}, "included_namespaces")
	m := modelOf(t, d)
	live := applied(t, m)
	if now := readBack(t, live, *m, false); !reflect.DeepEqual(now, m) {
		t.Errorf("read back: %+v", now)
	}
	imported := readBack(t, live, Model{}, true)
	if imported.Preset != m.Preset || len(imported.IncludedNamespaces.Elements()) != 1 {
		t.Errorf("imported: preset %s, namespaces %s", imported.Preset, imported.IncludedNamespaces)
	}
}

// What is not configured is left to others.
func TestWhatIsNotConfiguredIsLeftAlone(t *testing.T) {
	bare := modelOf(t, plantest.Document{"name": "daily", "cron": "@daily"})
	live := applied(t, bare)
	full := applied(t, modelOf(t, document(t, "every_attribute")))
	spec, _ := live.Object["spec"].(map[string]any)
	others, _ := full.Object["spec"].(map[string]any)
	for field, value := range others {
		if field != "schedule" {
			spec[field] = value
		}
	}
	if now := readBack(t, live, *bare, false); !reflect.DeepEqual(now, bare) {
		t.Errorf("read back: %+v", now)
	}
}

// skip_immediately is said when it is new, and when a pause ends; else the field
// stays as the server has left it.
func TestSkipImmediately(t *testing.T) {
	model := func(skip, paused types.Bool) *Model {
		m := modelOf(t, plantest.Document{"name": "daily", "cron": "@daily"})
		m.SkipImmediately, m.Paused = skip, paused
		return m
	}
	yes, no, unset := types.BoolValue(true), types.BoolValue(false), types.BoolNull()
	live := func(skip any) *kube.Object {
		spec := map[string]any{}
		if skip != nil {
			spec["skipImmediately"] = skip
		}
		return &kube.Object{Object: map[string]any{"spec": spec}}
	}
	for name, test := range map[string]struct {
		plan, prior *Model
		live        *kube.Object
		want        any
	}{
		"created":             {model(yes, unset), nil, nil, true},
		"adopted":             {model(yes, unset), nil, live(false), true},
		"acted on":            {model(yes, unset), model(yes, unset), live(false), false},
		"not acted on yet":    {model(yes, yes), model(yes, yes), live(true), true},
		"new":                 {model(yes, unset), model(unset, unset), live(false), true},
		"a pause ends":        {model(yes, no), model(yes, yes), live(false), true},
		"a pause ends unsaid": {model(yes, unset), model(yes, yes), live(false), true},
		"a pause begins":      {model(yes, yes), model(yes, no), live(false), false},
		"no longer said":      {model(unset, unset), model(yes, unset), live(false), nil},
		"false":               {model(no, unset), model(no, unset), live(false), false},
	} {
		spec, diags := expand(t.Context(), test.plan, test.prior, test.live)
		mustNot(t, diags)
		if spec["skipImmediately"] != test.want {
			t.Errorf("%s: sent %v, want %v", name, spec["skipImmediately"], test.want)
		}
	}
}

func scheduled(expression, phase string, paused bool, problems ...any) *kube.Object {
	return &kube.Object{Object: map[string]any{
		"spec":   map[string]any{"schedule": expression, "paused": paused, "template": map[string]any{}},
		"status": map[string]any{"phase": phase, "validationErrors": problems},
	}}
}

func TestJudge(t *testing.T) {
	now, earlier := time.Now(), time.Now().Add(-time.Minute)
	for name, test := range map[string]struct {
		before, live *kube.Object
		at           time.Time
		done, again  bool
		failsAt      string
	}{
		"not seen yet":             {nil, scheduled("@daily", "", false), now, false, false, ""},
		"seen":                     {nil, scheduled("@daily", "New", false), now, false, false, ""},
		"accepted":                 {nil, scheduled("@daily", "Enabled", false), now, true, false, ""},
		"paused":                   {nil, scheduled("@daily", "", true), now, true, false, ""},
		"refused":                  {nil, scheduled("x", "FailedValidation", false, "invalid schedule: x"), now, false, false, "cron"},
		"a zone":                   {nil, scheduled("x", "FailedValidation", false, "invalid schedule: provided bad location x"), now, false, false, "timezone"},
		"of what was before":       {scheduled("@daily", "Enabled", false), scheduled("@hourly", "Enabled", false), now, false, true, ""},
		"refused before":           {scheduled("x", "FailedValidation", false, "x"), scheduled("@hourly", "FailedValidation", false, "x"), now, false, true, ""},
		"of what was long before":  {scheduled("@daily", "Enabled", false), scheduled("@hourly", "Enabled", false), earlier, true, false, ""},
		"refused still":            {scheduled("x", "FailedValidation", false, "x"), scheduled("y", "FailedValidation", false, "x"), earlier, false, false, "cron"},
		"the same expression":      {scheduled("@daily", "Enabled", false), scheduled("@daily", "Enabled", false), now, true, false, ""},
		"changed while it pauses":  {scheduled("@daily", "Enabled", true), scheduled("@hourly", "Enabled", true), now, true, false, ""},
		"refused, and then paused": {scheduled("x", "FailedValidation", true, "x"), scheduled("x", "FailedValidation", true, "x"), now, false, false, "cron"},
	} {
		done, again, err := judge(test.before, test.live, object.Written{At: test.at, Changed: true})
		if done != test.done || (again > 0) != test.again || (err != nil) != (test.failsAt != "") {
			t.Errorf("%s: done %v, again %s, err %v", name, done, again, err)
		}
		if refusal, ok := err.(*object.Refusal); ok && refusal.At.String() != test.failsAt { //nolint:errorlint // as it was made
			t.Errorf("%s: the fault is at %s, want %s", name, refusal.At, test.failsAt)
		}
	}
}

var refused = map[string]struct {
	document string
	value    any
	at       []any
	says     string
}{
	"cron":                   {"preset", "0 25 * * *", []any{"cron"}, "cron: Invalid value"},
	"seconds":                {"preset", "0 0 3 * * *", []any{"cron"}, "cron: Invalid value"},
	"a zone in cron":         {"preset", "CRON_TZ=UTC 0 3 * * *", []any{"cron"}, "the attribute timezone"},
	"a day that never comes": {"preset", "0 0 30 2 *", []any{"cron"}, "never comes due"},
	"never":                  {"preset", "@triggered", []any{"cron"}, "never comes due"},
	"no cron":                {"preset", "", []any{"cron"}, "cron: Invalid value"},
	"timezone":               {"preset", "Asia/Hangzhou", []any{"timezone"}, "timezone: Invalid value"},
	"Local":                  {"preset", "Local", []any{"timezone"}, "timezone: Invalid value"},
	"retention":              {"preset", "30d", []any{"retention"}, "retention: Invalid value"},
	"location":               {"preset", "a/b", []any{"storage_location"}, "storage_location: Invalid value"},
	"preset":                 {"preset", "all", []any{"preset"}, "preset: Invalid"},
	"filter of a preset":     {"preset", []any{"pods"}, []any{"excluded_namespace_scoped_resources"}, "excluded_namespace_scoped_resources: A preset has filters of its own"},
	"selector of a preset":   {"preset", map[string]any{"match_labels": map[string]any{"a": "b"}}, []any{"label_selector"}, "label_selector: A preset"},
	"volumes of a preset":    {"preset", true, []any{"snapshot_volumes"}, "snapshot_volumes: A preset"},
	"older and newer":        {"older_filters", []any{"nodes"}, []any{"excluded_cluster_scoped_resources"}, "included_resources: Older and newer filters"},
	"two selectors":          {"older_filters", map[string]any{"match_labels": map[string]any{"a": "b"}}, []any{"label_selector"}, "or_label_selectors: label_selector is set too"},
	"all and more":           {"every_attribute", []any{"*", "a"}, []any{"included_namespaces"}, "included_namespaces: \"*\" stands alone"},
	"all left out":           {"every_attribute", []any{"*"}, []any{"excluded_namespaces"}, "excluded_namespaces: \"*\" excludes everything"},
	"in and out":             {"every_attribute", []any{"shop"}, []any{"excluded_namespaces"}, "excluded_namespaces[0]: Included and excluded"},
	"in and all out":         {"every_attribute", []any{"*"}, []any{"excluded_cluster_scoped_resources"}, "excluded_cluster_scoped_resources: \"*\" excludes everything"},
	"all and more out":       {"every_attribute", []any{"*", "a"}, []any{"excluded_namespace_scoped_resources"}, "excluded_namespace_scoped_resources: \"*\" stands alone"},
	"older in and out":       {"older_filters", []any{"services.serving.knative.dev"}, []any{"excluded_resources"}, "excluded_resources[0]: Included and excluded"},
	"namespace":              {"every_attribute", []any{"A"}, []any{"included_namespaces"}, "included_namespaces[0]: Invalid value"},
	"kind":                   {"every_attribute", []any{"Services"}, []any{"included_namespace_scoped_resources"}, "included_namespace_scoped_resources[0]: Invalid value"},
	"operator":               {"every_attribute", "Is", []any{"label_selector", "match_expressions", 0, "operator"}, "operator: Invalid"},
	"label":                  {"every_attribute", "a b", []any{"label_selector", "match_labels", "app"}, "Invalid value"},
	"empty selector":         {"older_filters", map[string]any{}, []any{"or_label_selectors", 0}, "or_label_selectors[0]: Invalid combination"},
}

func TestRefusals(t *testing.T) {
	planner := plantest.NewPlanner(t, lifecycle.Ingress{}, schemaOnce(), New)
	for _, name := range documents {
		if lines := planner.Refusals(t, document(t, name)); len(lines) > 0 {
			t.Fatalf("%s: what is right is refused: %q", name, lines)
		}
		for attribute := range document(t, name) {
			if lines := planner.Refusals(t, document(t, name).With(t, plantest.Unknown, attribute)); len(lines) > 0 {
				t.Errorf("%s with an unknown %s: %q", name, attribute, lines)
			}
		}
	}
	for name, test := range refused {
		lines := planner.Refusals(t, document(t, test.document).With(t, test.value, test.at...))
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, test.says) }) {
			t.Errorf("%s: refused for %q, want %q", name, lines, test.says)
		}
	}
}

// Each entry of a preset says why, and names a kind with its group where it has one.
func TestPresets(t *testing.T) {
	for name, preset := range selection.Presets() {
		for _, list := range [][]selection.Because{
			preset.Namespaces, preset.WithoutNamespaces, preset.ClusterKinds, preset.Kinds, preset.WithoutKinds, preset.WithoutLabels,
		} {
			seen := map[string]bool{}
			for _, one := range list {
				if one.Name == "" || one.Why == "" || seen[one.Name] {
					t.Errorf("%s: %+v", name, one)
				}
				seen[one.Name] = true
			}
		}
		lines := plantest.NewPlanner(t, lifecycle.Ingress{}, schemaOnce(), New).Refusals(t, plantest.Document{"name": "a", "cron": "@daily", "preset": name})
		if len(lines) > 0 || preset.About == "" {
			t.Errorf("%s is refused: %q", name, lines)
		}
	}
}
