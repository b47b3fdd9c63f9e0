package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// DataSource is embedded by every data source: it keeps the platform that the
// provider was configured for.
type DataSource struct {
	Platform *Platform
}

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.Platform = platformOf(req.ProviderData, &resp.Diagnostics)
}

// Cluster returns the connection to the cluster, or nil and an error in diags.
// A connection that is not known yet is an error too: unlike a resource, a data
// source has no earlier state to go on with.
func (d *DataSource) Cluster(ctx context.Context, diags *diag.Diagnostics) *kube.Cluster {
	return d.Platform.cluster(ctx, diags)
}
