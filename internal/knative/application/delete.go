package application

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
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
	if state.DeletionProtection.ValueBool() {
		addProtected(&resp.Diagnostics, &state)
		return
	}
	timeout, problems := state.Timeouts.Delete(ctx, defaultDelete)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	namespace, name := state.Namespace.ValueString(), state.Name.ValueString()
	lifecycle.SetIdentity(ctx, cluster, req.Identity, namespace, name, &resp.Diagnostics) // not a namesake elsewhere
	if resp.Diagnostics.HasError() {
		return
	}
	if err := cluster.Remove(ctx, serving.Services, namespace, name, ""); err != nil {
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't delete the application %s/%s", namespace, name), err)
		return
	}
	awaitUnrouted(ctx, cluster, namespace, name, &resp.Diagnostics)
}

// addProtected refuses to remove an application.
func addProtected(diags *diag.Diagnostics, state *Model) {
	diags.AddAttributeError(path.Root("deletion_protection"), "The application is protected from deletion",
		fmt.Sprintf("%s/%s would be destroyed, or replaced under another name. If this is meant, apply deletion_protection = false first.",
			state.Namespace.ValueString(), state.Name.ValueString()))
}

// awaitUnrouted waits until the gateways no longer have the routes of an
// application that is gone. Knative's ingress controller withdraws them, and
// holds its object back until then: one that Terraform removes next, with the
// rest of a platform, would leave it behind for good. Who may not see that
// object, or has no such thing, need not wait.
func awaitUnrouted(ctx context.Context, cluster *kube.Cluster, namespace, name string, diags *diag.Diagnostics) {
	seen := false
	err := cluster.UntilGone(ctx, serving.Ingresses, namespace, name, "", func(*kube.Object) error {
		seen = true
		return nil
	})
	if !seen {
		return
	}
	if err != nil && ctx.Err() == nil {
		problem := kube.Diagnose(err)
		diags.AddWarning("The application is gone, and whether its routes are is not known: "+problem.Summary, problem.Detail)
		return
	}
	if err != nil {
		diags.AddWarning("The application is gone, and its routes are not yet",
			fmt.Sprintf("Knative's Ingress %s/%s is still there: its controller withdraws the routes from the gateways and then lets it go. Look whether that controller runs before you remove it.", namespace, name))
	}
}
