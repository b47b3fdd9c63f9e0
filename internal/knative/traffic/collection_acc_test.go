package traffic_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// Knative collects every revision that it may, at once. Fifty versions later
// those that a percent, a tag or a rule uses still answer.
//
// It changes what the whole platform keeps: its cluster is its own.
func TestAccLoadGarbageCollection(t *testing.T) {
	if !acctest.OwnsCluster() {
		t.Skip("it changes the platform's settings, on a cluster of its own: make testacc-alone")
	}
	settings, err := json.Marshal(map[string]any{"data": map[string]string{
		"min-non-active-revisions": "0", "max-non-active-revisions": "0",
		"retain-since-create-time": "1s", "retain-since-last-active-time": "1s",
	}})
	if err != nil {
		t.Fatal(err)
	}
	maps := acctest.OnCluster(t).Core.ConfigMaps("knative-serving")
	if _, err := maps.Patch(t.Context(), "config-gc", types.MergePatchType, settings, metav1.PatchOptions{}); err != nil {
		t.Fatalf("config-gc: %s", err)
	}

	const small = "scaling = { max = 1, initial = 0 }"
	r := newRelease(t, small)
	const used = `
  revisions = [
    { version = "v1", percent = 90 },
    { version = "v2", percent = 10, tag = "next" },
    { version = "v3", tag = "testers" },
  ]
  rules = [{ name = "testers", match = [{ headers = { "x-tester" = { exact = "yes" } } }], target = "testers" }]
`
	// Nothing but traffic keeps a version, so it follows each deployment at once.
	r.configure(t, "v2", small, `
  revisions = [{ version = "v1", percent = 90 }, { version = "v2", percent = 10, tag = "next" }]
`)
	r.tf.Apply(t)
	r.configure(t, "v3", small, used)
	r.tf.Apply(t)

	for i := range 50 {
		r.configure(t, fmt.Sprintf("try-%d", i), small+fmt.Sprintf("\n  env = { TRY = \"%d\" }", i), used)
		r.tf.Apply(t)
	}
	if !r.tf.PlanIsEmpty(t) {
		t.Error("the plan is not empty")
	}
	revisions, err := client(t, serving.Revisions, r.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var versions []string
	for _, revision := range revisions.Items {
		versions = append(versions, revision.GetLabels()[serving.VersionLabel])
	}
	t.Logf("revisions that are left: %v", versions)
	if len(versions) > 20 {
		t.Errorf("%d revisions are left: Knative collected nothing, so this shows nothing", len(versions))
	}
	for _, version := range []string{"v1", "v2", "v3"} {
		if !slices.Contains(versions, version) {
			t.Errorf("no revision of %s is left", version)
		}
	}
	report := load.Once(t, load.Options{}, slices.Concat(
		slices.Repeat([]load.Target{load.Get(r.address).As("anybody")}, 200),
		slices.Repeat([]load.Target{load.Get(r.address, "x-tester", "yes").As("tester")}, 20))...)
	if failed := report.Failed(); len(failed) > 0 {
		t.Errorf("%s", failed)
	}
	if got := report.Kind("anybody").Share("v2"); !got.Within(0.1) {
		t.Errorf("%s got v2, want a tenth", got)
	}
	if got := report.Kind("tester").Share("v3"); got.Count != got.Total {
		t.Errorf("%s of the testers got v3", got)
	}
}
