package location

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

func everyAttribute(t testing.TB) plantest.Document {
	t.Helper()
	return plantest.Read(t, "testdata/every_attribute.json")
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

// applied returns the object of a plan, as it comes over the wire. A field that
// Velero's type does not know fails the test.
func applied(t testing.TB, m *Model) *kube.Object {
	t.Helper()
	spec, diags := expand(t.Context(), m)
	mustNot(t, diags)
	return &kube.Object{Object: plantest.OverTheWire(t, map[string]any{"spec": spec}, &velero.BackupStorageLocation{})}
}

func typed(t testing.TB, live *kube.Object) *velero.BackupStorageLocation {
	t.Helper()
	location, err := object.Decode[velero.BackupStorageLocation](live)
	if err != nil {
		t.Fatal(err)
	}
	return location
}

func readBack(t testing.TB, live *kube.Object, prior Model, all bool) *Model {
	t.Helper()
	mustNot(t, flatten(t.Context(), live, &prior, all))
	return &prior
}

func TestSchema(t *testing.T) {
	mustNot(t, schemaOnce().ValidateImplementation(t.Context()))
	for _, name := range plantest.Missing(schemaOnce(), nil, everyAttribute(t)) {
		t.Errorf("testdata/every_attribute.json does not set %s", name)
	}
}

var notOfTheSpec = []string{"name", "namespace", "labels", "annotations", "adopt", "force_conflicts", "on_create_failure", "wait"}

// Each attribute reaches the object, and comes back from it: else it was forgotten
// when expanding, or drift of it would stay hidden.
func TestEveryAttributeReachesTheObjectAndComesBack(t *testing.T) {
	full := everyAttribute(t)
	model := modelOf(t, full)
	object := applied(t, model)
	checked := 0
	full.Leaves(func(at []any) {
		if name, _ := at[0].(string); slices.Contains(notOfTheSpec, name) {
			return
		}
		if at[len(at)-1] == "name" { // a Secret has one
			return
		}
		checked++
		changed := applied(t, modelOf(t, full.With(t, nil, at...)))
		if reflect.DeepEqual(object, changed) {
			t.Errorf("%v does not reach the object", at)
		}
		if reflect.DeepEqual(readBack(t, changed, *model, false), model) {
			t.Errorf("%v is gone from the object, but not from what was read back", at)
		}
	})
	if checked < 14 {
		t.Errorf("only %d attributes were checked", checked)
	}
}

// What was applied reads back as it was; imported, it stands for the same object.
func TestFlattenUndoesExpand(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	needed := []any{"name", "storage_provider", "bucket"}
	for range 200 {
		d := everyAttribute(t)
		everyAttribute(t).Leaves(func(at []any) {
			if random.IntN(3) == 0 && !slices.Contains(needed, at[len(at)-1]) {
				d = d.With(t, nil, at...)
			}
		})
		if of, _ := d["config"].(map[string]any); len(of) == 0 {
			delete(d, "config")
		}
		m := modelOf(t, d)
		live := applied(t, m)
		if now := readBack(t, live, *m, false); !reflect.DeepEqual(now, m) {
			t.Fatalf("%v\nread back: %+v\nwritten:   %+v", d, now, m)
		}
		imported := readBack(t, live, Model{}, true)
		if !reflect.DeepEqual(typed(t, applied(t, imported)), typed(t, live)) {
			t.Fatalf("%v\nimported, it stands for %v", d, applied(t, imported).Object)
		}
	}
}

// What is not configured is left to others: the server sets it, and no plan shows it.
func TestWhatIsNotConfiguredIsLeftAlone(t *testing.T) {
	bare := modelOf(t, plantest.Document{"name": "main", "storage_provider": "aws", "bucket": "backups"})
	live := applied(t, bare)
	spec, _ := live.Object["spec"].(map[string]any)
	for field, value := range map[string]any{
		"accessMode": "ReadWrite", "default": true, "backupSyncPeriod": "1m0s", "validationFrequency": "1m0s",
		"config": map[string]any{"region": "x"}, "credential": map[string]any{"name": "a", "key": "b"},
	} {
		spec[field] = value
	}
	if now := readBack(t, live, *bare, false); !reflect.DeepEqual(now, bare) {
		t.Errorf("read back: %+v", now)
	}
}

func located(t testing.TB, phase, message, validated string) *kube.Object {
	t.Helper()
	live := applied(t, modelOf(t, everyAttribute(t)))
	status := map[string]any{"phase": phase, "message": message}
	if validated != "" {
		status["lastValidationTime"] = validated
	}
	live.Object["status"] = status
	return live
}

func TestJudge(t *testing.T) {
	const early, late = "2026-01-01T00:00:00Z", "2026-01-01T00:00:09Z"
	for name, test := range map[string]struct {
		before, live *kube.Object
		changed      bool
		done, failed bool
	}{
		"not seen yet":                    {nil, located(t, "", "", ""), true, false, false},
		"a default phase is no verdict":   {nil, located(t, "Unavailable", "", ""), true, false, false},
		"available":                       {nil, located(t, "Available", "", early), true, true, false},
		"unavailable":                     {nil, located(t, "Unavailable", "no bucket", early), true, false, true},
		"the verdict on what was before":  {located(t, "Available", "", early), located(t, "Available", "", early), true, false, false},
		"the refusal of what was before":  {located(t, "Unavailable", "x", early), located(t, "Unavailable", "x", early), true, false, false},
		"the verdict on the change":       {located(t, "Unavailable", "x", early), located(t, "Available", "", late), true, true, false},
		"the refusal of the change":       {located(t, "Available", "", early), located(t, "Unavailable", "x", late), true, false, true},
		"nothing changed, available":      {located(t, "Available", "", early), located(t, "Available", "", early), false, true, false},
		"nothing changed, unavailable":    {located(t, "Unavailable", "x", early), located(t, "Unavailable", "x", early), false, false, false},
		"nothing changed, seen once more": {located(t, "Unavailable", "x", early), located(t, "Unavailable", "x", late), false, false, true},
	} {
		done, _, err := judge(test.before, test.live, object.Written{Changed: test.changed})
		if done != test.done || (err != nil) != test.failed {
			t.Errorf("%s: done %v, err %v", name, done, err)
		}
		if err != nil && !strings.Contains(err.Error(), messageOf(t, test.live)) {
			t.Errorf("%s: the error does not say why: %v", name, err)
		}
	}
}

func messageOf(t testing.TB, live *kube.Object) string {
	t.Helper()
	_, message := state(live)
	return message
}

var refused = map[string]struct {
	value any
	at    []any
	says  string
}{
	"name":                 {"Main", []any{"name"}, "name: Invalid value"},
	"namespace":            {"a/b", []any{"namespace"}, "namespace: Invalid value"},
	"provider":             {"", []any{"storage_provider"}, "storage_provider: Invalid"},
	"bucket":               {"", []any{"bucket"}, "bucket: Invalid value"},
	"bucket with a folder": {"backups/prod", []any{"bucket"}, "is its prefix"},
	"prefix":               {"/prod", []any{"prefix"}, "prefix: Invalid value"},
	"prefix with an end":   {"prod/", []any{"prefix"}, "prefix: Invalid value"},
	"a secret in config":   {"s3cr3t", []any{"config", "secretAccessKey"}, "put it in a Secret"},
	"Secret":               {"a b", []any{"credential", "name"}, "credential.name: Invalid value"},
	"key":                  {"a b", []any{"credential", "key"}, "credential.key: Invalid value"},
	"CA":                   {"a b", []any{"ca_certificate", "name"}, "ca_certificate.name: Invalid value"},
	"access mode":          {"Write", []any{"access_mode"}, "access_mode: Invalid"},
	"sync period":          {"often", []any{"backup_sync_period"}, "backup_sync_period: Invalid value"},
	"negative":             {"-1m", []any{"validation_frequency"}, "validation_frequency: Invalid value"},
	"our own label":        {map[string]any{"sls-platform.github.io/x": "c"}, []any{"labels"}, `labels["sls-platform.github.io/x"]: Invalid value`},
	"on failure":           {"ignore", []any{"on_create_failure"}, "on_create_failure: Invalid"},
}

func TestRefusals(t *testing.T) {
	planner := plantest.NewPlanner(t, lifecycle.Ingress{}, schemaOnce(), New)
	if lines := planner.Refusals(t, everyAttribute(t)); len(lines) > 0 {
		t.Fatalf("what is right is refused: %q", lines)
	}
	for name, test := range refused {
		lines := planner.Refusals(t, everyAttribute(t).With(t, test.value, test.at...))
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, test.says) }) {
			t.Errorf("%s: refused for %q, want %q", name, lines, test.says)
		}
	}
	for name := range everyAttribute(t) {
		if lines := planner.Refusals(t, everyAttribute(t).With(t, plantest.Unknown, name)); len(lines) > 0 {
			t.Errorf("with an unknown %s: %q", name, lines)
		}
	}
}

func TestSameStore(t *testing.T) {
	a := &Model{StorageProvider: types.StringValue("aws"), Bucket: types.StringValue("b"), Prefix: types.StringNull()}
	b := *a
	if !sameStore(a, &b) {
		t.Error("equal places are two")
	}
	if b.Prefix = types.StringValue("p"); sameStore(a, &b) {
		t.Error("two prefixes are one place")
	}
}
