package applications

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
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
	resp.Schema.Attributes["namespace"] = schema.StringAttribute{
		Required:    true,
		Description: "The namespace.",
		Validators:  []validator.String{validate.Namespace()},
	}
	resp.Schema.Attributes["name"] = schema.StringAttribute{
		Required:    true,
		Description: "The application's name: that of its Knative Service.",
		Validators:  []validator.String{validate.DNS1035Label()},
	}
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
	m, err := read(ctx, cluster, namespace, name)
	switch {
	case err != nil:
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't read the application %s/%s", namespace, name), err)
	case m == nil:
		resp.Diagnostics.AddAttributeError(path.Root("name"), "There is no such application",
			fmt.Sprintf("The namespace %s has no Knative Service %s, or it is being deleted. "+
				"Where the same configuration makes it, refer to that resource, so that this is read after it.", namespace, name))
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}

// read returns the application, or nil if there is none.
func read(ctx context.Context, cluster *kube.Cluster, namespace, name string) (*Model, error) {
	service, err := cluster.Find(ctx, serving.Services, namespace, name)
	if err != nil || service == nil || service.GetDeletionTimestamp() != nil {
		return nil, err
	}
	var revision *kube.Object
	if current := serving.CurrentRevision(service); current != "" {
		if revision, err = cluster.Find(ctx, serving.Revisions, namespace, current); err != nil {
			return nil, err
		}
	}
	return flatten(service, revision)
}
