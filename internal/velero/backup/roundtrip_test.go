package backup

import (
	"reflect"
	"slices"
	"testing"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

func documents(t testing.TB) map[string]plantest.Document {
	t.Helper()
	all := map[string]plantest.Document{}
	for _, name := range []string{"every_attribute", "older_filters", "preset"} {
		all[name] = plantest.Read(t, "testdata/"+name+".json")
	}
	return all
}

func planned(t testing.TB, d plantest.Document) *Model {
	t.Helper()
	var m Model
	if diags := d.Plan(t, schemaOnce()).Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	return &m
}

// made is the object of a plan, as it comes over the wire. A field that Velero's type
// does not know fails the test.
func made(t testing.TB, m *Model) *kube.Object {
	t.Helper()
	spec, diags := selection.Expand(t.Context(), &m.Model)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return &kube.Object{Object: plantest.OverTheWire(t, map[string]any{"spec": spec}, &velero.Backup{})}
}

// imported is what an import reads from an object.
func imported(t testing.TB, live *kube.Object) selection.Model {
	t.Helper()
	m := planned(t, plantest.Document{"name": "one"})
	if diags := flatten(t.Context(), live, m, true); diags.HasError() {
		t.Fatal(diags)
	}
	return m.Model
}

func TestEveryAttributeIsConfigured(t *testing.T) {
	for _, name := range plantest.Missing(schemaOnce(), nil, documents(t)["every_attribute"], documents(t)["older_filters"], documents(t)["preset"]) {
		t.Errorf("testdata sets no %s", name)
	}
}

// notOfTheSpec is what a backup is not made by.
var notOfTheSpec = []string{"name", "namespace", "labels", "annotations", "allow_partially_failed", "adopt", "force_conflicts", "on_create_failure", "wait"}

// Each attribute decides what is in a backup, and an import reads it again.
func TestEveryAttributeReachesTheBackupAndIsImported(t *testing.T) {
	checked := 0
	for name, full := range documents(t) {
		live := made(t, planned(t, full))
		all := imported(t, live)
		if again := made(t, &Model{Model: all}); !reflect.DeepEqual(again, live) {
			t.Errorf("%s: imported, it is %v, and was %v", name, again, live)
		}
		full.Leaves(func(at []any) {
			first, _ := at[0].(string)
			last := at[len(at)-1]
			if _, element := last.(int); element || slices.Contains(notOfTheSpec, first) || last == "key" || last == "operator" {
				return
			}
			checked++
			without := made(t, planned(t, full.With(t, nil, at...)))
			if reflect.DeepEqual(live, without) {
				t.Errorf("%s: %v does not reach the backup", name, at)
			}
			if reflect.DeepEqual(imported(t, without), all) {
				t.Errorf("%s: %v is gone from the backup, but not from what is imported", name, at)
			}
		})
	}
	if checked < 25 {
		t.Errorf("only %d attributes were checked", checked)
	}
}
