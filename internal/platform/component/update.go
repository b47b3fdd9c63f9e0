package component

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := plan.Timeouts.Update(ctx, defaultWait)
	resp.Diagnostics.Append(problems...)
	rendered := r.renderForApply(ctx, &plan, &resp.Diagnostics)
	if rendered == nil {
		return
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	doing := fmt.Sprintf("Can't update the component %s", plan.Name.ValueString())
	identity.Set(ctx, cluster, resp.Identity, plan.Name.ValueString(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	e := r.engine(cluster, &plan)
	before, err := readInventory(ctx, cluster.Find, e.component)
	if err != nil {
		addError(&resp.Diagnostics, &plan, doing, err)
		return
	}
	now, warnings, err := e.apply(ctx, rendered.set, rendered.about, before)
	addKept(&resp.Diagnostics, warnings)
	if now == nil {
		addError(&resp.Diagnostics, &plan, doing, err)
		return
	}
	late, cancelLate := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelLate()
	if err != nil {
		e.addUnfinished(late, now, err, &resp.Diagnostics)
		if outer.Err() != nil {
			resp.Diagnostics.AddWarning("Interrupted before the component was ready", "The next apply goes on.")
		} else {
			// An error of an update taints nothing: the state says what was written,
			// and that it is not ready, so that the next apply tries again.
			addError(&resp.Diagnostics, &plan, doing, err)
		}
	}
	e.remember(late, now, &plan, err)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(savePlanned(ctx, resp.Private, now)...)
}
