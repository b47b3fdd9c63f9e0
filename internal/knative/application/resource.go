// Package application is sls_application: a Knative Service with everything but
// its traffic.
package application

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"knative.dev/serving/pkg/apis/config"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// Resource is sls_application.
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

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return applicationSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return lifecycle.Movable{To: "sls_application", Kind: &serving.Services, Attribute: "name"}.Movers()
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, name := state.Namespace.ValueString(), state.Name.ValueString()
	lifecycle.KeepIdentity(ctx, resp.Identity, namespace, name, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	// First of all: on another cluster, that there is nothing means nothing.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	doing := fmt.Sprintf("Can't read the application %s/%s", namespace, name)
	service, now, err := read(ctx, cluster, namespace, name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if service == nil {
		if state.Image.IsNull() {
			lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).AddNotThere(&resp.Diagnostics, "the Knative Service "+namespace+"/"+name)
		}
		resp.State.RemoveResource(ctx)
		return
	}
	predecessors := lifecycle.LoadMoved(ctx, req.Private, &resp.Diagnostics).Predecessors()
	resp.Diagnostics.Append(saveOthers(ctx, resp.Private, service, r.Platform.Manager(concernApplication), predecessors...)...)
	noteUnknown(ctx, req.Private, resp.Private, service, r.Platform.Manager(concernApplication), &resp.Diagnostics)
	flat := refresh(ctx, &state, now, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, flat)...)
	}
}

// read returns the Service as it is, decoded and with its current revision; nil
// where there is none.
func read(ctx context.Context, cluster *kube.Cluster, namespace, name string) (*kube.Object, *observed, error) {
	service, err := cluster.Read(ctx, serving.Services, namespace, name)
	if err != nil || service == nil || service.GetDeletionTimestamp() != nil {
		return nil, nil, err
	}
	now, err := current(ctx, cluster, service)
	return service, now, err
}

// current decodes a Service with its current revision.
func current(ctx context.Context, cluster *kube.Cluster, service *kube.Object) (*observed, error) {
	var revision *kube.Object
	if name := serving.CurrentRevision(service); name != "" {
		var err error
		if revision, err = cluster.Read(ctx, serving.Revisions, service.GetNamespace(), name); err != nil {
			return nil, err
		}
	}
	return observe(service, revision)
}

// refresh returns the state with what there is now.
func refresh(ctx context.Context, state *Model, now *observed, diags *diag.Diagnostics) *Model {
	importing := state.Image.IsNull()
	prior := decode(ctx, state, diags)
	flat := flatten(ctx, prior, now, importing, diags)
	if importing {
		setDefaults(flat)
	} else if external(state) {
		flat.Image = state.Image // theirs to change, and no drift
	}
	return flat
}

// setDefaults sets what an import can't read from the cluster, as the schema's
// defaults have it, so that the first plan shows no change of it.
func setDefaults(m *Model) {
	m.ImageSource, m.Rollout = types.StringValue(imageFromTerraform), types.StringValue(rolloutImmediate)
	m.DeletionProtection = types.BoolValue(false)
	m.Adopt, m.ForceConflicts, m.Wait = types.BoolValue(false), types.BoolValue(false), types.BoolValue(true)
	m.OnCreateFailure = types.StringValue(rollback)
}

// external reports whether CI deploys the application's images.
func external(m *Model) bool { return m.ImageSource.ValueString() == imageFromOutside }

// setStatus completes a plan that was applied: with what the platform made of
// it, where the plan did not know that yet.
func setStatus(plan *Model, o *observed) *Model {
	m, now := *plan, *plan
	flattenStatus(&now, o)
	if m.Revision.IsUnknown() {
		m.Revision = now.Revision
	}
	if m.LatestReadyRevision.IsUnknown() {
		m.LatestReadyRevision = now.LatestReadyRevision
	}
	if m.ImageDigest.IsUnknown() {
		m.ImageDigest = now.ImageDigest
	}
	if m.URL.IsUnknown() {
		m.URL = now.URL
	}
	if m.ClusterLocalURL.IsUnknown() {
		m.ClusterLocalURL = now.ClusterLocalURL
	}
	if m.Ready.IsUnknown() {
		m.Ready = now.Ready
	}
	if m.StatusMessage.IsUnknown() {
		m.StatusMessage = now.StatusMessage
	}
	return &m
}

// prepare turns a plan that is being applied into what it wants of the cluster,
// and refuses what the platform has switched off.
func (r *Resource) prepare(ctx context.Context, cluster *kube.Cluster, plan *Model, diags *diag.Diagnostics) *desired {
	plan.EffectiveLabels = lifecycle.Effective(r.Platform.DefaultLabels, plan.Labels)
	plan.EffectiveAnnotations = lifecycle.Effective(r.Platform.DefaultAnnotations, plan.Annotations)
	inner := decode(ctx, plan, diags)
	if diags.HasError() {
		return nil
	}
	want, err := expand(inner)
	if err != nil {
		diags.AddError("Can't expand the application", err.Error())
		return nil
	}
	if external(plan) {
		want.revision = "" // Knative's to name: under a name that is kept, CI could change nothing
	}
	if needed := requiredFeatures(inner); len(needed) > 0 {
		flags, err := cluster.Find(ctx, configMaps, knativeNamespace, config.FeaturesConfigName)
		if err == nil && flags != nil { // who may not look learns it from the webhook
			data, _, _ := unstructured.NestedStringMap(flags.Object, "data")
			diags.Append(checkFeatures(data, needed)...)
		}
	}
	return want
}
