// Package external is sls_external_service: a service outside the cluster, under
// a stable name inside it. It is a ServiceEntry and a DestinationRule of Istio,
// and a Service and a VirtualService that lead callers to it by way of the
// cluster-local gateway.
package external

import (
	"cmp"
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
)

// Resource is sls_external_service.
type Resource struct{ lifecycle.Namespaced }

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithMoveState      = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// concern names the field manager.
const concern = "external-service"

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_external_service"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return externalSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return lifecycle.Movable{
		To: "sls_external_service", Kind: &routing.ServiceEntries, Attribute: "name",
		Otherwise: "The external service makes what belongs to its ServiceEntry itself.",
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
	doing := fmt.Sprintf("Can't read the external service %s/%s", at.namespace, at.name)
	entry, err := cluster.Read(ctx, routing.ServiceEntries, at.namespace, at.name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if entry == nil || entry.GetDeletionTimestamp() != nil {
		if state.Host.IsNull() {
			lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).AddNotThere(&resp.Diagnostics, "the ServiceEntry "+at.namespace+"/"+at.name)
		}
		resp.State.RemoveResource(ctx)
		return
	}
	flat, err := observe(ctx, cluster.Read, at, &state, &resp.Diagnostics)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, flat)...)
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
	timeout, problems := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	at := r.placeOf(&state)
	lifecycle.SetIdentity(ctx, cluster, req.Identity, at.namespace, at.name, &resp.Diagnostics) // not a namesake elsewhere
	if resp.Diagnostics.HasError() {
		return
	}
	d := &desired{place: at, settings: decode(ctx, &state, &resp.Diagnostics)}
	if err := r.writer(cluster, &state).remove(ctx, d, func(part) bool { return true }); err != nil {
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't delete the external service %s/%s", at.namespace, at.name), err)
	}
}

func (r *Resource) placeOf(m *Model) place {
	return place{namespace: m.Namespace.ValueString(), name: m.Name.ValueString(), ingress: r.Platform.Ingress}
}

func (r *Resource) writer(cluster *kube.Cluster, m *Model) *writer {
	return &writer{
		cluster: cluster,
		options: kube.ApplyOptions{Manager: r.Platform.Manager(concern), Force: m.ForceConflicts.ValueBool()},
		adopt:   m.Adopt.ValueBool(),
	}
}

// prepare turns a plan that is being applied into what it wants of the cluster.
func (r *Resource) prepare(ctx context.Context, plan *Model, diags *diag.Diagnostics) *desired {
	complete(plan, r.Platform)
	settings := decode(ctx, plan, diags)
	if !diags.HasError() {
		diags.Append(validateSettings(settings)...)
	}
	at := r.placeOf(plan)
	plan.URL = urlOf(settings, at)
	return &desired{
		place: at, settings: settings,
		labels: lifecycle.Strings(plan.EffectiveLabels), annotations: lifecycle.Strings(plan.EffectiveAnnotations),
	}
}

// complete sets what a plan leaves to the provider.
func complete(m *Model, platform *lifecycle.Platform) {
	m.EffectiveLabels = lifecycle.Effective(platform.DefaultLabels, m.Labels)
	m.EffectiveAnnotations = lifecycle.Effective(platform.DefaultAnnotations, m.Annotations)
	m.Drift = noDrift()
}

func urlOf(s *Settings, at place) types.String {
	url, _ := at.url(s)
	return lifecycle.NullIfEmpty(url)
}

// resolutionOf returns what a plan without a resolution means.
func resolutionOf(s *Settings) types.String {
	return types.StringValue(cmp.Or(s.Resolution.ValueString(), defaultResolution(s.Endpoints)))
}
