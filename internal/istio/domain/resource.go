// Package domain is sls_domain: a VirtualService of Istio for a host, and what
// belongs to it: a Gateway and a Certificate for HTTPS, a Service that makes an
// internal host resolve.
package domain

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// Resource is sls_domain.
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

const (
	// concern names the field manager.
	concern = "domain"
	// trafficConcern names the manager of an application's delegates, which
	// sls_revision_traffic writes as well.
	trafficConcern = "revision-traffic"
)

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_domain"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return domainSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return lifecycle.Movable{
		To: "sls_domain", Kind: &routing.VirtualServices, Attribute: "name",
		Otherwise: "The domain makes the Gateways, Services and Certificates that belong to it itself.",
	}.Movers()
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	at := r.placeOf(&state)
	lifecycle.KeepIdentity(ctx, resp.Identity, at.namespace, at.name, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	// First of all: on another cluster, that there is nothing means nothing.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, at.namespace, at.name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	doing := fmt.Sprintf("Can't read the domain %s/%s", at.namespace, at.name)
	flat, err := r.refreshed(ctx, cluster, &state, &resp.Diagnostics)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if flat == nil {
		if state.Host.IsNull() {
			lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).AddNotThere(&resp.Diagnostics, "the VirtualService "+at.namespace+"/"+at.name)
		}
		resp.State.RemoveResource(ctx)
		return
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, flat)...)
	}
}

// refreshed returns the state with what there is now; nil where the domain is
// gone.
func (r *Resource) refreshed(ctx context.Context, cluster *kube.Cluster, state *Model, diags *diag.Diagnostics) (*Model, error) {
	at := r.placeOf(state)
	root, err := cluster.Read(ctx, routing.VirtualServices, at.namespace, at.name)
	if err != nil || root == nil || root.GetDeletionTimestamp() != nil {
		return nil, err
	}
	now, err := observe(ctx, refresh(cluster), root, at, state)
	if err != nil {
		return nil, err
	}
	return flatten(ctx, state, now, diags), nil
}

// refresh reads many objects of a kind by one list, but not Secrets, of which
// only the one is ours to look at.
func refresh(cluster *kube.Cluster) read {
	return func(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error) {
		if kind == secrets {
			return cluster.Find(ctx, kind, namespace, name)
		}
		return cluster.Read(ctx, kind, namespace, name)
	}
}

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
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	at := r.placeOf(&state)
	lifecycle.SetIdentity(ctx, cluster, req.Identity, at.namespace, at.name, &resp.Diagnostics) // not a namesake elsewhere
	rules := decode(ctx, &state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster, &state)
	if err := w.remove(ctx, &desired{place: at, rules: rules}); err != nil {
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't delete the domain %s/%s", at.namespace, at.name), err)
	}
}

func (r *Resource) placeOf(m *Model) place {
	return place{namespace: m.Namespace.ValueString(), name: m.Name.ValueString(), ingress: r.Platform.Ingress}
}

func (r *Resource) writer(cluster *kube.Cluster, m *Model) *writer {
	return &writer{
		cluster: cluster,
		manager: r.Platform.Manager(concern),
		traffic: r.Platform.Manager(trafficConcern),
		force:   m.ForceConflicts.ValueBool(),
		adopt:   m.Adopt.ValueBool(),
	}
}

// prepare turns a plan that is being applied into what it wants of the cluster.
func (r *Resource) prepare(ctx context.Context, plan *Model, diags *diag.Diagnostics) *desired {
	plan.EffectiveLabels = lifecycle.Effective(r.Platform.DefaultLabels, plan.Labels)
	plan.EffectiveAnnotations = lifecycle.Effective(r.Platform.DefaultAnnotations, plan.Annotations)
	rules := decode(ctx, plan, diags)
	if diags.HasError() {
		return nil
	}
	// What was not known at plan is validated now.
	diags.Append(validateRules(rules, r.placeOf(plan))...)
	return expand(rules, r.placeOf(plan), lifecycle.Strings(plan.EffectiveLabels), lifecycle.Strings(plan.EffectiveAnnotations))
}

// setDefaults sets what an import can't read from the cluster, as the schema's
// defaults have it, so that the first plan shows no change of it.
func setDefaults(m *Model) {
	m.Adopt, m.ForceConflicts, m.Wait = types.BoolValue(false), types.BoolValue(false), types.BoolValue(false)
}
