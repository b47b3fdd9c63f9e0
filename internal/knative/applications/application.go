package applications

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/lookup"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Application is the data source sls_application.
type Application struct{ lifecycle.DataSource }

var _ datasource.DataSourceWithConfigure = (*Application)(nil)

// NewApplication returns the data source.
func NewApplication() datasource.DataSource { return &Application{} }

// Metadata implements datasource.DataSource.
func (d *Application) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_application"
}

// Schema implements datasource.DataSource.
func (d *Application) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "One application as it is on the cluster, whoever made it: what runs, where it answers, and where its requests go.",
		Attributes:  attributes(),
	}
	resp.Schema.Attributes["namespace"], resp.Schema.Attributes["name"] = lookup.Namespace(), lookup.Name()
}

// Read implements datasource.DataSource.
func (d *Application) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cluster := d.Cluster(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	namespace, name := config.Namespace.ValueString(), config.Name.ValueString()
	doing := fmt.Sprintf("Can't read the application %s/%s", namespace, name)
	service := lookup.Service(ctx, cluster, path.Root("name"), doing, namespace, name, &resp.Diagnostics)
	if service == nil {
		return
	}
	m, err := read(ctx, cluster, service)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// read returns the model of a Service.
func read(ctx context.Context, cluster *kube.Cluster, service *kube.Object) (*Model, error) {
	current := serving.CurrentRevision(service)
	if current == "" {
		return flatten(service, nil)
	}
	revision, err := cluster.Find(ctx, serving.Revisions, service.GetNamespace(), current)
	if err != nil {
		return nil, err
	}
	return flatten(service, revision)
}
