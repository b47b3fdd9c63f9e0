package domain

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	want := r.prepare(ctx, &plan, &resp.Diagnostics)
	before := &desired{place: r.placeOf(&state), rules: decode(ctx, &state, &resp.Diagnostics)}
	timeout, problems := plan.Timeouts.Update(ctx, defaultWait)
	resp.Diagnostics.Append(problems...)
	if resp.Diagnostics.HasError() {
		return
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	doing := fmt.Sprintf("Can't update the domain %s/%s", want.namespace, want.name)
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, want.namespace, want.name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := cluster.Get(ctx, routing.VirtualServices, want.namespace, want.name)
	if err == nil && claimsChange(want, before) {
		err = refuseClaimed(ctx, cluster, want, &resp.Diagnostics)
	}
	if err != nil {
		addError(&resp.Diagnostics, doing, err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	writer := r.writer(cluster, &plan)
	writer.predecessors = lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).Predecessors()
	root, err := writer.write(ctx, want, live, before, "")
	if err != nil {
		addError(&resp.Diagnostics, doing, err)
		if root == nil {
			return // what is written already is written again: the state stays as it is
		}
	}
	var failed error
	if err == nil && plan.Wait.ValueBool() {
		failed = await(ctx, cluster, want)
	}
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	remember(ctx, cluster, &plan, root, want.place, &resp.Diagnostics)
	switch {
	case failed == nil:
	case outer.Err() != nil:
		resp.Diagnostics.AddWarning("Interrupted before the certificate was issued",
			"The change was written; the next apply goes on waiting for it.")
	default:
		// An error of an update taints nothing: the state says what was written,
		// and that it is not ready, so that the next apply tries again.
		addError(&resp.Diagnostics, doing, failed)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}
