package component

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// afterwards bounds what is still done when an operation's own time is over or
// it was interrupted: learning the reason, and noting down how far it came.
const afterwards = 30 * time.Second

// undoTime bounds the removal of what a create has made that failed.
const undoTime = 3 * time.Minute

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
	rendered := r.renderForApply(ctx, &plan, &resp.Diagnostics)
	if rendered == nil {
		return
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	doing := fmt.Sprintf("Can't create the component %s", plan.Name.ValueString())
	// What can't be identified is better not made: an error after the write would
	// taint what serves.
	identity.Set(ctx, cluster, resp.Identity, plan.Name.ValueString(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	e := r.engine(cluster, &plan)
	before, err := readInventory(ctx, cluster.Find, e.component)
	if err == nil {
		err = checkExisting(before, e.adopt)
	}
	var now *inventory
	var warnings []string
	if err == nil {
		now, warnings, err = e.apply(ctx, rendered.set, rendered.about, before)
	}
	addKept(&resp.Diagnostics, warnings)
	if now == nil { // nothing was written
		addError(&resp.Diagnostics, &plan, doing, err)
		return
	}

	// From here on there is something to remember, whatever happens.
	late, cancelLate := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelLate()
	// A component that was complete before, and is taken over by adopt, serves: a
	// create that fails is then no more than an update that does.
	isNew := now.phase == creating
	if err != nil && outer.Err() == nil && isNew && plan.OnCreateFailure.ValueString() == rollback {
		addError(&resp.Diagnostics, &plan, doing, err)
		undoing, cancelUndo := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
		defer cancelUndo()
		if undone := e.undo(undoing, now); undone != nil {
			addError(&resp.Diagnostics, &plan, "What was made of the component could not be removed again; the next apply takes it up", undone)
			return
		}
		resp.Diagnostics.AddWarning("What was made of the component was removed again",
			`It did not become ready when it was created, and on_create_failure is "rollback". The next apply starts anew. "keep" leaves it, to look at.`)
		return
	}
	if err != nil {
		e.addUnfinished(late, now, err, &resp.Diagnostics)
		if outer.Err() != nil {
			resp.Diagnostics.AddWarning("Interrupted before the component was ready", "The next apply goes on.")
		} else {
			// No error: it would taint what may serve, and the next apply remove it.
			p := problemOf(err)
			resp.Diagnostics.AddWarning(fmt.Sprintf("The component %s was created but is not ready: %s", e.component, p.Summary), p.Detail)
		}
	}
	e.remember(late, now, &plan, err)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(savePlanned(ctx, resp.Private, now)...)
}

// addUnfinished notes down how far an apply that failed has come.
func (e *engine) addUnfinished(ctx context.Context, now *inventory, failed error, diags *diag.Diagnostics) {
	if err := e.finish(ctx, now, failed); err != nil {
		p, _ := inWords(err)
		diags.AddWarning("Can't note down how far the apply has come: "+p.Summary, p.Detail)
	}
}

// remember completes a plan that was applied with what came of it.
func (e *engine) remember(ctx context.Context, now *inventory, plan *Model, failed error) {
	if plan.SourceDigest.IsUnknown() {
		plan.SourceDigest = types.StringValue(now.about.Digest)
	}
	if plan.Objects.IsUnknown() {
		plan.Objects = stringMap(now.digests())
	}
	message := ""
	if failed != nil {
		message = problemOf(failed).Summary
	} else if !e.wait {
		if seen, err := observe(ctx, e.cluster, now, e.manager); err == nil {
			var m Model
			flatten(now, seen, &m)
			message = m.StatusMessage.ValueString()
		}
	}
	if plan.Ready.IsUnknown() || plan.StatusMessage.IsUnknown() || failed != nil {
		setReady(plan, message)
	}
}

// addKept warns of what an apply or a destroy has left.
func addKept(diags *diag.Diagnostics, kept []string) {
	for _, text := range kept {
		diags.AddWarning("Something was kept", text)
	}
}
