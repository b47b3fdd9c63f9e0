// Package status is the data source sls_platform: what the platform on a cluster
// consists of, whoever installed it, and whether that goes together.
package status

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// DataSource is the data source sls_platform.
type DataSource struct{ lifecycle.DataSource }

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// New returns the data source.
func New() datasource.DataSource { return &DataSource{} }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_platform"
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	cluster := d.Cluster(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	rules, err := parseRules(compatibilityFile)
	if err != nil {
		resp.Diagnostics.AddError("The provider's compatibility table can't be read",
			err.Error()+". This is a bug of the provider; please report it.")
		return
	}
	found, err := observe(ctx, cluster, place{ingress: d.Platform.Ingress, veleroNamespace: d.Platform.VeleroNamespace})
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, "Can't read the state of the platform", err)
		return
	}
	compatible, problems := judge(rules, found.products)
	found.problems = append(problems, found.problems...)
	resp.Diagnostics.Append(resp.State.Set(ctx, flatten(found, compatible))...)
}
