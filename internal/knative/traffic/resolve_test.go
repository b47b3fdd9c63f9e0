package traffic

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	duckv1 "knative.dev/pkg/apis/duck/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// revisionOf is a revision as old as that.
func revisionOf(name, version string, age time.Duration, ready corev1.ConditionStatus) *servingv1.Revision {
	r := &servingv1.Revision{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(1_800_000_000, 0).Add(-age))}}
	if version != "" {
		r.Labels = map[string]string{serving.VersionLabel: version}
	}
	r.Status.Conditions = duckv1.Conditions{{Type: apis.ConditionReady, Status: ready, Reason: "Reason", Message: "the image is broken"}}
	return r
}

func standing(current, latest string, revisions ...*servingv1.Revision) *deployed {
	on := &deployed{service: &servingv1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}, revisions: revisions}
	on.service.Spec.Template.Name = current
	on.service.Status.LatestReadyRevisionName = latest
	return on
}

func TestResolve(t *testing.T) {
	version := func(v string, percent int64) Revision {
		return Revision{Version: types.StringValue(v), Percent: types.Int64Value(percent)}
	}
	named := func(name string, percent int64) Revision {
		return Revision{Revision: types.StringValue(name), Percent: types.Int64Value(percent)}
	}
	latest := Revision{Latest: types.BoolValue(true), Percent: types.Int64Value(10)}
	const yes, no, later = corev1.ConditionTrue, corev1.ConditionFalse, corev1.ConditionUnknown
	all := standing("c", "c",
		revisionOf("c", "2", 1, yes), revisionOf("broken", "3", 2, no), revisionOf("coming", "4", 3, later),
		revisionOf("b", "1", 4, yes), revisionOf("a", "1", 5, yes), revisionOf("nameless", "", 6, yes))
	for name, test := range map[string]struct {
		on       *deployed
		entries  []Revision
		collapse bool
		want     string // revisions
		problem  string // its place and text
		missing  int    // entries that collapsed
	}{
		"the newest of a version":        {all, []Revision{version("1", 90), version("2", 10)}, false, "b,c", "", 0},
		"by name":                        {all, []Revision{named("a", 90), named("nameless", 10)}, false, "a,nameless", "", 0},
		"the latest":                     {all, []Revision{named("a", 90), latest}, false, "a,", "", 0},
		"the latest of none":             {standing("", ""), []Revision{latest}, false, "", "revisions[0].latest: The application has no ready revision", 0},
		"going back to an older one":     {standing("a", "a", revisionOf("b", "1", 4, yes), revisionOf("a", "1", 5, yes)), []Revision{version("1", 100)}, false, "a", "", 0},
		"an older one that is ready":     {standing("b", "b", revisionOf("b", "1", 4, no), revisionOf("a", "1", 5, yes)), []Revision{version("1", 100)}, false, "a", "", 0},
		"a version that is broken":       {all, []Revision{version("3", 100)}, false, "", "revisions[0].version: Version 3 has no ready revision: The newest, broken, is not: Reason: the image is broken.", 0},
		"a version that is coming":       {all, []Revision{version("1", 90), version("4", 10)}, true, "", "revisions[1].version: Version 4 has no ready revision", 0},
		"a revision that is broken":      {all, []Revision{named("broken", 100)}, true, "", "revisions[0].revision: Revision broken is not ready: Knative reports: Reason: the image is broken.", 0},
		"a version that is missing":      {all, []Revision{version("0", 100)}, false, "", "revisions[0].version: There is no revision of version 0", 0},
		"a revision that is missing":     {all, []Revision{named("z", 100)}, false, "", "revisions[0].revision: There is no revision z", 0},
		"collapse":                       {all, []Revision{version("0", 30), version("1", 20), version("2", 50)}, true, "c,b,c", "", 1},
		"collapse into the first of two": {all, []Revision{version("1", 45), named("z", 10), version("2", 45)}, true, "b,b,c", "", 1},
		"collapse into nothing":          {all, []Revision{version("0", 30), named("z", 70)}, true, "", "revisions[0].version: There is no revision of version 0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			resolved, problems, collapsed := resolve(test.entries, test.on, test.collapse)
			if test.problem != "" {
				said := ""
				for _, p := range problems {
					said += fmt.Sprintf("%s: %s: %s\n", p.at, p.summary, p.detail)
				}
				if !strings.Contains(said, test.problem) {
					t.Errorf("the problems are %q, want %q", said, test.problem)
				}
				return
			}
			var names []string
			for _, target := range resolved {
				names = append(names, target.revision)
			}
			if got := strings.Join(names, ","); got != test.want || len(problems) > 0 || len(collapsed) != test.missing {
				t.Errorf("got %s, %v, %v; want %s", got, problems, collapsed, test.want)
			}
		})
	}
}

// Only the revision that Knative is about to make or to start is worth waiting for.
func TestAwaits(t *testing.T) {
	version := Revision{Version: types.StringValue("2")}
	b := revisionOf("b", "1", 1, corev1.ConditionTrue)
	applied := func(name, version string, revisions ...*servingv1.Revision) *deployed {
		on := standing(name, "b", revisions...)
		on.service.Generation, on.service.Status.ObservedGeneration = 2, 1
		on.service.Spec.Template.Labels = map[string]string{serving.VersionLabel: version}
		return on
	}
	made := applied("c", "2", b)
	made.service.Status.ObservedGeneration, made.service.Status.LatestCreatedRevisionName = 2, "c"
	madeAs := func(ready corev1.ConditionStatus, more ...*servingv1.Revision) *deployed {
		on := applied("", "2", append(more, b, revisionOf("c", "2", 0, ready))...)
		on.service.Status.ObservedGeneration, on.service.Status.LatestCreatedRevisionName = 2, "c"
		on.service.Status.Conditions = duckv1.Conditions{{Type: servingv1.ServiceConditionConfigurationsReady, Status: ready}}
		return on
	}
	first := madeAs(corev1.ConditionUnknown)
	first.service.Status.LatestReadyRevisionName = ""
	for name, test := range map[string]struct {
		on    *deployed
		entry Revision
		want  bool
	}{
		"the template's version":                        {applied("c", "2", b), version, true},
		"the template's version, without a name":        {applied("", "2", b), version, true},
		"the template's name":                           {applied("c", "2", b), Revision{Revision: types.StringValue("c")}, true},
		"another version":                               {applied("c", "3", b), version, false},
		"another name":                                  {applied("c", "2", b), Revision{Revision: types.StringValue("d")}, false},
		"the latest ready one":                          {applied("c", "2", b), Revision{Latest: types.BoolValue(true)}, false},
		"a version that is there, going on with it":     {applied("c", "1", b), Revision{Version: types.StringValue("1")}, false},
		"a revision that is there, going back":          {applied("b", "2", b), version, false},
		"made, and deleted by somebody":                 {made, version, false},
		"made, and starting":                            {madeAs(corev1.ConditionUnknown), version, true},
		"made and starting, by its name":                {madeAs(corev1.ConditionUnknown), Revision{Revision: types.StringValue("c")}, true},
		"made, and can't start":                         {madeAs(corev1.ConditionFalse), version, false},
		"made, and ready":                               {madeAs(corev1.ConditionTrue), version, false},
		"starting, and another of the version is ready": {madeAs(corev1.ConditionUnknown, revisionOf("d", "2", 3, corev1.ConditionTrue)), version, false},
		"the first that is to be ready":                 {first, Revision{Latest: types.BoolValue(true)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.on.awaits([]Revision{test.entry}); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
