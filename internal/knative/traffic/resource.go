// Package traffic is sls_revision_traffic: which requests to an application go
// to which of its revisions.
package traffic

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// Resource is sls_revision_traffic.
type Resource struct{ lifecycle.Namespaced }

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithMoveState      = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ noop.Resource                       = (*Resource)(nil)
)

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_revision_traffic"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return trafficSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// ImportState implements resource.ResourceWithImportState.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	lifecycle.ImportNamespacedAs(ctx, "application", req, resp)
}

// MoveState implements resource.ResourceWithMoveState. The traffic is part of a
// Service, which is the application's, and part of a VirtualService that no other
// provider makes like this.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return lifecycle.Movable{
		To: "sls_revision_traffic", Attribute: "application",
		Otherwise: "Move what manages the Knative Service to an sls_application, and import its traffic under the same id.",
	}.Movers()
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := plan.Timeouts.Create(ctx, defaultWait)
	resp.Diagnostics.Append(problems...)
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout+durationOf(plan.Drain, 0))
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	namespace, name := plan.Namespace.ValueString(), plan.Application.ValueString()
	doing := fmt.Sprintf("Can't set the traffic of %s/%s", namespace, name)
	// What can't be identified is better not made: an error after the write would
	// taint what serves.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	t := r.transition(ctx, cluster, &plan, doing, &resp.Diagnostics)
	if t == nil {
		return
	}
	defer t.follow.Close()
	t.takeover = plan.Adopt.ValueBool()
	t.marked, t.done = markCreating, planned(t.config)
	before, ours := t.look(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	failed := t.run(ctx)
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	switch {
	case failed == nil:
	case outer.Err() != nil && t.wrote:
		resp.Diagnostics.AddWarning("Interrupted before the traffic was switched",
			"Every request is served meanwhile, as before or as planned; the next apply goes on.")
	default:
		addFailure(&resp.Diagnostics, doing, failed)
		if t.wrote {
			t.undo(ctx, before, ours, &resp.Diagnostics)
		}
		return
	}
	t.remember(ctx, &plan, failed, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, ownedKey, []byte("true"))...)
}

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
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout+durationOf(plan.Drain, 0))
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	namespace, name := plan.Namespace.ValueString(), plan.Application.ValueString()
	doing := fmt.Sprintf("Can't change the traffic of %s/%s", namespace, name)
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	t := r.transition(ctx, cluster, &plan, doing, &resp.Diagnostics)
	if t == nil {
		return
	}
	defer t.follow.Close()
	owned, problems := req.Private.GetKey(ctx, ownedKey)
	resp.Diagnostics.Append(problems...)
	t.takeover = len(owned) == 0 // imported, and not written by us yet
	t.marked, t.done = markManaged, markManaged

	failed := t.run(ctx)
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	switch {
	case failed == nil:
	case outer.Err() != nil && t.wrote:
		resp.Diagnostics.AddWarning("Interrupted before the traffic was switched",
			"Every request is served meanwhile, as before or as planned; the next apply goes on.")
	default:
		addFailure(&resp.Diagnostics, doing, failed)
		if !t.wrote {
			return // the state stays as it is
		}
	}
	// An error of an update taints nothing: the state says that it is not ready,
	// so that the next apply tries again.
	t.remember(ctx, &plan, failed, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, ownedKey, []byte("true"))...)
}

// ownedKey is beside the state once we have written the traffic ourselves.
const ownedKey = "owned"

// afterwards bounds what is still done when an operation's own time is over or
// it was interrupted.
const afterwards = 30 * time.Second

// transition looks at the cluster and returns the way to the plan, or nil and
// errors. Nothing is written. Whoever gets one closes its follow.
func (r *Resource) transition(ctx context.Context, cluster *kube.Cluster, plan *Model, doing string, diags *diag.Diagnostics) *transition {
	namespace, name := plan.Namespace.ValueString(), plan.Application.ValueString()
	t := &transition{
		writer: r.writer(cluster), config: decode(ctx, plan, diags),
		of: delegateOf(namespace, name, r.Platform.Ingress), drain: durationOf(plan.Drain, minDrain),
	}
	t.force = plan.ForceConflicts.ValueBool()
	if diags.HasError() {
		return nil
	}
	var err error
	if t.follow, err = cluster.Follow(ctx, serving.Services, namespace, name); err != nil {
		lifecycle.AddError(diags, doing, err)
		return nil
	}
	if !t.prepare(ctx, doing, diags) {
		t.follow.Close()
		return nil
	}
	return t
}

// prepare finds out from what the transition goes out and whether it can.
func (t *transition) prepare(ctx context.Context, doing string, diags *diag.Diagnostics) bool {
	namespace, name := t.of.Application.Namespace, t.of.Application.Name
	var err error
	if t.service, err = t.cluster.Find(ctx, serving.Services, namespace, name); err != nil {
		lifecycle.AddError(diags, doing, err)
		return false
	}
	if t.service == nil || t.service.GetDeletionTimestamp() != nil {
		addNoApplication(diags, namespace, name)
		return false
	}
	problems, collapsed, err := t.awaitTargets(ctx)
	if err != nil {
		lifecycle.AddError(diags, doing, err)
	}
	for _, p := range problems {
		diags.AddAttributeError(p.at, doing+": "+p.summary, p.detail)
	}
	addCollapsed(diags, collapsed)
	if err != nil || len(problems) > 0 {
		return false
	}
	if err = t.findDelegate(ctx); err == nil {
		t.roots, err = rootsOf(ctx, t.cluster, t.of.Application)
	}
	if err != nil {
		lifecycle.AddError(diags, doing, err)
	}
	return err == nil
}

func (r *Resource) writer(cluster *kube.Cluster) *writer {
	return &writer{
		cluster: cluster, manager: r.Platform.Manager(concern),
		labels: r.Platform.DefaultLabels, annotations: r.Platform.DefaultAnnotations,
	}
}

// addCollapsed warns of shares that went elsewhere because their revision is
// missing.
func addCollapsed(diags *diag.Diagnostics, collapsed []problem) {
	for _, p := range collapsed {
		diags.AddAttributeWarning(p.at, p.summary+": its share goes to the largest entry that there is",
			p.detail+"\n\nmissing_revision is \"collapse\", which lets a standby serve without old versions.")
	}
}

func addNoApplication(diags *diag.Diagnostics, namespace, name string) {
	diags.AddAttributeError(path.Root("application"), "There is no such application",
		fmt.Sprintf("The namespace %s has no Knative Service %s. Refer to the application, as in application = sls_application.….name, so that Terraform makes it first.", namespace, name))
}

// addFailure adds why a transition failed.
func addFailure(diags *diag.Diagnostics, doing string, failed error) {
	var (
		where *at
		fit   *misfit
		wait  *notReady
		proof *unproven
	)
	summary, detail := "", ""
	switch {
	case errors.As(failed, &proof):
		summary, detail = proof.summary, proof.detail
	case errors.As(failed, &fit):
		addMisfit(diags, nil, fit)
		return
	case errors.As(failed, &wait):
		summary, detail = "it is not ready", wait.Error()+".\n\nEvery request is served meanwhile, as before or as planned. The next apply goes on."
		if errors.Is(failed, context.DeadlineExceeded) {
			detail += "\n\nThe time to wait is over: see the attribute timeouts."
		}
	default:
		p := kube.Diagnose(failed)
		summary, detail = p.Summary, p.Detail
	}
	if errors.As(failed, &where) {
		diags.AddAttributeError(where.path, doing+": "+summary, detail)
		return
	}
	diags.AddError(doing+": "+summary, detail)
}

// remember puts into the model what the platform made of it, where the plan did
// not know that yet.
func (t *transition) remember(ctx context.Context, plan *Model, failed error, diags *diag.Diagnostics) {
	decoded, err := serving.DecodeService(t.service)
	if err != nil {
		lifecycle.AddError(diags, "Can't read the application's status", err)
		return
	}
	if plan.Targets.IsUnknown() {
		encode(ctx, "targets", flattenTargets(t.want, decoded.Status.Traffic), &plan.Targets, diags)
	}
	if plan.RulesHosts.IsUnknown() {
		encode(ctx, "rules_hosts", hostsOf(t.roots), &plan.RulesHosts, diags)
	}
	if plan.Ready.IsUnknown() {
		plan.Ready = types.BoolValue(failed == nil)
	}
	if plan.StatusMessage.IsUnknown() {
		plan.StatusMessage = types.StringNull()
		if failed != nil {
			plan.StatusMessage = types.StringValue(failed.Error())
		}
	}
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, name := state.Namespace.ValueString(), state.Application.ValueString()
	lifecycle.KeepIdentity(ctx, resp.Identity, namespace, name, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	// First of all: on another cluster, that there is nothing means nothing.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	doing := fmt.Sprintf("Can't read the traffic of %s/%s", namespace, name)
	found, err := r.refresh(ctx, cluster, &state, &resp.Diagnostics)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if !found {
		resp.State.RemoveResource(ctx)
		return
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// refresh puts what is on the cluster into the state. found is false where the
// application is gone.
func (r *Resource) refresh(ctx context.Context, cluster *kube.Cluster, state *Model, diags *diag.Diagnostics) (found bool, err error) {
	namespace, name := state.Namespace.ValueString(), state.Application.ValueString()
	service, err := cluster.Read(ctx, serving.Services, namespace, name)
	if err != nil || service == nil || service.GetDeletionTimestamp() != nil {
		return false, err
	}
	delegate, err := cluster.Read(ctx, routing.VirtualServices, namespace, routing.DelegateName(name))
	if err != nil {
		return true, err
	}
	prior := decode(ctx, state, diags)
	if diags.HasError() {
		return true, nil
	}
	seen, err := r.see(ctx, cluster, prior, service, delegate)
	if err != nil {
		return true, err
	}
	seen.flatten(ctx, state, diags)
	return true, nil
}
