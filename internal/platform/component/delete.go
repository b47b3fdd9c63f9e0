package component

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := state.Timeouts.Delete(ctx, defaultDelete)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	name := state.Name.ValueString()
	identity.Set(ctx, cluster, req.Identity, name, &resp.Diagnostics) // not a namesake elsewhere
	if resp.Diagnostics.HasError() {
		return
	}
	noted, err := readInventory(ctx, cluster.Find, name)
	if err == nil && noted != nil {
		var kept []string
		kept, err = r.engine(cluster, &state).destroy(ctx, noted)
		addKept(&resp.Diagnostics, kept)
	}
	if err != nil {
		addError(&resp.Diagnostics, &state, fmt.Sprintf("Can't destroy the component %s", name), err)
	}
}
