package object

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

const (
	// createStamp is the annotation of an object whose creation is not finished:
	// the hash of what was wanted.
	createStamp = group + "/create"

	// afterwards bounds what is still done when an operation's own time is over or
	// it was interrupted.
	afterwards = 30 * time.Second
)

// operation is a create or an update that has begun.
type operation[M any] struct {
	cluster *kube.Cluster
	plan    *M
	common  *Common
	limit   time.Duration
	doing   string // what its errors begin with
}

// begin begins a create or an update, or returns nil and the errors in diags.
func (r *Resource[M]) begin(
	ctx context.Context, verb string, from tfsdk.Plan, identity *tfsdk.ResourceIdentity,
	timeout func(timeouts.Value, context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) *operation[M] {
	o := &operation[M]{plan: new(M)}
	diags.Append(from.Get(ctx, o.plan)...)
	o.cluster = r.Cluster(ctx, diags)
	if diags.HasError() {
		return nil
	}
	o.common = r.Common(o.plan)
	o.common.complete(r.Platform)
	// What was not known at plan is validated now.
	diags.Append(r.Validate(ctx, o.plan).Errors()...)
	var problems diag.Diagnostics
	o.limit, problems = timeout(o.common.Timeouts, ctx, defaultTimeout)
	diags.Append(problems...)
	if diags.HasError() {
		return nil
	}
	namespace, name := r.place(o.plan)
	o.doing = fmt.Sprintf("Can't %s the %s %s/%s", verb, r.What, namespace, name)
	// What can't be identified is better not made: an error after the write would
	// taint what is in use.
	lifecycle.SetIdentity(ctx, o.cluster, identity, namespace, name, diags)
	if diags.HasError() {
		return nil
	}
	return o
}

// Create implements resource.Resource.
func (r *Resource[M]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	o := r.begin(ctx, "create", req.Plan, resp.Identity, timeouts.Value.Create, &resp.Diagnostics)
	if o == nil {
		return
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, o.cluster)

	before, stamp, err := r.look(ctx, o, &resp.Diagnostics)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, o.doing, err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.notice(ctx, o, &resp.Diagnostics)
	live, failed := r.write(ctx, o, nil, before, stamp, &resp.Diagnostics)
	if live == nil {
		if failed != nil {
			lifecycle.AddError(&resp.Diagnostics, o.doing, failed)
		}
		return
	}

	// From here on there is something to remember, whatever happens.
	adopted := before != nil && stamp == ""
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	switch {
	case failed == nil:
	case outer.Err() != nil:
		resp.Diagnostics.AddWarning("Interrupted before it was ready", fmt.Sprintf("The %s was created; the next apply goes on waiting for it.", r.What))
	case o.common.OnCreateFailure.ValueString() != rollback || adopted:
		// No error: it would taint what is there, and the next apply remove it.
		problem := problemOf(failed)
		resp.Diagnostics.AddWarning(fmt.Sprintf("The %s is not ready: %s", r.What, problem.Summary), problem.Detail)
	default:
		AddError(&resp.Diagnostics, o.doing, failed)
		if err := r.remove(ctx, o.cluster, live); err != nil {
			lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("The %s could not be removed again; the next apply takes it up", r.What), err)
			return
		}
		resp.Diagnostics.AddWarning(fmt.Sprintf("The %s was removed again", r.What),
			`It did not become ready when it was created, and on_create_failure is "rollback". The next apply starts anew. "keep" leaves it, to look at.`)
		return
	}
	r.remember(live, o.plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, o.plan)...)
}

// Update implements resource.Resource.
func (r *Resource[M]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	o := r.begin(ctx, "update", req.Plan, resp.Identity, timeouts.Value.Update, &resp.Diagnostics)
	if o == nil {
		return
	}
	var prior M
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, o.cluster)

	namespace, name := r.place(o.plan)
	before, err := o.cluster.Find(ctx, r.Kind, namespace, name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, o.doing, err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if before == nil && r.expired(&prior) {
		resp.Diagnostics.Append(resp.State.Set(ctx, o.plan)...) // nothing but how the provider goes about it
		return
	}
	r.notice(ctx, o, &resp.Diagnostics)
	live, failed := r.write(ctx, o, &prior, before, "", &resp.Diagnostics)
	if failed != nil {
		AddError(&resp.Diagnostics, o.doing, failed)
	}
	if live == nil {
		return // nothing was written: the state stays
	}
	// What was written is remembered, also when the server refuses it: an update
	// does not taint, and while it is not ready the next plan shows it.
	r.remember(live, o.plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, o.plan)...)
}

// look makes sure that a create does not take over somebody else's object:
// server-side apply would do so without a word. The stamp that it returns marks
// a creation that is not finished; there is none on what is adopted.
func (r *Resource[M]) look(ctx context.Context, o *operation[M], diags *diag.Diagnostics) (live *kube.Object, stamp string, err error) {
	spec, problems := r.Spec(ctx, o.plan, nil, nil)
	diags.Append(problems...)
	if diags.HasError() {
		return nil, "", nil
	}
	if stamp, err = lifecycle.Stamp(r.object(o.common, spec, "").Object); err != nil {
		return nil, "", err
	}
	namespace, name := r.place(o.plan)
	live, err = o.cluster.Find(ctx, r.Kind, namespace, name)
	if err != nil || live == nil {
		return nil, stamp, err
	}
	left := live.GetAnnotations()[createStamp]
	ready, _ := r.State(o.plan, live)
	switch {
	case left == stamp, left != "" && !ready:
		return live, stamp, nil // left by a creation that did not come to its end
	case o.common.Adopt.ValueBool():
		return live, "", nil
	}
	diags.AddAttributeError(path.Root("name"), fmt.Sprintf("There is a %s of that name already", r.Kind.Name),
		fmt.Sprintf("This configuration did not create the %[1]s %[2]s/%[3]s. Choose another name, or import it:\n\n"+
			"import {\n  to = sls_%[4]s.<name>\n  id = \"%[2]s/%[3]s\"\n}\n\n"+
			"In a module, which can hold no import block, set adopt = true.", r.Kind.Name, namespace, name, r.Type))
	return live, "", nil
}

// object returns what is applied.
func (r *Resource[M]) object(c *Common, spec map[string]any, stamp string) *kube.Object {
	annotations := lifecycle.Unstructured(lifecycle.Strings(c.EffectiveAnnotations))
	if stamp != "" {
		annotations[createStamp] = stamp
	}
	return &kube.Object{Object: map[string]any{
		"apiVersion": r.Kind.APIVersion(),
		"kind":       r.Kind.Name,
		"metadata": map[string]any{
			"namespace":   c.Namespace.ValueString(),
			"name":        c.Name.ValueString(),
			"labels":      lifecycle.Unstructured(lifecycle.Strings(c.EffectiveLabels)),
			"annotations": annotations,
		},
		"spec": spec,
	}}
}

// write brings the object to the cluster, and waits if that is wanted. It returns
// the object as it was last seen, or nil if nothing was written.
func (r *Resource[M]) write(ctx context.Context, o *operation[M], prior *M, before *kube.Object, stamp string, diags *diag.Diagnostics) (*kube.Object, error) {
	spec, problems := r.Spec(ctx, o.plan, prior, before)
	diags.Append(problems...)
	if diags.HasError() {
		return nil, nil
	}
	var follow *kube.Await
	if o.common.Wait.ValueBool() {
		var err error
		if follow, err = o.cluster.Follow(ctx, r.Kind, o.common.Namespace.ValueString(), o.common.Name.ValueString()); err != nil {
			return nil, err
		}
		defer follow.Close()
	}
	object := r.object(o.common, spec, stamp)
	if r.Note != nil {
		r.Note(ctx, o.cluster, object, before)
	}
	written := Written{At: time.Now()}
	live, err := r.apply(ctx, o, object, before)
	if err != nil {
		return nil, err
	}
	if follow == nil {
		return live, nil
	}
	written.Changed = before == nil || before.GetResourceVersion() != live.GetResourceVersion()
	last, err := follow.Await(ctx, live, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil || object.GetUID() != live.GetUID() {
			return false, 0, &Refusal{Summary: "it was deleted", Detail: "Somebody else deleted it while it was waited for. The next apply creates it anew."}
		}
		return r.Judge(o.plan, before, object, written)
	})
	if last == nil {
		last = live
	}
	var refusal *Refusal
	if r.Explain != nil && errors.As(err, &refusal) {
		r.Explain(ctx, o.cluster, last, refusal)
	}
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = &Refusal{Summary: "the time to wait is over", Detail: r.Waiting(last) + "\n\nHow long an apply waits is set in timeouts; wait = false does not wait at all."}
	}
	return last, err
}

// apply sends the object. Fields that Velero's server sets by itself are taken
// back from it; what anybody else has set is a conflict.
func (r *Resource[M]) apply(ctx context.Context, o *operation[M], object, before *kube.Object) (*kube.Object, error) {
	options := kube.ApplyOptions{Manager: r.Platform.Manager(r.Concern), Force: o.common.ForceConflicts.ValueBool()}
	live, err := o.cluster.ApplyOver(ctx, r.Kind, object, before, options)
	var conflict *kube.ConflictError
	if before == nil || !errors.As(err, &conflict) || slices.ContainsFunc(conflict.Conflicts, r.isOfOthers) {
		return live, err
	}
	object.SetResourceVersion(before.GetResourceVersion()) // whose owners were looked at
	options.Force = true
	return o.cluster.Apply(ctx, r.Kind, object, options)
}

func (r *Resource[M]) isOfOthers(c kube.Conflict) bool {
	return !slices.Contains(r.ServerSets, c.Field) ||
		slices.ContainsFunc(c.Managers, func(manager string) bool { return !slices.Contains(ServerManagers, manager) })
}

// notice adds what only the cluster knows, before the write: Velero's server may
// change other objects as soon as it sees this one.
func (r *Resource[M]) notice(ctx context.Context, o *operation[M], diags *diag.Diagnostics) {
	if r.Notice != nil {
		diags.Append(r.Notice(ctx, o.cluster, o.plan)...)
	}
}

// AddError adds an error, at the attribute that is the cause of it.
func AddError(diags *diag.Diagnostics, doing string, err error) {
	problem := problemOf(err)
	var refusal *Refusal
	if errors.As(err, &refusal) && len(refusal.At.Steps()) > 0 {
		diags.AddAttributeError(refusal.At, doing+": "+problem.Summary, problem.Detail)
		return
	}
	diags.AddError(doing+": "+problem.Summary, problem.Detail)
}

func problemOf(err error) kube.Problem {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return kube.Problem{Summary: refusal.Summary, Detail: refusal.Detail}
	}
	return kube.Diagnose(err)
}
