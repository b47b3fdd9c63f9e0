package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// afterwards bounds what is still done when an operation's own time is over or
// it was interrupted: learning the reason, and removing what did not work.
const afterwards = 30 * time.Second

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	w := r.begin(ctx, "create", req.Plan, resp.Identity, timeouts.Value.Create, &resp.Diagnostics)
	if w == nil {
		return
	}
	outer, plan, want, cluster, doing := ctx, w.plan, w.want, w.cluster, w.doing
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	c, err := look(ctx, cluster, plan, want, &resp.Diagnostics)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if resp.Diagnostics.HasError() {
		return
	}
	follow, err := cluster.Follow(ctx, serving.Services, want.namespace, want.name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	defer follow.Close()
	service, err := r.writer(cluster, plan).write(ctx, *c)
	if err != nil {
		addWriteError(&resp.Diagnostics, doing, err)
		return
	}

	// From here on there is something to remember, whatever happens.
	var failed error
	if plan.Wait.ValueBool() {
		var latest *kube.Object
		if latest, failed = await(ctx, cluster, follow, service, expected{rollout: plan.Rollout}); latest != nil {
			service = latest
		}
	}
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	if errors.Is(failed, errGone) {
		lifecycle.AddError(&resp.Diagnostics, doing, failed)
		return
	}
	// A wait that the server refuses says nothing of the application.
	var why *notReady
	if errors.As(failed, &why) && outer.Err() == nil && plan.OnCreateFailure.ValueString() == rollback {
		addFailure(ctx, cluster, &resp.Diagnostics, doing, failed)
		if c.live != nil && c.live.GetAnnotations()[createStamp] == "" {
			resp.Diagnostics.AddWarning("The application was left as it is",
				"It was adopted, not created, so it is not removed. The next apply takes it up again.")
			return
		}
		if err := cluster.Remove(ctx, serving.Services, want.namespace, want.name, service.GetUID()); err != nil {
			lifecycle.AddError(&resp.Diagnostics, "The application could not be removed again; the next apply takes it up", err)
			return
		}
		resp.Diagnostics.AddWarning("The application was removed again",
			`It did not become ready when it was created, and on_create_failure is "rollback". The next apply starts anew. "keep" leaves it, to look at.`)
		return
	}
	r.remember(ctx, cluster, plan, service, want, &resp.Diagnostics)
	switch {
	case failed == nil:
	case outer.Err() != nil:
		resp.Diagnostics.AddWarning("Interrupted before the application was ready",
			"The application was created; the next apply goes on waiting for it.")
	default:
		addFailureWarning(ctx, cluster, &resp.Diagnostics, fmt.Sprintf("The application %s/%s was created but is not ready", want.namespace, want.name), failed)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(saveApplied(ctx, resp.Private, want)...)
	resp.Diagnostics.Append(saveOthers(ctx, resp.Private, service, r.Platform.Manager(concernApplication))...)
	resp.Diagnostics.Append(saveWritten(ctx, resp.Private, service, r.Platform.Manager(concernApplication))...)
}

// operation is a create or an update that has begun.
type operation struct {
	cluster *kube.Cluster
	plan    *Model
	want    *desired
	limit   time.Duration
	doing   string // what its errors begin with
}

// begin begins a create or an update, or returns nil and the errors in diags.
func (r *Resource) begin(
	ctx context.Context, doing string, from tfsdk.Plan, identity *tfsdk.ResourceIdentity,
	timeout func(timeouts.Value, context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) *operation {
	o := &operation{plan: &Model{}}
	diags.Append(from.Get(ctx, o.plan)...)
	o.cluster = r.Cluster(ctx, diags)
	if diags.HasError() {
		return nil
	}
	o.want = r.prepare(ctx, o.cluster, o.plan, diags)
	var problems diag.Diagnostics
	o.limit, problems = timeout(o.plan.Timeouts, ctx, defaultWait)
	diags.Append(problems...)
	if diags.HasError() {
		return nil
	}
	o.doing = fmt.Sprintf("Can't %s the application %s/%s", doing, o.want.namespace, o.want.name)
	// What can't be identified is better not made: an error after the write would
	// taint what serves.
	lifecycle.SetIdentity(ctx, o.cluster, identity, o.want.namespace, o.want.name, diags)
	if diags.HasError() {
		return nil
	}
	return o
}

// look makes sure that a create does not take over somebody else's object:
// server-side apply would do so without a word.
func look(ctx context.Context, cluster *kube.Cluster, plan *Model, want *desired, diags *diag.Diagnostics) (*change, error) {
	hash, err := contentHash([]any{want.labels, want.annotations, want.template, want.scaling})
	if err != nil {
		return nil, err
	}
	c := &change{want: want, stamp: hash, planned: plan.Revision.ValueString(), create: true}
	c.live, err = cluster.Find(ctx, serving.Services, want.namespace, want.name)
	if err == nil && c.live != nil && c.live.GetDeletionTimestamp() != nil {
		err = cluster.UntilGone(ctx, serving.Services, want.namespace, want.name, c.live.GetUID(), nil)
		c.live = nil
	}
	if err != nil || c.live == nil {
		return c, err
	}
	now, err := observe(c.live, nil)
	if err != nil {
		return nil, err
	}
	stamped := c.live.GetAnnotations()[createStamp]
	switch {
	case stamped != "" && (stamped == hash || serving.Assess(now.service, "").Phase != serving.Ready):
		return c, nil
	case plan.Adopt.ValueBool():
		c.stamp = "" // not made by us, and so not ours to roll back, now or later
		return c, nil
	}
	diags.AddAttributeError(path.Root("name"), "The application exists already",
		fmt.Sprintf("There is a Knative Service %[1]s/%[2]s that this configuration did not create. To manage it here, import it:\n\n"+
			"import {\n  to = sls_application.<name>\n  id = \"%[1]s/%[2]s\"\n}\n\n"+
			"In a module, which can hold no import block, set adopt = true.", want.namespace, want.name))
	return c, nil
}

// remember puts into the model what the platform made of it.
func (r *Resource) remember(ctx context.Context, cluster *kube.Cluster, plan *Model, service *kube.Object, want *desired, diags *diag.Diagnostics) {
	var revision *kube.Object
	if current := serving.CurrentRevision(service); current != "" {
		revision, _ = cluster.Find(ctx, serving.Revisions, want.namespace, current) // for the image's digest only
	}
	now, err := observe(service, revision)
	if err != nil {
		lifecycle.AddError(diags, "Can't read the application's status", err)
		now, _ = observe(service, nil)
	}
	if now == nil {
		now = &observed{service: &servingv1.Service{}}
	}
	*plan = *setStatus(plan, now)
}

func (r *Resource) writer(cluster *kube.Cluster, plan *Model) *writer {
	return &writer{
		cluster:     cluster,
		application: r.Platform.Manager(concernApplication),
		scaling:     r.Platform.Manager(concernScaling),
		traffic:     r.Platform.Manager(concernTraffic),
		force:       plan.ForceConflicts.ValueBool(),
		manual:      plan.Rollout.ValueString() == rolloutManual,
	}
}

// addWriteError adds the refusal of a write.
func addWriteError(diags *diag.Diagnostics, doing string, err error) {
	if at := attributeOf(err); !at.Equal(path.Empty()) {
		lifecycle.AddErrorAt(diags, at, doing, err)
		return
	}
	lifecycle.AddError(diags, doing, err)
}

// addFailure adds why an application did not become ready as an error, at the
// attribute at fault.
func addFailure(ctx context.Context, cluster *kube.Cluster, diags *diag.Diagnostics, doing string, failed error) {
	f := failureOf(ctx, cluster, failed)
	if f.at.Equal(path.Empty()) {
		diags.AddError(doing+": "+f.summary, f.detail)
		return
	}
	diags.AddAttributeError(f.at, doing+": "+f.summary, f.detail)
}

func addFailureWarning(ctx context.Context, cluster *kube.Cluster, diags *diag.Diagnostics, what string, failed error) {
	f := failureOf(ctx, cluster, failed)
	diags.AddWarning(what+": "+f.summary, f.detail)
}

func failureOf(ctx context.Context, cluster *kube.Cluster, failed error) failure {
	var why *notReady
	if !errors.As(failed, &why) {
		problem := kube.Diagnose(failed)
		return failure{path.Empty(), problem.Summary, problem.Detail}
	}
	f := explain(ctx, cluster, why)
	if errors.Is(failed, context.DeadlineExceeded) {
		f.detail += "\n\nThe time to wait is over: see the attribute timeouts."
	}
	return f
}
