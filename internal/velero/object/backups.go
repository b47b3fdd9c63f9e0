package object

import (
	"context"
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
