package schedule

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/cron"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

func validateModel(ctx context.Context, m *Model) diag.Diagnostics {
	diags := selection.Validate(ctx, &m.Model)
	if cron.DaysBothWays(m.Cron.ValueString()) {
		diags.AddAttributeWarning(path.Root("cron"), "Days of the month and of the week",
			fmt.Sprintf("%q restricts both. Velero 1.18 backs up on days that fit both; older versions on days that fit one of them. Restrict one alone to be independent of the version.", m.Cron.ValueString()))
	}
	return diags
}

// notice warns of a location that backups can't go to: the server accepts the
// schedule, and refuses each backup.
func notice(ctx context.Context, cluster *kube.Cluster, plan *Model) (diags diag.Diagnostics) {
	if plan.StorageLocation.IsNull() {
		return diags
	}
	at, name := path.Root("storage_location"), plan.StorageLocation.ValueString()
	live, err := cluster.Find(ctx, object.Locations, plan.Namespace.ValueString(), name)
	switch {
	case err != nil: // it is only a warning that is missed
		return diags
	case live == nil:
		diags.AddAttributeWarning(at, "There is no such backup storage location", fmt.Sprintf("Velero refuses each backup of the schedule until there is one named %s.", name))
		return diags
	}
	location, err := object.Decode[velero.BackupStorageLocation](live)
	if err == nil && location.Spec.AccessMode == velero.BackupStorageLocationAccessModeReadOnly {
		diags.AddAttributeWarning(at, "The backup storage location is read-only", fmt.Sprintf("Velero refuses each backup of the schedule while %s is ReadOnly.", name))
	}
	return diags
}
