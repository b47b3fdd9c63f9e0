package application

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	w := r.begin(ctx, "update", req.Plan, resp.Identity, timeouts.Value.Update, &resp.Diagnostics)
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	before := decode(ctx, &state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	outer, plan, want, cluster, doing := ctx, w.plan, w.want, w.cluster, w.doing
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	c := change{
		want:         want,
		applied:      loadApplied(ctx, req.Private, &resp.Diagnostics),
		sameTemplate: sameTemplate(ctx, plan, &state, &resp.Diagnostics),
		was:          expandScaling(before.scaling),
	}
	c.base = baseOf(ctx, c.applied, &state, &resp.Diagnostics)
	if c.applied == nil {
		if imported, err := expand(before); err == nil { // what can't be expanded was not ours
			c.inherits = imported.object(imported.template, "", imported.scaling)
		}
	}
	if !c.sameTemplate && want.revision != "" {
		c.planned = plan.Revision.ValueString() // empty while unknown
	}
	var err error
	if c.live, err = cluster.Get(ctx, serving.Services, want.namespace, want.name); err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	follow, err := cluster.Follow(ctx, serving.Services, want.namespace, want.name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	defer follow.Close()
	writer := r.writer(cluster, plan)
	writer.predecessors = lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).Predecessors()
	service, err := writer.write(ctx, c)
	if err != nil {
		addWriteError(&resp.Diagnostics, doing, err)
		if service == nil {
			return // nothing was written: the state stays as it is
		}
	}
	movedFrom := ""
	if !plan.Visibility.Equal(state.Visibility) {
		movedFrom = state.URL.ValueString()
	}
	var failed error
	if err == nil && plan.Wait.ValueBool() {
		var latest *kube.Object
		if latest, failed = await(ctx, cluster, follow, service, expected{plan.Rollout, movedFrom}); latest != nil {
			service = latest
		}
	}
	if err == nil && failed == nil && isPinned(service) && plan.Rollout.ValueString() == rolloutImmediate {
		service, failed = r.release(ctx, cluster, plan, follow, service)
	}
	if limit := plan.RevisionHistoryLimit; err == nil && failed == nil && !limit.IsNull() {
		if err := prune(ctx, cluster, service, int(limit.ValueInt64())); err != nil {
			problem := kube.Diagnose(err)
			resp.Diagnostics.AddWarning("Old revisions were not deleted: "+problem.Summary, problem.Detail)
		}
	}
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	r.remember(ctx, cluster, plan, service, want, &resp.Diagnostics)
	switch {
	case failed == nil:
	case outer.Err() != nil:
		resp.Diagnostics.AddWarning("Interrupted before the change was ready",
			"The change was written; the next apply goes on waiting for it.")
	default:
		// An error of an update taints nothing: the state says what was written,
		// and that it is not ready, so that the next apply tries again.
		addFailure(ctx, cluster, &resp.Diagnostics, doing, failed)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(saveApplied(ctx, resp.Private, want)...)
	resp.Diagnostics.Append(saveOthers(ctx, resp.Private, service, r.Platform.Manager(concernApplication))...)
	resp.Diagnostics.Append(saveWritten(ctx, resp.Private, service, r.Platform.Manager(concernApplication))...)
}

// release lets the traffic go that an earlier manual rollout has held back, once
// the revision that it goes to is ready.
func (r *Resource) release(ctx context.Context, cluster *kube.Cluster, plan *Model, follow *kube.Await, service *kube.Object) (*kube.Object, error) {
	released, err := r.writer(cluster, plan).unpin(ctx, service)
	if err != nil || !plan.Wait.ValueBool() {
		return cmp.Or(released, service), err
	}
	latest, err := await(ctx, cluster, follow, released, expected{rollout: plan.Rollout})
	return cmp.Or(latest, released), err
}
