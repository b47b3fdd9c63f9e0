package backup

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const notSeen = "Velero's server has not begun the backup yet. Is there one, and does it run in this namespace?"

// state tells what became of a backup.
func state(m *Model, live *kube.Object) (ready bool, message string) {
	backup, err := object.Decode[velero.Backup](live)
	if err != nil {
		return false, err.Error()
	}
	status := &backup.Status
	switch status.Phase {
	case velero.BackupPhaseCompleted:
		return true, ""
	case velero.BackupPhasePartiallyFailed:
		if m.AllowPartiallyFailed.ValueBool() {
			return true, ""
		}
		return false, fmt.Sprintf("Some items are missing from the backup: Velero has noted %d errors.", status.Errors)
	case velero.BackupPhaseFailed:
		return false, cmp.Or(status.FailureReason, "Velero does not say why it failed.")
	case velero.BackupPhaseFailedValidation:
		return false, strings.Join(status.ValidationErrors, "\n")
	case "", velero.BackupPhaseNew:
		return false, notSeen
	case velero.BackupPhaseQueued, velero.BackupPhaseReadyToStart:
		return false, "The backup waits for its turn."
	case velero.BackupPhaseDeleting:
		return false, "The backup is being deleted."
	}
	if p := status.Progress; p != nil {
		return false, fmt.Sprintf("The backup is under way (%s): %d of %d items.", status.Phase, p.ItemsBackedUp, p.TotalItems)
	}
	return false, fmt.Sprintf("The backup is under way (%s).", status.Phase)
}

// judge ends the wait when the backup has ended.
func judge(m *Model, _, live *kube.Object, _ object.Written) (done bool, again time.Duration, err error) {
	ready, message := state(m, live)
	if ready {
		return true, 0, nil
	}
	switch phaseOf(live) {
	case velero.BackupPhasePartiallyFailed:
		return false, 0, &object.Refusal{
			At: path.Root("allow_partially_failed"), Summary: "some items are missing",
			Detail: message + "\n\nMend the cause, or accept it by allow_partially_failed = true.",
		}
	case velero.BackupPhaseFailed:
		return false, 0, &object.Refusal{Summary: "it failed", Detail: message + "\n\nThe log says more: velero backup logs " + live.GetName()}
	case velero.BackupPhaseFailedValidation:
		return false, 0, &object.Refusal{At: attributeOf(message), Summary: "Velero's server refuses it", Detail: message}
	case velero.BackupPhaseDeleting:
		return false, 0, &object.Refusal{Summary: "it is being deleted", Detail: "Somebody else deletes it. The next apply makes another one."}
	}
	return false, 0, nil
}

// attributeOf returns the attribute that a validation error is about. The text is
// all that Velero says.
func attributeOf(message string) path.Path {
	for _, of := range []struct{ text, attribute string }{
		{"snapshot location", "volume_snapshot_locations"},
		{"storage location", "storage_location"},
		{"BackupStorageLocation", "storage_location"},
		{"resource polic", "resource_policy"},
		{"labelSelector", "label_selector"},
		{"cluster-scoped included", "included_cluster_scoped_resources"},
		{"namespace-scoped included", "included_namespace_scoped_resources"},
		{"namespace lists", "included_namespaces"},
		{"resource lists", "included_resources"},
		{"old filter parameters", "included_resources"},
	} {
		if strings.Contains(message, of.text) {
			return path.Root(of.attribute)
		}
	}
	return path.Empty()
}

// explain adds what Velero's server has noted of the items that are missing.
func explain(ctx context.Context, cluster *kube.Cluster, live *kube.Object, refusal *object.Refusal) {
	if phaseOf(live) == velero.BackupPhasePartiallyFailed {
		results := object.ReadResults(ctx, cluster, live.GetNamespace(), velero.DownloadTargetKindBackupResults, live.GetName())
		refusal.Detail = results.First() + "\n\n" + refusal.Detail
	}
}

func phaseOf(live *kube.Object) velero.BackupPhase {
	if live == nil {
		return ""
	}
	status, _ := live.Object["status"].(map[string]any)
	phase, _ := status["phase"].(string)
	return velero.BackupPhase(phase)
}

func waiting(live *kube.Object) string {
	_, message := state(&Model{}, live)
	return message
}

// flattenOutcome puts into the model what came of the backup.
func flattenOutcome(live *kube.Object, m *Model) {
	backup, err := object.Decode[velero.Backup](live)
	if err != nil {
		return // flatten says so
	}
	status := &backup.Status
	m.outcome = outcome{
		Phase:     lifecycle.NullIfEmpty(status.Phase),
		Started:   lifecycle.NullIfEmpty(object.RFC3339(status.StartTimestamp)),
		Completed: lifecycle.NullIfEmpty(object.RFC3339(status.CompletionTimestamp)),
		Expires:   lifecycle.NullIfEmpty(object.RFC3339(status.Expiration)),
		Items:     types.Int64Null(),
		Warnings:  types.Int64Value(int64(status.Warnings)),
		Errors:    types.Int64Value(int64(status.Errors)),
		Expired:   types.BoolValue(false),
	}
	if status.Progress != nil {
		m.Items = types.Int64Value(int64(status.Progress.ItemsBackedUp))
	}
}

// expired reports whether a backup that is not there any more has come to its
// end, and notes it down.
func expired(m *Model) bool {
	end, err := time.Parse(time.RFC3339, m.Expires.ValueString())
	if err != nil || time.Now().Before(end) {
		return false
	}
	m.Expired = types.BoolValue(true)
	return true
}
