package object

import (
	"context"
	"fmt"
	"slices"
	"time"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// BackupsOf returns the backups of a schedule as this cluster sees them, the
// newest first; all, if the schedule is "".
func BackupsOf(ctx context.Context, cluster *kube.Cluster, namespace, schedule string) ([]velero.Backup, error) {
	selector := map[string]string{}
	if schedule != "" {
		selector[velero.ScheduleNameLabel] = schedule
	}
	objects, err := cluster.List(ctx, Backups, namespace, selector)
	if err != nil {
		return nil, err
	}
	var backups []velero.Backup
	for i := range objects {
		backup, err := Decode[velero.Backup](&objects[i])
		if err != nil {
			return nil, err
		}
		backups = append(backups, *backup)
	}
	slices.SortStableFunc(backups, func(a, b velero.Backup) int { return Began(&b).Compare(Began(&a)) })
	return backups, nil
}

// Unusable says why a backup can't be restored; "" if it can, as far as the backup
// itself goes. Partial ones may do.
func Unusable(backup *velero.Backup, partialWillDo bool, now time.Time) string {
	switch phase := backup.Status.Phase; {
	case backup.DeletionTimestamp != nil || phase == velero.BackupPhaseDeleting:
		return "it is being deleted"
	case phase == velero.BackupPhasePartiallyFailed && !partialWillDo:
		return fmt.Sprintf("some of its items are missing (PartiallyFailed, %d errors)", backup.Status.Errors)
	case phase != velero.BackupPhaseCompleted && phase != velero.BackupPhasePartiallyFailed:
		return fmt.Sprintf("its phase is %q", phase)
	case backup.Status.Expiration != nil && backup.Status.Expiration.Time.Before(now):
		return "it has expired"
	}
	return ""
}

// Began is when a backup began: what has changed since is not in it. One that
// waits for its turn has its object's time.
func Began(backup *velero.Backup) time.Time {
	if backup.Status.StartTimestamp != nil {
		return backup.Status.StartTimestamp.Time
	}
	return backup.CreationTimestamp.Time
}

// RFC3339 writes a time as data sources show it; "" for none.
func RFC3339(t *metav1.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
