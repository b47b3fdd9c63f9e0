package lifecycle

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Resource is embedded by every resource: it keeps the platform that the
// provider was configured for.
type Resource struct {
	Platform *Platform
}

// Configure implements resource.ResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.Platform = platformOf(req.ProviderData, &resp.Diagnostics)
}

// Cluster returns the connection to the cluster, or nil and an error in diags.
func (r *Resource) Cluster(ctx context.Context, diags *diag.Diagnostics) *kube.Cluster {
	return r.Platform.cluster(ctx, diags)
}

// ClusterForRead is Cluster for a refresh: while the connection is not known
// yet, because the cluster is made or changed by the same apply, it returns nil
// without an error, and the resource keeps the state it has.
func (r *Resource) ClusterForRead(ctx context.Context, diags *diag.Diagnostics) *kube.Cluster {
	if _, err := r.Platform.Connect(ctx); errors.Is(err, kube.ErrUnknownConnection) {
		return nil
	}
	return r.Platform.cluster(ctx, diags)
}

// Namespaced is embedded by the resources of an object in a namespace, instead
// of Resource.
type Namespaced struct{ Resource }

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Namespaced) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = IdentitySchema()
}

// ImportState implements resource.ResourceWithImportState.
func (r *Namespaced) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ImportNamespaced(ctx, req, resp)
}
