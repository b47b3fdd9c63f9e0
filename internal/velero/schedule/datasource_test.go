package schedule

import (
	"testing"
	"time"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestNextRun(t *testing.T) {
	at := func(hour int) *metav1.Time {
		return &metav1.Time{Time: time.Date(2026, 1, 2, hour, 30, 0, 0, time.UTC)}
	}
	for name, test := range map[string]struct {
		expression       string
		last, skipped    *metav1.Time
		paused, disabled bool
		want             string
	}{
		"never ran":        {"0 * * * *", nil, nil, false, false, "2026-01-02T01:00:00Z"},
		"ran":              {"0 * * * *", at(5), nil, false, false, "2026-01-02T06:00:00Z"},
		"skipped since":    {"0 * * * *", at(5), at(7), false, false, "2026-01-02T08:00:00Z"},
		"ran since":        {"0 * * * *", at(9), at(7), false, false, "2026-01-02T10:00:00Z"},
		"in a zone":        {"CRON_TZ=Asia/Shanghai 0 3 * * *", at(5), nil, false, false, "2026-01-02T19:00:00Z"},
		"by the interval":  {"@every 6h", at(5), nil, false, false, "2026-01-02T11:30:00Z"},
		"both days":        {"0 0 1 * 4", at(5), nil, false, false, "2026-10-01T00:00:00Z"},
		"paused":           {"0 * * * *", at(5), nil, true, false, ""},
		"not accepted":     {"0 * * * *", at(5), nil, false, true, ""},
		"not to be parsed": {"never", at(5), nil, false, false, ""},
	} {
		s := &velero.Schedule{}
		s.CreationTimestamp = *at(0)
		s.Spec.Schedule, s.Spec.Paused = test.expression, test.paused
		s.Status.LastBackup, s.Status.LastSkipped, s.Status.Phase = test.last, test.skipped, velero.SchedulePhaseEnabled
		if test.disabled {
			s.Status.Phase = velero.SchedulePhaseFailedValidation
		}
		var m dataModel
		m.fill(s, nil)
		if m.NextRun.ValueString() != test.want {
			t.Errorf("%s: %s, want %s", name, m.NextRun, test.want)
		}
	}
}

func TestLastBackup(t *testing.T) {
	b := velero.Backup{}
	b.Name = "daily-20260102030000"
	b.Status = velero.BackupStatus{
		Phase: velero.BackupPhasePartiallyFailed, Errors: 2, Warnings: 1, FailureReason: "x",
		Progress: &velero.BackupProgress{ItemsBackedUp: 234}, ValidationErrors: []string{"a"},
	}
	var m dataModel
	m.fill(&velero.Schedule{}, []velero.Backup{b, {}})
	got := m.LastBackup
	if got.Name.ValueString() != b.Name || got.Items.ValueInt64() != 234 || got.Errors.ValueInt64() != 2 || got.Warnings.ValueInt64() != 1 ||
		got.Phase.ValueString() != "PartiallyFailed" || got.FailureReason.ValueString() != "x" || len(got.ValidationErrors.Elements()) != 1 || !got.Completed.IsNull() {
		t.Errorf("%+v", got)
	}
}
