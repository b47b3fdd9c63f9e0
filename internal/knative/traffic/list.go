package traffic

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Lister finds the traffic of applications for terraform query.
type Lister struct{ Resource }

var _ list.ListResourceWithConfigure = (*Lister)(nil)

// NewLister returns the list resource.
func NewLister() list.ListResource { return &Lister{} }

// ListResourceConfigSchema implements list.ListResource.
func (l *Lister) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = lifecycle.ListSchema("The applications whose traffic somebody has divided or tagged, whoever did: terraform query finds them, "+
		"and writes their configuration and import blocks. One whose newest revision simply gets everything is not among them.", "Knative Services")
}

// List implements list.ListResource.
func (l *Lister) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	l.ListObjects(ctx, lifecycle.Listing{Kind: serving.Services, Attribute: "application", Found: isRouted, Flatten: lifecycle.Flattening("traffic of", l.reread)}, req, stream)
}

// isRouted reports whether there is more to say of a Service's traffic than Knative
// does by itself.
func isRouted(service *kube.Object) bool {
	return service.GetAnnotations()[mark] != "" || !slices.Equal(sharesOf(service), []share{{percent: 100}})
}

// reread returns the resource that an import would have.
func (l *Lister) reread(ctx context.Context, cluster *kube.Cluster, _ *kube.Object, m *Model, diags *diag.Diagnostics) (*Model, error) {
	found, err := l.refresh(ctx, cluster, m, diags)
	if !found {
		return nil, err
	}
	return m, err
}
