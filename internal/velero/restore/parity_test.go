package restore

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

func documents(t testing.TB) []plantest.Document {
	t.Helper()
	return []plantest.Document{plantest.Read(t, "testdata/every_attribute.json"), plantest.Read(t, "testdata/preset.json")}
}

// asked is what a restore asks of Velero: which backup, and the Restore of each stage.
type asked struct {
	From   From
	Order  string
	Stages []velero.RestoreSpec
}

// ask returns what a plan asks. A field that Velero's type does not know fails the
// test.
func ask(t testing.TB, d plantest.Document) asked {
	t.Helper()
	var m Model
	diags := diag.Diagnostics{}
	diags.Append(d.Plan(t, schemaOnce()).Get(t.Context(), &m)...)
	stages := m.stages(t.Context(), &diags)
	a := asked{From: m.from(t.Context(), &diags)}
	if diags.HasError() {
		t.Fatal(diags)
	}
	var err error
	if a.Order, err = m.order(a.From, stages); err != nil {
		t.Fatal(err)
	}
	for _, stage := range stages {
		var spec velero.RestoreSpec
		plantest.OverTheWire(t, stage.spec("yesterday", m.ExistingResourcePolicy.ValueString(), lifecycle.Strings(m.NamespaceMapping)), &spec)
		a.Stages = append(a.Stages, spec)
	}
	return a
}

func TestEveryAttributeIsConfigured(t *testing.T) {
	for _, name := range plantest.Missing(schemaOnce(), nil, documents(t)...) {
		t.Errorf("testdata sets no %s", name)
	}
}

// Each attribute decides what is asked of Velero, but for those by which the provider
// goes about it. What decides which objects are restored makes another order of it:
// what an earlier apply has begun is not taken up then.
func TestEveryAttributeReachesTheRestore(t *testing.T) {
	checked := 0
	for _, full := range documents(t) {
		want := ask(t, full)
		full.Leaves(func(at []any) {
			first, _ := at[0].(string)
			last := at[len(at)-1]
			if slices.Contains([]string{"name", "namespace", "allow_partially_failed", "preset"}, first) {
				return
			}
			if required := []any{"from", "backup", "schedule", "stages", "name", "key", "operator"}; slices.Contains(required, last) {
				return
			}
			if _, element := last.(int); element {
				return
			}
			checked++
			got := ask(t, full.With(t, nil, at...))
			reaches := !reflect.DeepEqual(got.Stages, want.Stages)
			if first == "from" || first == "triggers" {
				reaches = !reflect.DeepEqual(got, want)
			}
			if !reaches {
				t.Errorf("%v does not reach the restore", at)
			}
			if howItIsChosen := last == "max_age" || last == "allow_partially_failed"; got.Order == want.Order && !howItIsChosen {
				t.Errorf("without %v, it is the same order", at)
			}
		})
	}
	if checked < 15 {
		t.Errorf("only %d attributes were checked", checked)
	}
}
