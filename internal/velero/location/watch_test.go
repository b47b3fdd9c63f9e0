package location

import (
	"testing"
	"time"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A backup that came out of the store, and was begun when this cluster had the
// location, is another cluster's; an old one may be this cluster's own past.
func TestFromElsewhere(t *testing.T) {
	t.Parallel()
	had := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	backup := func(location string, began, ended, seen time.Duration) velero.Backup {
		at := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: had.Add(d)} }
		b := velero.Backup{ObjectMeta: metav1.ObjectMeta{Name: location, CreationTimestamp: *at(seen)}, Spec: velero.BackupSpec{StorageLocation: location}}
		b.Status.StartTimestamp = at(began)
		if ended != 0 {
			b.Status.CompletionTimestamp = at(ended)
		}
		return b
	}
	const m = time.Minute
	for name, test := range map[string]struct {
		backup velero.Backup
		want   bool
	}{
		"its own":               {backup("main", 5*m, 6*m, 5*m), false},
		"its own, in a moment":  {backup("main", 5*m, 5*m, 5*m), false},
		"its own, under way":    {backup("main", 5*m, 0, 5*m), false},
		"another's":             {backup("main", 5*m, 6*m, 7*m), true},
		"another's, at once":    {backup("main", 0, 1*m, 2*m), true},
		"before it was here":    {backup("main", -5*m, -4*m, 1*m), false},
		"in another location's": {backup("second", 5*m, 6*m, 7*m), false},
	} {
		if got := fromElsewhere([]velero.Backup{test.backup}, "main", had); (got != nil) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
