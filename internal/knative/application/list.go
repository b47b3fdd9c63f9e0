package application

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	tflist "github.com/hashicorp/terraform-plugin-framework/list"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Lister finds applications for terraform query.
type Lister struct{ Resource }

var _ tflist.ListResourceWithConfigure = (*Lister)(nil)

// NewLister returns the list resource.
func NewLister() tflist.ListResource { return &Lister{} }

// ListResourceConfigSchema implements tflist.ListResource.
func (l *Lister) ListResourceConfigSchema(_ context.Context, _ tflist.ListResourceSchemaRequest, resp *tflist.ListResourceSchemaResponse) {
	resp.Schema = lifecycle.ListSchema("The applications that there are, whoever made them: terraform query finds them, "+
		"and writes their configuration and import blocks.", "Knative Services")
}

// List implements tflist.ListResource.
func (l *Lister) List(ctx context.Context, req tflist.ListRequest, stream *tflist.ListResultsStream) {
	l.ListObjects(ctx, lifecycle.Listing{Kind: serving.Services, Attribute: "name", Flatten: lifecycle.Flattening("application", reread)}, req, stream)
}

// reread returns the resource that an import would have.
func reread(ctx context.Context, cluster *kube.Cluster, service *kube.Object, m *Model, diags *diag.Diagnostics) (*Model, error) {
	now, err := current(ctx, cluster, service)
	if err != nil {
		return nil, err
	}
	return refresh(ctx, m, now, diags), nil
}
