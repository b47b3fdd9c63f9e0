package backup

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// plan completes a plan: a backup that has ended stays what it is, and one that
// would hold something else is another one.
func plan(_ context.Context, plan, prior *Model, resp *resource.ModifyPlanResponse) {
	if prior == nil {
		plan.outcome = unknown()
		return
	}
	plan.outcome = prior.outcome
	if prior.Expired.ValueBool() {
		plan.Ready, plan.StatusMessage = prior.Ready, prior.StatusMessage // there is nothing to wait for
	}
	if plan.Ready.IsUnknown() {
		plan.outcome = unknown()
	}
	for _, name := range changed(&plan.Model, &prior.Model) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root(name))
	}
}

// serverDefaults are attributes for which Velero's server puts a value in where
// there is none: an import reads that, and a configuration that leaves it out
// means it.
var serverDefaults = map[string]bool{
	"storage_location": true, "retention": true, "csi_snapshot_timeout": true, "item_operation_timeout": true,
	"snapshot_volumes": true, "snapshot_move_data": true, "default_volumes_to_fs_backup": true, "volume_snapshot_locations": true,
}

// changed returns the attributes in which a plan differs from what was made.
func changed(plan, prior *selection.Model) (names []string) {
	a, b := reflect.ValueOf(plan).Elem(), reflect.ValueOf(prior).Elem()
	for i := range a.NumField() {
		name := a.Type().Field(i).Tag.Get("tfsdk")
		now, nowOK := a.Field(i).Interface().(attr.Value)
		was, wasOK := b.Field(i).Interface().(attr.Value)
		if nowOK && wasOK && !now.Equal(was) && (!now.IsNull() || !serverDefaults[name]) {
			names = append(names, name)
		}
	}
	return names
}
