package location

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// watch warns of another cluster that writes where this one does.
func watch(ctx context.Context, cluster *kube.Cluster, live *kube.Object, state *Model) (diags diag.Diagnostics) {
	if state.AccessMode.ValueString() == readOnly {
		return diags
	}
	backups, err := object.BackupsOf(ctx, cluster, live.GetNamespace(), "")
	if err != nil {
		return diags // it is only a warning that is missed
	}
	if other := fromElsewhere(backups, live.GetName(), live.GetCreationTimestamp().Time); other != nil {
		diags.AddAttributeWarning(path.Root("prefix"), "Another cluster writes to this place",
			fmt.Sprintf("The backup %s was made at %s, when this location was there, and has come to this cluster out of the store: Velero here did not make it. "+
				"Two clusters that write to one prefix expire one another's backups. Give one of them another prefix, or make its location ReadOnly.",
				other.Name, object.Began(other).UTC().Format(time.RFC3339)))
	}
	return diags
}

// fromElsewhere returns the newest backup in a location that another cluster has
// made while this one had the location, or nil: what is synced out of a store is
// an object that is younger than the end of its backup. Times are told in seconds.
func fromElsewhere(backups []velero.Backup, location string, since time.Time) *velero.Backup {
	for i := range backups {
		backup := &backups[i]
		end := backup.Status.CompletionTimestamp
		if backup.Spec.StorageLocation == location && end != nil && !object.Began(backup).Before(since) && backup.CreationTimestamp.After(end.Time) {
			return backup
		}
	}
	return nil
}
