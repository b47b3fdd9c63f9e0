package location

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// planReplace makes another place another location, and says what that means.
func planReplace(_ context.Context, plan, prior *Model, resp *resource.ModifyPlanResponse) {
	if prior == nil {
		return
	}
	for _, attribute := range []struct {
		name    string
		changed bool
	}{
		{"storage_provider", !plan.StorageProvider.Equal(prior.StorageProvider)},
		{"bucket", !plan.Bucket.Equal(prior.Bucket)},
		{"prefix", !plan.Prefix.Equal(prior.Prefix)},
	} {
		if !attribute.changed {
			continue
		}
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root(attribute.name))
		resp.Diagnostics.AddAttributeWarning(path.Root(attribute.name), "Another place is another backup storage location",
			fmt.Sprintf("The location %s is replaced. Velero then removes the Backup objects of the old place from this cluster, and Restores with them; "+
				"the backups themselves stay there. To keep them in sight, leave this location as it is and add one of another name.", prior.Name.ValueString()))
	}
}

// notice warns of other locations that this one gets in the way of.
func notice(ctx context.Context, cluster *kube.Cluster, plan *Model) (diags diag.Diagnostics) {
	others, err := cluster.List(ctx, object.Locations, plan.Namespace.ValueString(), nil)
	if err != nil {
		return diags // it is only a warning that is missed
	}
	for i := range others {
		var other Model
		if others[i].GetName() == plan.Name.ValueString() || flatten(ctx, &others[i], &other, true).HasError() {
			continue
		}
		if plan.Default.ValueBool() && other.Default.ValueBool() {
			diags.AddAttributeWarning(path.Root("default"), "There is another default location",
				fmt.Sprintf("%s is the default too. Velero keeps the one made last and clears the other, which then shows as drift: say default = true in one alone.", others[i].GetName()))
		}
		if sameStore(plan, &other) && plan.AccessMode.ValueString() != readOnly && other.AccessMode.ValueString() != readOnly {
			diags.AddAttributeWarning(path.Root("prefix"), "Another location is at the same place",
				fmt.Sprintf("%s has the same bucket and prefix, and both may write: each syncs and expires the other's backups. Give one of them another prefix, or make it ReadOnly.", others[i].GetName()))
		}
	}
	return diags
}
