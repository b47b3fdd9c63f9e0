package traffic

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
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
	timeout, problems := state.Timeouts.Delete(ctx, defaultDelete)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout+durationOf(state.Drain, 0))
	defer cancel()

	namespace, name := state.Namespace.ValueString(), state.Application.ValueString()
	lifecycle.SetIdentity(ctx, cluster, req.Identity, namespace, name, &resp.Diagnostics) // not a namesake elsewhere
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster)
	w.force = state.ForceConflicts.ValueBool()
	if err := w.withdraw(ctx, namespace, name, &state); err != nil {
		addFailure(&resp.Diagnostics, fmt.Sprintf("Can't give up the traffic of %s/%s", namespace, name), err)
	}
}

// withdraw gives the traffic up. On the way every request is served: who comes by
// a domain goes by the Service's traffic as soon as there is no delegate, and the
// tags that the delegate sends to stay until no gateway does any more.
func (w *writer) withdraw(ctx context.Context, namespace, name string, state *Model) error {
	follow, err := w.cluster.Follow(ctx, serving.Services, namespace, name)
	if err != nil {
		return err
	}
	defer follow.Close()
	service, err := w.cluster.Find(ctx, serving.Services, namespace, name)
	if err != nil {
		return err
	}
	if service == nil || service.GetDeletionTimestamp() != nil {
		_, err := w.removeDelegates(ctx, namespace, name)
		return err
	}
	// Somebody else may have taken the traffic over; then it is theirs.
	spec, _ := kube.Owned(service, w.manager)["spec"].(map[string]any)
	ours := spec["traffic"] != nil
	latest := ours && state.OnDestroy.ValueString() == destroyLatest
	if latest {
		if service, err = w.toLatest(ctx, follow, service); err != nil {
			return err
		}
	}
	if _, err := w.removeDelegates(ctx, namespace, name); err != nil {
		return err
	}
	if latest {
		if err := pause(ctx, durationOf(state.Drain, minDrain)); err != nil {
			return err
		}
	}
	revisions, err := w.cluster.List(ctx, serving.Revisions, namespace, revisionsOf(name))
	if err != nil {
		return err
	}
	for i := range revisions {
		if err := w.giveBack(ctx, &revisions[i]); err != nil {
			return err
		}
	}
	// Kept, the traffic stays ours by name, but without the mark: who manages it
	// next takes it over, and an application with a manual rollout may pin it.
	keep := func(live []share) []share { return live }
	if latest || !ours {
		keep = nil
	}
	if service, err = w.shares(ctx, service, "", keep); err != nil || !latest {
		return err
	}
	_, err = awaitRoutes(ctx, follow, service)
	return err
}

// toLatest sends all traffic to the latest ready revision, with the tags beside
// it that requests may still go by.
func (w *writer) toLatest(ctx context.Context, follow *kube.Await, service *kube.Object) (*kube.Object, error) {
	ready, _, _ := unstructured.NestedString(service.Object, "status", "latestReadyRevisionName")
	if ready == "" {
		return nil, fmt.Errorf("%s has no ready revision that could take the traffic", nameOf(service))
	}
	latest := targets{{share: share{percent: 100}}}
	all := func(string) bool { return true }
	service, err := w.shares(ctx, service, markManaged, func(live []share) []share { return latest.withOldTags(live, all) })
	if err != nil {
		return nil, err
	}
	return awaitRoutes(ctx, follow, service)
}

// removeDelegates deletes the application's delegate and its copies, and reports
// whether there were any.
func (w *writer) removeDelegates(ctx context.Context, namespace, application string) (removed bool, err error) {
	delegates, err := w.cluster.List(ctx, routing.VirtualServices, namespace, routing.DelegateSelector(application))
	if err != nil {
		return false, err
	}
	for i := range delegates {
		if err := w.cluster.Delete(ctx, routing.VirtualServices, namespace, delegates[i].GetName(), delegates[i].GetUID()); err != nil {
			return removed, err
		}
		removed = true
	}
	return removed, nil
}
