package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// afterwards bounds what is still done when an operation's own time is over or
// it was interrupted: learning what came of it.
const afterwards = 30 * time.Second

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.Name.IsUnknown() {
		plan.Name = plan.Host // which was not known at plan
	}
	want := r.prepare(ctx, &plan, &resp.Diagnostics)
	timeout, problems := plan.Timeouts.Create(ctx, defaultWait)
	resp.Diagnostics.Append(problems...)
	if resp.Diagnostics.HasError() {
		return
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	doing := fmt.Sprintf("Can't create the domain %s/%s", want.namespace, want.name)
	// What can't be identified is better not made: an error after the write would
	// taint what serves.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, want.namespace, want.name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	live, stamp, err := look(ctx, cluster, &plan, want, &resp.Diagnostics)
	if err == nil && !resp.Diagnostics.HasError() {
		err = refuseClaimed(ctx, cluster, want, &resp.Diagnostics)
	}
	if err != nil {
		addError(&resp.Diagnostics, doing, err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	root, err := r.writer(cluster, &plan).write(ctx, want, live, nil, stamp)
	if err != nil {
		addError(&resp.Diagnostics, doing, err)
		return
	}

	// From here on there is something to remember, whatever happens.
	var failed error
	if plan.Wait.ValueBool() {
		failed = await(ctx, cluster, want)
	}
	ctx, cancelAfterwards := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancelAfterwards()
	remember(ctx, cluster, &plan, root, want.place, &resp.Diagnostics)
	switch {
	case failed == nil:
	case outer.Err() != nil:
		resp.Diagnostics.AddWarning("Interrupted before the certificate was issued",
			"The domain was created; the next apply goes on waiting for it.")
	default:
		// No error: it would taint what serves, and the next apply remove it.
		problem := problemOf(failed)
		resp.Diagnostics.AddWarning(fmt.Sprintf("The domain %s/%s was created but is not ready: %s", want.namespace, want.name, problem.Summary), problem.Detail)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// look makes sure that a create does not take over somebody else's object:
// server-side apply would do so without a word. The stamp that it returns marks
// a creation that is not finished.
func look(ctx context.Context, cluster *kube.Cluster, plan *Model, want *desired, diags *diag.Diagnostics) (live *kube.Object, stamp string, err error) {
	hash, err := want.hash()
	if err != nil {
		return nil, "", err
	}
	live, err = cluster.Find(ctx, routing.VirtualServices, want.namespace, want.name)
	switch {
	case err != nil || live == nil, live.GetAnnotations()[createStamp] == hash:
		return live, hash, err
	case plan.Adopt.ValueBool():
		return live, "", nil
	}
	diags.AddAttributeError(path.Root("host"), "The domain exists already",
		fmt.Sprintf("There is a VirtualService %[1]s/%[2]s that this configuration did not create. To manage it here, import it:\n\n"+
			"import {\n  to = sls_domain.<name>\n  id = \"%[1]s/%[2]s\"\n}\n\n"+
			"In a module, which can hold no import block, set adopt = true. A second domain for other paths of the host needs a name of its own, or belongs into routes.", want.namespace, want.name))
	return live, "", nil
}

// remember puts into the model what came of it.
func remember(ctx context.Context, cluster *kube.Cluster, plan *Model, root *kube.Object, at place, diags *diag.Diagnostics) {
	now := *plan
	o, err := observe(ctx, cluster.Find, root, at, plan)
	if err != nil {
		problem := kube.Diagnose(err)
		diags.AddWarning("Can't read what came of the domain: "+problem.Summary, problem.Detail)
		o = &observed{root: root, rules: decode(ctx, plan, diags), issuing: problem.Summary}
	}
	flattenStatus(ctx, &now, o, diags)
	fill(plan, &now)
}

// fill completes a plan that was applied with what it did not know yet.
func fill(plan, now *Model) {
	if plan.URL.IsUnknown() {
		plan.URL = now.URL
	}
	if plan.DNSTarget.IsUnknown() {
		plan.DNSTarget = now.DNSTarget
	}
	if plan.DNSMessage.IsUnknown() {
		plan.DNSMessage = now.DNSMessage
	}
	if plan.CertificateStatus.IsUnknown() {
		plan.CertificateStatus = now.CertificateStatus
	}
	if plan.Ready.IsUnknown() {
		plan.Ready = now.Ready
	}
	if plan.StatusMessage.IsUnknown() {
		plan.StatusMessage = now.StatusMessage
	}
	if plan.Drift.IsUnknown() {
		plan.Drift = noDrift()
	}
}

// addError adds an error, at the attribute that is the cause of it.
func addError(diags *diag.Diagnostics, doing string, err error) {
	problem := problemOf(err)
	var exists *existsError
	var rebase *routing.RebaseError
	switch {
	case errors.As(err, &exists) && exists.kind == services.Name:
		diags.AddAttributeError(path.Root("host"), doing+": "+problem.Summary, problem.Detail)
	case errors.As(err, &exists):
		diags.AddAttributeError(path.Root("tls"), doing+": "+problem.Summary, problem.Detail)
	case errors.As(err, &rebase):
		diags.AddAttributeError(path.Root("routes"), doing+": "+problem.Summary, problem.Detail)
	default:
		diags.AddError(doing+": "+problem.Summary, problem.Detail)
	}
}

func problemOf(err error) kube.Problem {
	var exists *existsError
	var rebase *routing.RebaseError
	var late *notIssued
	switch {
	case errors.As(err, &exists):
		return kube.Problem{Summary: exists.Error(), Detail: "Remove it, or choose another host, or take it over with adopt = true."}
	case errors.As(err, &rebase):
		return kube.Problem{
			Summary: "rules of sls_revision_traffic don't fit under the path prefix",
			Detail:  rebase.Error() + ". Give these rules an exact path or a prefix, or give the application the whole host.",
		}
	case errors.As(err, &late):
		return kube.Problem{Summary: "the certificate is not issued", Detail: late.message + "\n\nThe time to wait is over: see the attribute timeouts."}
	}
	return kube.Diagnose(err)
}
