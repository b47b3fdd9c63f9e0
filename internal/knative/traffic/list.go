package traffic

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

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
	l.ListObjects(ctx, lifecycle.Listing{Kind: serving.Services, Attribute: "application", Found: isRouted, Flatten: l.flattenListed}, req, stream)
}

// isRouted reports whether there is more to say of a Service's traffic than Knative
// does by itself.
func isRouted(service *kube.Object) bool {
	return service.GetAnnotations()[mark] != "" || !slices.Equal(sharesOf(service), []share{{percent: 100}})
}

// flattenListed sets the resource that an import would have.
func (l *Lister) flattenListed(ctx context.Context, cluster *kube.Cluster, service *kube.Object, into *tfsdk.Resource) (diags diag.Diagnostics) {
	var m Model
	diags.Append(into.Get(ctx, &m)...)
	if diags.HasError() {
		return diags
	}
	found, err := l.refresh(ctx, cluster, &m, &diags)
	if err != nil {
		lifecycle.AddError(&diags, fmt.Sprintf("Can't read the traffic of %s/%s", service.GetNamespace(), service.GetName()), err)
	}
	if found && !diags.HasError() {
		diags.Append(into.Set(ctx, &m)...)
	}
	return diags
}
