package application

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
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
	want := r.prepare(ctx, cluster, &plan, &resp.Diagnostics)
	before := decode(ctx, &state, &resp.Diagnostics)
	timeout, problems := plan.Timeouts.Update(ctx, defaultWait)
	resp.Diagnostics.Append(problems...)
	if resp.Diagnostics.HasError() {
		return
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	doing := fmt.Sprintf("Can't update the application %s/%s", want.namespace, want.name)
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, want.namespace, want.name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := change{
		want:         want,
		applied:      loadApplied(ctx, req.Private, &resp.Diagnostics),
		sameTemplate: templateRevision(ctx, &state, &resp.Diagnostics) == templateRevision(ctx, &plan, &resp.Diagnostics),
		was:          expandScaling(before.scaling),
	}
	if c.base = c.applied; c.base == nil {
		// Imported: what the state says is what this configuration had.
		if template, err := expandTemplate(before); err == nil {
			c.base = template
		}
	}
	var err error
	if c.live, err = cluster.Get(ctx, services, want.namespace, want.name); err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	follow, err := cluster.Follow(ctx, services, want.namespace, want.name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	defer follow.Close()
	service, err := r.writer(cluster, &plan).write(ctx, c)
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
		if latest, failed = await(ctx, cluster, follow, service, movedFrom); latest != nil {
			service = latest
		}
	}
	if err == nil && failed == nil && isPinned(service) && plan.Rollout.ValueString() == rolloutImmediate {
		service, failed = r.release(ctx, cluster, &plan, follow, service)
	}
	if limit := plan.RevisionHistoryLimit; err == nil && failed == nil && !limit.IsNull() {
		if err := prune(ctx, cluster, service, int(limit.ValueInt64())); err != nil {
			problem := kube.Diagnose(err)
			resp.Diagnostics.AddWarning("Old revisions were not deleted: "+problem.Summary, problem.Detail)
		}
	}
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	r.remember(ctx, cluster, &plan, service, want, &resp.Diagnostics)
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
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(saveApplied(ctx, resp.Private, want)...)
}

// release lets the traffic go that an earlier manual rollout has held back, once
// the revision that it goes to is ready.
func (r *Resource) release(ctx context.Context, cluster *kube.Cluster, plan *Model, follow *kube.Await, service *kube.Object) (*kube.Object, error) {
	released, err := r.writer(cluster, plan).unpin(ctx, service)
	if err != nil || !plan.Wait.ValueBool() {
		return cmp.Or(released, service), err
	}
	latest, err := await(ctx, cluster, follow, released, "")
	return cmp.Or(latest, released), err
}

// appliedKey is where the template that was applied last is kept, beside the
// state: it tells a value that somebody else has changed from one that the
// configuration changes.
const appliedKey = "applied"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func saveApplied(ctx context.Context, private privateWriter, want *desired) (diags diag.Diagnostics) {
	encoded, err := json.Marshal(want.template)
	if err != nil {
		diags.AddError("Can't keep the applied template", err.Error())
		return diags
	}
	return private.SetKey(ctx, appliedKey, encoded)
}

func loadApplied(ctx context.Context, private privateReader, diags *diag.Diagnostics) map[string]any {
	encoded, problems := private.GetKey(ctx, appliedKey)
	diags.Append(problems...)
	var template map[string]any
	if len(encoded) == 0 || json.Unmarshal(encoded, &template) != nil {
		return nil
	}
	return template
}
