package external

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// writer writes external services to a cluster.
type writer struct {
	cluster *kube.Cluster
	options kube.ApplyOptions
	adopt   bool
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	want := r.prepare(ctx, &plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	doing := fmt.Sprintf("Can't create the external service %s/%s", want.namespace, want.name)
	// What can't be identified is better not made: an error after the write would
	// taint what serves.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, want.namespace, want.name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster, &plan)
	stamp, err := w.look(ctx, want, &resp.Diagnostics)
	if err == nil && !resp.Diagnostics.HasError() {
		err = w.write(ctx, want, stamp)
	}
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	want := r.prepare(ctx, &plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	lifecycle.SetIdentity(ctx, cluster, resp.Identity, want.namespace, want.name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster, &plan)
	w.options.Predecessors = lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).Predecessors()
	err := w.write(ctx, want, "")
	if err == nil {
		err = w.remove(ctx, want, func(p part) bool { return !p.wanted })
	}
	if err != nil {
		// What was written is written again by the next apply: the state stays.
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't update the external service %s/%s", want.namespace, want.name), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// look makes sure, before the first write, that nothing of somebody else's is
// taken over: server-side apply would do so without a word. The stamp that it
// returns marks a creation that is not finished.
func (w *writer) look(ctx context.Context, want *desired, diags *diag.Diagnostics) (stamp string, err error) {
	hash, err := want.hash()
	if err != nil {
		return "", err
	}
	stamp = hash
	for _, p := range want.parts() {
		live, err := w.cluster.Find(ctx, p.kind, want.namespace, want.name)
		if err != nil {
			return "", err
		}
		switch {
		case live == nil, !p.wanted && !belongs(live, want.place):
			continue
		case belongs(live, want.place) && (p.kind != routing.ServiceEntries || live.GetAnnotations()[createStamp] == hash):
			continue // left by a creation that did not come to its end
		case w.adopt:
			stamp = ""
			continue
		}
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("There is a %s of that name already", p.kind.Name),
			fmt.Sprintf("This configuration did not create the %[1]s %[2]s/%[3]s. Choose another name, or, if it is such an external service, import it:\n\n"+
				"import {\n  to = sls_external_service.<name>\n  id = \"%[2]s/%[3]s\"\n}\n\n"+
				"In a module, which can hold no import block, set adopt = true.", p.kind.Name, want.namespace, want.name))
		return "", nil
	}
	return stamp, nil
}

// existsError says that an object that the service needs from now on is somebody
// else's.
type existsError struct{ kind, namespace, name string }

func (e *existsError) Error() string {
	return fmt.Sprintf("there is a %s %s/%s already, which this external service did not make: remove it, or take it over with adopt = true", e.kind, e.namespace, e.name)
}

// write brings the objects to the cluster: the stable name last, when all that it
// leads to is there.
func (w *writer) write(ctx context.Context, want *desired, stamp string) error {
	for _, p := range want.parts() {
		if !p.wanted {
			continue
		}
		object, err := want.object(p, stamp)
		if err != nil {
			return err
		}
		live, err := w.cluster.Find(ctx, p.kind, want.namespace, want.name)
		if err != nil {
			return err
		}
		if live != nil && !belongs(live, want.place) && !w.adopt && kube.Owned(live, w.options.Manager) == nil {
			return &existsError{p.kind.Name, want.namespace, want.name}
		}
		if _, err := w.cluster.ApplyOver(ctx, p.kind, object, live, w.options); err != nil {
			return err
		}
	}
	return nil
}

// remove removes those of the objects that pick chooses, the stable name first and
// the ServiceEntry last: a refresh that finds none forgets the service, and what
// a removal that failed has left would be nobody's.
func (w *writer) remove(ctx context.Context, d *desired, pick func(part) bool) error {
	for _, p := range slices.Backward(d.parts()) {
		if !pick(p) {
			continue
		}
		live, err := w.cluster.Find(ctx, p.kind, d.namespace, d.name)
		if err == nil && live != nil && belongs(live, d.place) {
			err = w.cluster.Delete(ctx, p.kind, d.namespace, d.name, live.GetUID())
		}
		if err != nil {
			return err
		}
	}
	return nil
}
