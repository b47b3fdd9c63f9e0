// Package revisions is the data source sls_revisions: all revisions of an
// application, and what each of them is good for.
package revisions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	knative "knative.dev/serving/pkg/apis/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/lookup"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// DataSource is the data source sls_revisions.
type DataSource struct{ lifecycle.DataSource }

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// New returns the data source.
func New() datasource.DataSource { return &DataSource{} }

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_revisions"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "All revisions of an application, the newest first: what each of them runs, which requests reach it, and whether it may go.",
		Attributes: map[string]schema.Attribute{
			"namespace":   lookup.Namespace(),
			"application": lookup.Name(),
			"revisions": schema.ListNestedAttribute{
				Computed:     true,
				Description:  "The revisions, the newest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: attributes()},
			},
		},
	}
}

func attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{Computed: true, Description: "The revision's name."},
		"version": schema.StringAttribute{
			Computed:    true,
			Description: "The version that it was made for: its label `" + serving.VersionLabel + "`. Null when it has none.",
		},
		"image":          schema.StringAttribute{Computed: true, Description: "The image, as the application named it."},
		"image_digest":   schema.StringAttribute{Computed: true, Description: "The image that it runs, by its digest. Null until Knative has looked it up."},
		"ready":          schema.BoolAttribute{Computed: true, Description: "Whether it can serve. One that is scaled to zero can."},
		"reason":         schema.StringAttribute{Computed: true, Description: "Why it can't, in one word of Knative's, such as `ContainerMissing`; null when it can."},
		"status_message": schema.StringAttribute{Computed: true, Description: "Why it can't, in Knative's words; null when it can."},
		"percent":        schema.Int64Attribute{Computed: true, Description: "Its share of the application's requests, as Knative reports it."},
		"tags": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			Description: "The tags under which it has an address of its own, in alphabetical order.",
		},
		"min_scale": schema.Int64Attribute{Computed: true, Description: "How many pods it keeps at least; null when the platform's default decides."},
		"created_at": schema.StringAttribute{
			Computed:    true,
			Description: "When it was made, as RFC 3339 has it: `2026-01-31T12:00:00Z`.",
		},
		"generation": schema.Int64Attribute{
			Computed:    true,
			Description: "Which change of the application's template it was made of, counted from 1.",
		},
		"collectable": schema.BoolAttribute{
			Computed: true,
			Description: "Whether Knative's garbage collection may take it, once the platform's settings call it old: no traffic and no tag leads to it, " +
				"it is not the newest ready one, and it is not marked `" + knative.RevisionPreservedAnnotationKey + "`.",
		},
	}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	cluster := d.Cluster(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	namespace, application := m.Namespace.ValueString(), m.Application.ValueString()
	doing := fmt.Sprintf("Can't read the revisions of the application %s/%s", namespace, application)
	service := lookup.Service(ctx, cluster, path.Root("application"), doing, namespace, application, &resp.Diagnostics)
	if service == nil {
		return
	}
	if err := m.fill(ctx, cluster, service); err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
