package application

import (
	"context"
	"fmt"
	"time"

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
	live, err := cluster.Find(ctx, serving.Services, namespace, name)
	if err == nil && live != nil {
		if err = remove(ctx, cluster, live); err == nil {
			awaitUnrouted(ctx, cluster, namespace, name, &resp.Diagnostics)
		}
	}
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't delete the application %s/%s", namespace, name), err)
	}
}

// addProtected refuses to remove an application.
func addProtected(diags *diag.Diagnostics, state *Model) {
	diags.AddAttributeError(path.Root("deletion_protection"), "The application is protected from deletion",
		fmt.Sprintf("%s/%s would be destroyed, or replaced under another name. If this is meant, apply deletion_protection = false first.",
			state.Namespace.ValueString(), state.Name.ValueString()))
}

// remove deletes an application and waits until it is gone.
func remove(ctx context.Context, cluster *kube.Cluster, service *kube.Object) error {
	follow, err := cluster.Follow(ctx, serving.Services, service.GetNamespace(), service.GetName())
	if err != nil {
		return err
	}
	defer follow.Close()
	if err := cluster.Delete(ctx, serving.Services, service.GetNamespace(), service.GetName(), service.GetUID()); err != nil {
		return err
	}
	return untilGone(ctx, cluster, follow, service)
}

// awaitGone waits until an application that is being deleted is gone.
func awaitGone(ctx context.Context, cluster *kube.Cluster, service *kube.Object) error {
	follow, err := cluster.Follow(ctx, serving.Services, service.GetNamespace(), service.GetName())
	if err != nil {
		return err
	}
	defer follow.Close()
	return untilGone(ctx, cluster, follow, service)
}

func untilGone(ctx context.Context, cluster *kube.Cluster, follow *kube.Await, service *kube.Object) error {
	current, err := cluster.Find(ctx, serving.Services, service.GetNamespace(), service.GetName())
	if err != nil {
		return err
	}
	_, err = follow.Await(ctx, current, func(object *kube.Object) (bool, time.Duration, error) {
		return object == nil || object.GetUID() != service.GetUID(), 0, nil
	})
	return err
}

// awaitUnrouted waits until the gateways no longer have the routes of an
// application that is gone. Knative's ingress controller withdraws them, and
// holds its object back until then: one that Terraform removes next, with the
// rest of a platform, would leave it behind for good. Who may not see that
// object, or has no such thing, need not wait.
func awaitUnrouted(ctx context.Context, cluster *kube.Cluster, namespace, name string, diags *diag.Diagnostics) {
	left, err := cluster.Find(ctx, serving.Ingresses, namespace, name)
	if err != nil || left == nil {
		return
	}
	follow, err := cluster.Follow(ctx, serving.Ingresses, namespace, name)
	if err != nil {
		return
	}
	defer follow.Close()
	// It may be gone since.
	current, err := cluster.Find(ctx, serving.Ingresses, namespace, name)
	if err == nil {
		_, err = follow.Await(ctx, current, func(object *kube.Object) (bool, time.Duration, error) {
			return object == nil || object.GetUID() != left.GetUID(), 0, nil
		})
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
