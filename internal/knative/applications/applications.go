package applications

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// Applications is the data source sls_applications.
type Applications struct{ lifecycle.DataSource }

var _ datasource.DataSourceWithConfigure = (*Applications)(nil)

// NewApplications returns the data source.
func NewApplications() datasource.DataSource { return &Applications{} }

type selection struct {
	Namespace    types.String      `tfsdk:"namespace"`
	Labels       map[string]string `tfsdk:"labels"`
	Applications []*Model          `tfsdk:"applications"`
}

// Metadata implements datasource.DataSource.
func (d *Applications) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_applications"
}

// Schema implements datasource.DataSource.
func (d *Applications) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "The applications of a namespace as they are on the cluster, whoever made them. However many there are, " +
			"they are read with one list of services and one of revisions.",
		Attributes: map[string]schema.Attribute{
			"namespace": schema.StringAttribute{
				Required:    true,
				Description: "The namespace. One that does not exist has no applications.",
				Validators:  []validator.String{validate.Namespace()},
			},
			"labels": schema.MapAttribute{
				Optional: true, ElementType: types.StringType,
				Description: "Only applications that carry all of these labels; all applications by default.",
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(validate.LabelKey()), mapvalidator.ValueStringsAre(validate.LabelValue()),
				},
			},
			"applications": schema.ListNestedAttribute{
				Computed:     true,
				Description:  "The applications, in the order of their names. Those that are being deleted are left out.",
				NestedObject: schema.NestedAttributeObject{Attributes: attributes()},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *Applications) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var s selection
	resp.Diagnostics.Append(req.Config.Get(ctx, &s)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cluster := d.Cluster(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	var err error
	if s.Applications, err = list(ctx, cluster, s.Namespace.ValueString(), s.Labels); err != nil {
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't read the applications of the namespace %s", s.Namespace.ValueString()), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, s)...)
}

// list returns the applications that carry the labels, by name. Revisions don't
// carry their Service's labels, so those of the namespace are read all at once:
// one by one they would cost a request for each application.
func list(ctx context.Context, cluster *kube.Cluster, namespace string, labels map[string]string) ([]*Model, error) {
	models := []*Model{}
	services, err := cluster.List(ctx, serving.Services, namespace, labels)
	if err != nil || len(services) == 0 {
		return models, err
	}
	revisions, err := cluster.List(ctx, serving.Revisions, namespace, nil)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]*kube.Object, len(revisions))
	for i := range revisions {
		byName[revisions[i].GetName()] = &revisions[i]
	}
	for i := range services {
		service := &services[i]
		if service.GetDeletionTimestamp() != nil {
			continue
		}
		m, err := flatten(service, byName[serving.CurrentRevision(service)])
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b *Model) int { return cmp.Compare(a.Name.ValueString(), b.Name.ValueString()) })
	return models, nil
}
