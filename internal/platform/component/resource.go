// Package component is sls_platform_component: a release manifest, of Knative
// Serving, Istio or Velero, applied as one unit.
//
// The manifest is read by internal/platform/manifest and written by server-side
// apply, with a field manager of the component's own. What was written is noted
// in an inventory on the cluster, so that what a new version drops can be
// pruned, a killed apply is taken up again, and drift is told without the
// manifest.
package component

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Resource is sls_platform_component.
type Resource struct{ lifecycle.Resource }

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// concern begins the field manager's name; the component's name follows. With a
// manager for each, two components that claim one object at the same moment
// conflict at the server, by the label that names the component.
const concern = "component"

var identity = lifecycle.SingleIdentity{
	Attribute: "name", Description: "The component's name.",
	Object: "The component", Example: "knative-serving",
}

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_platform_component"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return componentSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identity.Schema()
}

// ImportState implements resource.ResourceWithImportState.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	identity.Import(ctx, req, resp)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := state.Name.ValueString()
	identity.Keep(ctx, resp.Identity, name, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	// First of all: on another cluster, that there is nothing means nothing.
	identity.Set(ctx, cluster, resp.Identity, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	doing := fmt.Sprintf("Can't read the component %s", name)
	noted, err := readInventory(ctx, cluster.Read, name)
	if err != nil {
		addError(&resp.Diagnostics, &state, doing, err)
		return
	}
	if noted == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	seen, err := observe(ctx, cluster, noted, r.manager(name))
	if err != nil {
		addError(&resp.Diagnostics, &state, doing, err)
		return
	}
	if state.Objects.IsNull() { // an import
		setDefaults(&state)
		recall(ctx, noted, &state, &resp.Diagnostics)
	}
	flatten(noted, seen, &state)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		resp.Diagnostics.Append(savePlanned(ctx, resp.Private, noted)...)
	}
}

// manager returns the field manager of a component.
func (r *Resource) manager(name string) string { return r.Platform.Manager(concern) + "-" + name }

// engine returns what applies and removes a component as the model has it.
func (r *Resource) engine(cluster *kube.Cluster, m *Model) *engine {
	return &engine{
		cluster:      cluster,
		component:    m.Name.ValueString(),
		manager:      r.manager(m.Name.ValueString()),
		adopt:        m.Adopt.ValueBool(),
		force:        m.ForceConflicts.ValueBool(),
		wait:         m.Wait.ValueBool(),
		deleteCRDs:   m.DeleteCRDs.ValueBool(),
		forceDestroy: m.ForceDestroy.ValueBool(),
		requiredBy:   stringsOf(m.RequiredBy),
	}
}

// setDefaults sets what an import can't read from the cluster, as the schema's
// defaults have it, so that the first plan shows no change of it.
func setDefaults(m *Model) {
	m.Adopt, m.ForceConflicts, m.Wait = types.BoolValue(false), types.BoolValue(false), types.BoolValue(true)
	m.DeleteCRDs, m.ForceDestroy = types.BoolValue(false), types.BoolValue(false)
	m.OnCreateFailure = types.StringValue(rollback)
}
