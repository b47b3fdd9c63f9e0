package domain

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Lister finds domains for terraform query.
type Lister struct{ Resource }

var _ list.ListResourceWithConfigure = (*Lister)(nil)

// NewLister returns the list resource.
func NewLister() list.ListResource { return &Lister{} }

// ListResourceConfigSchema implements list.ListResource.
func (l *Lister) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = lifecycle.ListSchema("The VirtualServices with a host, whoever made them: terraform query finds them, and writes their configuration "+
		"and import blocks. Those that Knative makes of its own Services, and those of an sls_external_service, are not among them.", "VirtualServices")
}

// List implements list.ListResource.
func (l *Lister) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	l.ListObjects(ctx, lifecycle.Listing{Kind: routing.VirtualServices, Attribute: "name", Found: isRoot, Flatten: l.flattenListed}, req, stream)
}

// isRoot reports whether a VirtualService is a domain: a delegate has no host, and
// what has an owner is made anew from it.
func isRoot(object *kube.Object) bool {
	hosts, _, _ := unstructured.NestedSlice(object.Object, "spec", "hosts")
	return len(hosts) > 0 && len(object.GetOwnerReferences()) == 0 && object.GetAnnotations()[routing.ExternalServiceMark] == ""
}

// flattenListed sets the resource that an import would have.
func (l *Lister) flattenListed(ctx context.Context, cluster *kube.Cluster, root *kube.Object, into *tfsdk.Resource) (diags diag.Diagnostics) {
	var m Model
	diags.Append(into.Get(ctx, &m)...)
	if diags.HasError() {
		return diags
	}
	flat, err := l.refreshed(ctx, cluster, &m, &diags)
	if err != nil {
		lifecycle.AddError(&diags, fmt.Sprintf("Can't read the domain %s/%s", root.GetNamespace(), root.GetName()), err)
	}
	if flat != nil && !diags.HasError() {
		diags.Append(into.Set(ctx, flat)...)
	}
	return diags
}
