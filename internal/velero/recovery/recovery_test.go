package recovery

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var now = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func backup(name string, age time.Duration, phase velero.BackupPhase, change ...func(*velero.Backup)) velero.Backup {
	began, expires := metav1.NewTime(now.Add(-age)), metav1.NewTime(now.Add(24*time.Hour))
	b := velero.Backup{}
	b.Name, b.Spec.StorageLocation = name, "main"
	b.Status = velero.BackupStatus{Phase: phase, StartTimestamp: &began, Expiration: &expires, Errors: 3}
	for _, c := range change {
		c(&b)
	}
	return b
}

func locations(phase velero.BackupStorageLocationPhase) map[string]*velero.BackupStorageLocation {
	l := &velero.BackupStorageLocation{}
	l.Name, l.Status.Phase, l.Status.Message = "main", phase, "no such bucket"
	return map[string]*velero.BackupStorageLocation{"main": l}
}

func TestRecoveryPoint(t *testing.T) {
	const completed = velero.BackupPhaseCompleted
	available := locations(velero.BackupStorageLocationPhaseAvailable)
	expired := func(b *velero.Backup) { past := metav1.NewTime(now.Add(-time.Hour)); b.Status.Expiration = &past }
	elsewhere := func(b *velero.Backup) { b.Spec.StorageLocation = "other" }
	deleting := func(b *velero.Backup) { b.DeletionTimestamp = &metav1.Time{Time: now} }
	for name, test := range map[string]struct {
		asked     model
		backups   []velero.Backup
		locations map[string]*velero.BackupStorageLocation
		want      string
		meets     bool
		says      string
	}{
		"good":                     {model{MaxAge: types.StringValue("2h")}, []velero.Backup{backup("a", time.Hour, completed)}, available, "a", true, "a is 1h0m0s old."},
		"at the limit":             {model{MaxAge: types.StringValue("1h")}, []velero.Backup{backup("a", time.Hour, completed)}, available, "a", true, "a is 1h0m0s old."},
		"any age":                  {model{}, []velero.Backup{backup("a", 99*time.Hour, completed)}, available, "a", true, "a is 99h0m0s old."},
		"too old":                  {model{MaxAge: types.StringValue("30m")}, []velero.Backup{backup("a", time.Hour, completed)}, available, "a", false, "may be no older than 30m"},
		"the newest failed":        {model{}, []velero.Backup{backup("b", time.Minute, velero.BackupPhaseFailed), backup("a", time.Hour, completed)}, available, "a", true, `newest backup, b, can't be used: its phase is "Failed"`},
		"the newest is under way":  {model{}, []velero.Backup{backup("b", time.Minute, velero.BackupPhaseInProgress), backup("a", time.Hour, completed)}, available, "a", true, "InProgress"},
		"items missing":            {model{}, []velero.Backup{backup("a", time.Hour, velero.BackupPhasePartiallyFailed)}, available, "", false, "3 errors"},
		"items missing, allowed":   {model{AllowPartiallyFailed: types.BoolValue(true)}, []velero.Backup{backup("a", time.Hour, velero.BackupPhasePartiallyFailed)}, available, "a", true, "a is"},
		"expired":                  {model{}, []velero.Backup{backup("a", time.Hour, completed, expired)}, available, "", false, "it has expired"},
		"going":                    {model{}, []velero.Backup{backup("a", time.Hour, completed, deleting)}, available, "", false, "it is being deleted"},
		"of no location":           {model{}, []velero.Backup{backup("a", time.Hour, completed, elsewhere)}, available, "", false, `no backup storage location "other"`},
		"the location is away":     {model{}, []velero.Backup{backup("a", time.Hour, completed)}, locations(velero.BackupStorageLocationPhaseUnavailable), "", false, "no such bucket"},
		"of another location only": {model{StorageLocation: types.StringValue("other")}, []velero.Backup{backup("a", time.Hour, completed)}, available, "", false, "sees none at all"},
		"none":                     {model{}, nil, available, "", false, "sees none at all"},
	} {
		m := test.asked
		m.fill(test.backups, test.locations, now)
		if m.BackupName.ValueString() != test.want || m.MeetsRPO.ValueBool() != test.meets || !strings.Contains(m.Message.ValueString(), test.says) {
			t.Errorf("%s: %s, meets %s, %s", name, m.BackupName, m.MeetsRPO, m.Message)
		}
	}
}
