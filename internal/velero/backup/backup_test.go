package backup

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

func in(phase velero.BackupPhase, more map[string]any) *kube.Object {
	status := map[string]any{"phase": string(phase)}
	for key, value := range more {
		status[key] = value
	}
	return &kube.Object{Object: map[string]any{"metadata": map[string]any{"name": "one"}, "status": status}}
}

// When a backup is ready, when it failed for good, and what is said then.
func TestJudge(t *testing.T) {
	for name, test := range map[string]struct {
		live    *kube.Object
		allowed bool
		done    bool
		at      string // the attribute of a refusal; none without one
		says    string
	}{
		"new":                     {in("", nil), false, false, "", "has not begun"},
		"under way":               {in(velero.BackupPhaseInProgress, map[string]any{"progress": map[string]any{"itemsBackedUp": int64(3), "totalItems": int64(7)}}), false, false, "", "3 of 7 items"},
		"complete":                {in(velero.BackupPhaseCompleted, nil), false, true, "", ""},
		"partial":                 {in(velero.BackupPhasePartiallyFailed, map[string]any{"errors": int64(2)}), false, false, "allow_partially_failed", "2 errors"},
		"partial, which will do":  {in(velero.BackupPhasePartiallyFailed, nil), true, true, "", ""},
		"failed":                  {in(velero.BackupPhaseFailed, map[string]any{"failureReason": "no room"}), true, false, "-", "no room"},
		"invalid":                 {in(velero.BackupPhaseFailedValidation, map[string]any{"validationErrors": []any{"an existing backup storage location was not specified"}}), false, false, "storage_location", "an existing"},
		"invalid, of another way": {in(velero.BackupPhaseFailedValidation, map[string]any{"validationErrors": []any{"who knows"}}), false, false, "-", "who knows"},
		"deleted meanwhile":       {in(velero.BackupPhaseDeleting, nil), false, false, "-", "Somebody else deletes it"},
	} {
		t.Run(name, func(t *testing.T) {
			m := &Model{AllowPartiallyFailed: types.BoolValue(test.allowed)}
			done, _, err := judge(m, nil, test.live, object.Written{})
			_, said := state(m, test.live)
			at := ""
			if refusal, ok := err.(*object.Refusal); ok { //nolint:errorlint // as judge returns it
				at, said = "-", refusal.Detail
				if len(refusal.At.Steps()) > 0 {
					at = refusal.At.String()
				}
			}
			if done != test.done || at != test.at || !strings.Contains(said, test.says) {
				t.Errorf("done %t, at %q, it says %q", done, at, said)
			}
		})
	}
}

// What makes another backup of it: all that decides what is in it, but not what
// Velero's server put in where nothing was said.
func TestChanged(t *testing.T) {
	var m Model
	document := plantest.Parse(t, `{"name": "one", "preset": "platform", "storage_location": "main", "retention": "720h"}`)
	if diags := document.Plan(t, schemaOnce()).Get(t.Context(), &m); diags.HasError() {
		t.Fatal(diags)
	}
	prior := m.Model
	for name, test := range map[string]struct {
		change func(*selection.Model)
		want   []string
	}{
		"nothing":          {func(*selection.Model) {}, nil},
		"another preset":   {func(m *selection.Model) { m.Preset = types.StringValue("application") }, []string{"preset"}},
		"no preset":        {func(m *selection.Model) { m.Preset = types.StringNull() }, []string{"preset"}},
		"server's default": {func(m *selection.Model) { m.StorageLocation, m.Retention = types.StringNull(), types.StringNull() }, nil},
		"another location": {func(m *selection.Model) { m.StorageLocation = types.StringValue("second") }, []string{"storage_location"}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := prior
			test.change(&plan)
			if got := changed(&plan, &prior); !slices.Equal(got, test.want) {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestExpired(t *testing.T) {
	for end, want := range map[string]bool{
		"": false, // it never was complete
		time.Now().Add(time.Hour).Format(time.RFC3339):  false,
		time.Now().Add(-time.Hour).Format(time.RFC3339): true,
	} {
		m := &Model{}
		m.Expires = types.StringValue(end)
		if got := expired(m); got != want || m.Expired.ValueBool() != want {
			t.Errorf("%q: got %t", end, got)
		}
	}
}
