package restore

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func backup(name string, age time.Duration, phase velero.BackupPhase) velero.Backup {
	began, ends := metav1.NewTime(noon.Add(-age)), metav1.NewTime(noon.Add(time.Hour))
	return velero.Backup{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       velero.BackupSpec{StorageLocation: "main"},
		Status:     velero.BackupStatus{Phase: phase, StartTimestamp: &began, Expiration: &ends},
	}
}

// The newest backup that can be used is restored, and what is passed over is told.
func TestChoose(t *testing.T) {
	t.Parallel()
	expired := backup("expired", 2*time.Hour, velero.BackupPhaseCompleted)
	past := metav1.NewTime(noon.Add(-time.Minute))
	expired.Status.Expiration = &past
	elsewhere := backup("elsewhere", time.Hour, velero.BackupPhaseCompleted)
	elsewhere.Spec.StorageLocation = "second"
	backups := []velero.Backup{
		backup("running", time.Minute, velero.BackupPhaseInProgress),
		backup("partial", 10*time.Minute, velero.BackupPhasePartiallyFailed),
		elsewhere, expired,
		backup("good", 3*time.Hour, velero.BackupPhaseCompleted),
		backup("older", 30*time.Hour, velero.BackupPhaseCompleted),
	}
	text := types.StringValue
	for name, test := range map[string]struct {
		from From
		want string // the backup
		says []string
	}{
		"newest":           {From{Schedule: text("daily"), StorageLocation: text("main")}, "good", nil},
		"anywhere":         {From{Schedule: text("daily")}, "elsewhere", nil},
		"partial":          {From{Schedule: text("daily"), AllowPartiallyFailed: types.BoolValue(true)}, "partial", nil},
		"by name":          {From{Backup: text("older")}, "older", nil},
		"young enough":     {From{Schedule: text("daily"), StorageLocation: text("main"), MaxAge: text("4h")}, "good", nil},
		"too old":          {From{Schedule: text("daily"), StorageLocation: text("main"), MaxAge: text("2h")}, "", []string{"too old", "good, which is 3h0m0s old", "no older than 2h", "running"}},
		"unusable by name": {From{Backup: text("expired")}, "", []string{"no usable backup expired", "it has expired"}},
		"partial by name":  {From{Backup: text("partial")}, "", []string{"no usable backup partial", "some of its items are missing"}},
		"none":             {From{Backup: text("never")}, "", []string{"no usable backup never", "data.sls_recovery_point"}},
		"not in there":     {From{Schedule: text("daily"), StorageLocation: text("third")}, "", []string{"no usable backup of the schedule daily"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, why := choose(backups, test.from, noon)
			switch {
			case test.want != "" && (got == nil || got.Name != test.want):
				t.Errorf("chose %v, %v, want %s", got, why, test.want)
			case test.want == "" && got != nil:
				t.Errorf("chose %s", got.Name)
			}
			for _, part := range test.says {
				if why == nil || !strings.Contains(why.Error(), part) {
					t.Errorf("%v does not say %q", why, part)
				}
			}
		})
	}
}

// A backup that is not there is waited for until Velero has looked into each store
// since; a store that stays unavailable is the reason that is told.
func TestOutlook(t *testing.T) {
	t.Parallel()
	location := func(phase velero.BackupStorageLocationPhase, synced time.Duration) velero.BackupStorageLocation {
		at := metav1.NewTime(noon.Add(synced))
		l := velero.BackupStorageLocation{ObjectMeta: metav1.ObjectMeta{Name: "main"}, Status: velero.BackupStorageLocationStatus{Phase: phase, Message: "no such bucket"}}
		if synced != 0 {
			l.Status.LastSyncedTime = &at
		}
		return l
	}
	available, unavailable := velero.BackupStorageLocationPhaseAvailable, velero.BackupStorageLocationPhaseUnavailable
	for name, test := range map[string]struct {
		locations []velero.BackupStorageLocation
		after     time.Duration
		again     bool
		says      string
	}{
		"no location":         {nil, time.Second, false, "no backup storage location"},
		"never looked":        {[]velero.BackupStorageLocation{location(available, 0)}, time.Minute, true, ""},
		"looked before":       {[]velero.BackupStorageLocation{location(available, -time.Second)}, time.Minute, true, ""},
		"looked since":        {[]velero.BackupStorageLocation{location(available, time.Second)}, time.Minute, false, ""},
		"one of two":          {[]velero.BackupStorageLocation{location(available, time.Second), location(available, -time.Second)}, time.Minute, true, ""},
		"unavailable at once": {[]velero.BackupStorageLocation{location(unavailable, -time.Second)}, time.Second, true, ""},
		"unavailable":         {[]velero.BackupStorageLocation{location(unavailable, -time.Second)}, time.Minute, false, "no such bucket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again, because := outlook(test.locations, noon, noon.Add(test.after))
			if again != test.again {
				t.Errorf("again is %v", again)
			}
			if (because != nil) != (test.says != "") || because != nil && !strings.Contains(because.Error(), test.says) {
				t.Errorf("it says %v, want %q", because, test.says)
			}
		})
	}
}

// Of a schedule, the newest backup is known where Velero has looked recently.
func TestAllLookedInto(t *testing.T) {
	t.Parallel()
	location := func(ago time.Duration) (l velero.BackupStorageLocation) {
		at := metav1.NewTime(noon.Add(-ago))
		l.Status.LastSyncedTime = &at
		return l
	}
	period := func(d time.Duration, l velero.BackupStorageLocation) velero.BackupStorageLocation {
		l.Spec.BackupSyncPeriod = &metav1.Duration{Duration: d}
		return l
	}
	for name, test := range map[string]struct {
		locations []velero.BackupStorageLocation
		want      bool
	}{
		"its period":   {[]velero.BackupStorageLocation{period(10*time.Minute, location(15*time.Minute))}, true},
		"never to":     {[]velero.BackupStorageLocation{period(0, velero.BackupStorageLocation{})}, true},
		"just now":     {[]velero.BackupStorageLocation{location(time.Minute)}, true},
		"of two, one":  {[]velero.BackupStorageLocation{location(time.Minute), location(time.Hour)}, false},
		"hours ago":    {[]velero.BackupStorageLocation{location(time.Hour)}, false},
		"never looked": {[]velero.BackupStorageLocation{{}}, false},
	} {
		if got := allLookedInto(test.locations, noon); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// A kind that is younger than Velero's server is waited for, if a stage restores it,
// until the server has asked again.
func TestUnseen(t *testing.T) {
	t.Parallel()
	definition := func(name string, age time.Duration, labels map[string]string) object.Object {
		d := object.Object{Object: map[string]any{}}
		d.SetName(name)
		d.SetCreationTimestamp(metav1.NewTime(noon.Add(-age)))
		d.SetLabels(labels)
		return d
	}
	definitions := []object.Object{
		definition("known.example.com", 2*time.Minute, nil),
		definition("young.example.com", 10*time.Second, nil),
		definition("restored.example.com", 10*time.Second, map[string]string{velero.RestoreNameLabel: "a"}),
		definition("backups.velero.io", 10*time.Second, nil),
	}
	for name, test := range map[string]struct {
		stage Stage
		later time.Duration
		want  []string
	}{
		"all kinds":   {Stage{}, 0, []string{"young.example.com"}},
		"this one":    {Stage{IncludedResources: []string{"young.example.com"}}, 0, []string{"young.example.com"}},
		"another one": {Stage{IncludedResources: []string{"known.example.com"}}, 0, nil},
		"left out":    {Stage{ExcludedResources: []string{"young.example.com"}}, 0, nil},
		"later":       {Stage{}, 6 * time.Minute, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, unseen(definitions, test.stage, noon.Add(-time.Minute), noon.Add(test.later))); diff != "" {
				t.Errorf("unseen are (-want +got):\n%s", diff)
			}
		})
	}
}

// What a stage says, and nothing else, is in the Restore; the stage's policy goes
// before the resource's.
func TestSpec(t *testing.T) {
	t.Parallel()
	yes, update := true, policyUpdate
	stage := Stage{
		Name: "all", IncludedNamespaces: []string{"shop"}, ExcludedNamespaces: []string{"velero"},
		IncludedResources: []string{"services"}, ExcludedResources: []string{"pods"}, IncludeClusterResources: &yes,
		LabelSelector:          &selection.LabelSelector{MatchExpressions: []selection.Expression{{Key: "a", Operator: "DoesNotExist"}}},
		ExistingResourcePolicy: &update,
	}
	modifier := map[string]any{"kind": "configmap", "name": modifiersName}
	want := map[string]any{
		"backupName": "b", "resourceModifier": modifier,
		"includedNamespaces": []any{"shop"}, "excludedNamespaces": []any{"velero"}, "includedResources": []any{"services"}, "excludedResources": []any{"pods"},
		"includeClusterResources": true, "existingResourcePolicy": "update", "namespaceMapping": map[string]any{"shop": "other"},
		"labelSelector": map[string]any{"matchExpressions": []any{map[string]any{"key": "a", "operator": "DoesNotExist"}}},
	}
	if diff := cmp.Diff(want, stage.spec("b", policyNone, map[string]string{"shop": "other"})); diff != "" {
		t.Errorf("the spec differs (-want +got):\n%s", diff)
	}
	want = map[string]any{"backupName": "b", "resourceModifier": modifier}
	if diff := cmp.Diff(want, Stage{Name: "all"}.spec("b", "", nil)); diff != "" {
		t.Errorf("the spec of a stage that says nothing differs (-want +got):\n%s", diff)
	}
}

// What is there already and is the same, or is each cluster's own, is not told.
func TestTelling(t *testing.T) {
	t.Parallel()
	got := telling(object.Results{
		Errors: []string{"shop: denied"},
		Warnings: []string{
			"shop: could not restore, ConfigMap:settings already exists. Warning: the in-cluster version is different than the backed-up version",
			"shop: could not restore, ConfigMap:kube-root-ca.crt already exists. Warning: the in-cluster version is different than the backed-up version",
			"shop: could not restore, Secret:token already exists. the in-cluster version is the same",
			"refresh discovery after restoring CRDs",
		},
	})
	want := []string{
		"shop: denied",
		"shop: could not restore, ConfigMap:settings already exists. Warning: the in-cluster version is different than the backed-up version",
		"refresh discovery after restoring CRDs",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told differs (-want +got):\n%s", diff)
	}
}

// Only what chooses another restore is one: not an age, nor what an import can't
// know.
func TestChanged(t *testing.T) {
	t.Parallel()
	kinds := map[string]attr.Type{
		"backup": types.StringType, "schedule": types.StringType, "max_age": types.StringType, "storage_location": types.StringType, "allow_partially_failed": types.BoolType,
	}
	from := func(schedule, age string) types.Object {
		return types.ObjectValueMust(kinds, map[string]attr.Value{
			"backup": types.StringNull(), "schedule": types.StringValue(schedule), "max_age": types.StringValue(age),
			"storage_location": types.StringNull(), "allow_partially_failed": types.BoolNull(),
		})
	}
	base := Model{
		Namespace: types.StringValue("velero"), From: from("daily", "26h"), Preset: types.StringValue("platform"),
		Triggers: types.MapNull(types.StringType), Stages: types.ListNull(types.StringType), NamespaceMapping: types.MapNull(types.StringType),
	}
	for name, test := range map[string]struct {
		prior, plan func(*Model)
		want        []string
	}{
		"nothing":        {nil, nil, nil},
		"age":            {nil, func(m *Model) { m.From = from("daily", "1h") }, nil},
		"schedule":       {nil, func(m *Model) { m.From = from("hourly", "26h") }, []string{"from"}},
		"preset":         {nil, func(m *Model) { m.Preset = types.StringValue("application") }, []string{"preset"}},
		"unknown source": {nil, func(m *Model) { m.From = types.ObjectUnknown(kinds) }, nil},
		"after import":   {func(m *Model) { m.From, m.Preset = types.ObjectNull(kinds), types.StringNull() }, nil, nil},
		"other velero":   {func(m *Model) { m.From = types.ObjectNull(kinds) }, func(m *Model) { m.Namespace = types.StringValue("backup") }, []string{"namespace"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prior, plan := base, base
			if test.prior != nil {
				test.prior(&prior)
			}
			if test.plan != nil {
				test.plan(&plan)
			}
			var diags diag.Diagnostics
			if got := changed(t.Context(), &plan, &prior, &diags); diags.HasError() || !cmp.Equal(got, test.want) {
				t.Errorf("changed %v, want %v; %v", got, test.want, diags)
			}
		})
	}
}

// An order is the same for the same configuration, and another for any part of it.
func TestOrder(t *testing.T) {
	t.Parallel()
	from := From{Schedule: types.StringValue("daily"), MaxAge: types.StringValue("26h")}
	order := func(m Model, from From, stages []Stage) string {
		got, err := m.order(from, stages)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	stages := stagesOf("configuration")
	same := order(Model{}, from, stages)
	from.MaxAge = types.StringValue("1h")
	if got := order(Model{}, from, stagesOf("configuration")); got != same {
		t.Errorf("another age makes another order: %s, %s", got, same)
	}
	relabelled := stagesOf("configuration")
	relabelled[len(relabelled)-1].LabelSelector = nil
	for name, other := range map[string]string{
		"source":   order(Model{}, From{Schedule: types.StringValue("hourly")}, stages),
		"policy":   order(Model{ExistingResourcePolicy: types.StringValue(policyUpdate)}, from, stages),
		"trigger":  order(Model{Triggers: types.MapValueMust(types.StringType, map[string]attr.Value{"a": types.StringValue("1")})}, from, stages),
		"selector": order(Model{}, from, relabelled),
	} {
		if other == same {
			t.Errorf("another %s is the same order", name)
		}
	}
}

// The presets never bring Velero itself back, name their kinds in full, and bring
// definitions before what needs them.
func TestPresets(t *testing.T) {
	t.Parallel()
	for name, p := range presets() {
		if p.About == "" || len(p.Stages) == 0 {
			t.Errorf("%s says nothing", name)
		}
		for _, stage := range p.Stages {
			if stage.Why == "" || len(stage.Name) > longestName {
				t.Errorf("%s: the stage %q has no reason, or too long a name", name, stage.Name)
			}
			if everywhere := len(stage.IncludedNamespaces) == 0; name == "platform" && everywhere &&
				!slices.Contains(stage.ExcludedNamespaces, "velero") && !onlyCluster(stage.IncludedResources) {
				t.Errorf("%s: the stage %s brings Velero's namespace", name, stage.Name)
			}
			for _, kind := range append(append([]string{}, stage.IncludedResources...), stage.ExcludedResources...) {
				if plural, group, _ := strings.Cut(kind, "."); plural != strings.ToLower(plural) || group == "knative.dev" || strings.Contains(group, "/") {
					t.Errorf("%s: the stage %s names %q", name, stage.Name, kind)
				}
			}
		}
	}
	if first := presets()["platform"].Stages[0]; !slices.Contains(first.IncludedResources, "customresourcedefinitions.apiextensions.k8s.io") {
		t.Errorf("the first stage of platform is %s", first.Name)
	}
	for _, name := range presetNames() {
		if !strings.Contains(aboutPresets(), "`"+name+"`") {
			t.Errorf("the description does not tell of %s", name)
		}
	}
}

// onlyCluster reports whether kinds have no namespaces.
func onlyCluster(kinds []string) bool {
	for _, kind := range kinds {
		if !strings.HasPrefix(kind, "customresourcedefinitions.") && !strings.Contains(kind, "webhookconfigurations.") {
			return false
		}
	}
	return len(kinds) > 0
}

// What has failed before it restored anything is tried again; what is half done, or
// was refused for what it says, is not.
func TestBeganNothing(t *testing.T) {
	t.Parallel()
	restored := func(items int) *velero.RestoreProgress {
		return &velero.RestoreProgress{TotalItems: 7, ItemsRestored: items}
	}
	for name, test := range map[string]struct {
		phase    velero.RestorePhase
		progress *velero.RestoreProgress
		want     bool
	}{
		"failed at once":     {velero.RestorePhaseFailed, nil, true},
		"failed at the list": {velero.RestorePhaseFailed, restored(0), true},
		"failed half way":    {velero.RestorePhaseFailed, restored(3), false},
		"refused":            {velero.RestorePhaseFailedValidation, nil, false},
		"some items failed":  {velero.RestorePhasePartiallyFailed, restored(0), false},
		"complete":           {velero.RestorePhaseCompleted, restored(0), false},
	} {
		restore := &velero.Restore{Status: velero.RestoreStatus{Phase: test.phase, Progress: test.progress}}
		if got := beganNothing(restore); got != test.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
	if beganNothing(nil) {
		t.Error("a Restore that is gone is tried again")
	}
}
