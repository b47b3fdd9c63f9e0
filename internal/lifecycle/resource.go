package lifecycle

import (
	"context"
	"errors"
	"fmt"

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
	if req.ProviderData == nil {
		return // the framework also calls this before the provider is configured
	}
	platform, ok := req.ProviderData.(*Platform)
	if !ok {
		resp.Diagnostics.AddError("The provider handed over something else than its platform",
			fmt.Sprintf("Expected *lifecycle.Platform, got %T. This is a bug of the provider; please report it.", req.ProviderData))
		return
	}
	r.Platform = platform
}

// Cluster returns the connection to the cluster, or nil and an error in diags.
func (r *Resource) Cluster(ctx context.Context, diags *diag.Diagnostics) *kube.Cluster {
	cluster, err := r.Platform.Connect(ctx)
	if err != nil {
		AddError(diags, "Can't connect to the cluster", err)
		return nil
	}
	return cluster
}

// ClusterForRead is Cluster for a refresh: while the connection is not known
// yet, because the cluster is made or changed by the same apply, it returns nil
// without an error, and the resource keeps the state it has.
func (r *Resource) ClusterForRead(ctx context.Context, diags *diag.Diagnostics) *kube.Cluster {
	cluster, err := r.Platform.Connect(ctx)
	if errors.Is(err, kube.ErrUnknownConnection) {
		return nil
	}
	if err != nil {
		AddError(diags, "Can't connect to the cluster", err)
		return nil
	}
	return cluster
}
