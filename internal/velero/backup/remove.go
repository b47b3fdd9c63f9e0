package backup

import (
	"context"
	"fmt"
	"strings"
	"time"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// lookAgain is how often a removal that is waited for is asked about: nothing on
// the backup itself tells that it was refused.
const lookAgain = time.Second

// remove has Velero remove a backup from the store, and waits until it is gone.
// An object that is only deleted comes back with the next sync.
func remove(ctx context.Context, cluster *kube.Cluster, live *kube.Object) error {
	namespace, name := live.GetNamespace(), live.GetName()
	if phaseOf(live) == velero.BackupPhaseFailedValidation { // it never came to the store
		return cluster.Delete(ctx, object.Backups, namespace, name, live.GetUID())
	}
	follow, err := cluster.Follow(ctx, object.Backups, namespace, name)
	if err != nil {
		return err
	}
	defer follow.Close()
	request, err := cluster.Apply(ctx, object.DeleteRequests, deleteRequest(live), kube.ApplyOptions{Manager: "sls-backup"})
	if err != nil {
		return fmt.Errorf("asking Velero to delete it: %w", err)
	}
	now, err := cluster.Find(ctx, object.Backups, namespace, name)
	if err != nil {
		return err
	}
	last, err := follow.Await(ctx, now, func(backup *kube.Object) (bool, time.Duration, error) {
		if backup == nil || backup.GetUID() != live.GetUID() {
			return true, 0, nil
		}
		current, err := cluster.Find(ctx, object.DeleteRequests, namespace, request.GetName())
		if err != nil || current == nil {
			return false, lookAgain, err
		}
		of, err := object.Decode[velero.DeleteBackupRequest](current)
		if err != nil {
			return false, 0, err
		}
		if of.Status.Phase != velero.DeleteBackupRequestPhaseProcessed || len(of.Status.Errors) == 0 {
			return false, lookAgain, nil
		}
		// So that the next try is another request.
		_ = cluster.Delete(ctx, object.DeleteRequests, namespace, request.GetName(), current.GetUID())
		return false, 0, &object.Refusal{
			Summary: "Velero can't remove it from the store",
			Detail: strings.Join(of.Status.Errors, "\n") + "\n\nThe backup is still there. When its storage location is Available and ReadWrite on this cluster, destroy again; " +
				"or leave it to its expiry: terraform state rm.",
		}
	})
	if err != nil && ctx.Err() != nil {
		return &object.Refusal{Summary: "the time to wait is over", Detail: fmt.Sprintf("Velero was asked to remove it, and its phase is %s. Does Velero's server run?", phaseOf(last))}
	}
	return err
}

// deleteRequest asks for the removal of a backup. There is one for each backup:
// whoever is interrupted waits for the same again.
func deleteRequest(backup *kube.Object) *kube.Object {
	request := &kube.Object{Object: map[string]any{
		"apiVersion": object.DeleteRequests.APIVersion(), "kind": object.DeleteRequests.Name,
		"spec": map[string]any{"backupName": backup.GetName()},
	}}
	request.SetNamespace(backup.GetNamespace())
	request.SetName(backup.GetName() + "-" + short(backup.GetUID()))
	request.SetLabels(map[string]string{velero.BackupNameLabel: backup.GetName(), velero.BackupUIDLabel: string(backup.GetUID())})
	return request
}

// short is the first part of a UID.
func short(uid types.UID) string {
	first, _, _ := strings.Cut(string(uid), "-")
	return first
}
