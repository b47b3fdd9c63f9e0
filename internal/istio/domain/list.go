package domain

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
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
	l.ListObjects(ctx, lifecycle.Listing{Kind: routing.VirtualServices, Attribute: "name", Found: isRoot, Flatten: lifecycle.Flattening("domain", l.reread)}, req, stream)
}

// isRoot reports whether a VirtualService is a domain: a delegate has no host, and
// what has an owner is made anew from it.
func isRoot(object *kube.Object) bool {
	hosts, _, _ := unstructured.NestedSlice(object.Object, "spec", "hosts")
	return len(hosts) > 0 && len(object.GetOwnerReferences()) == 0 && object.GetAnnotations()[routing.ExternalServiceMark] == ""
}

// reread returns the resource that an import would have.
func (l *Lister) reread(ctx context.Context, cluster *kube.Cluster, _ *kube.Object, m *Model, diags *diag.Diagnostics) (*Model, error) {
	return l.refreshed(ctx, cluster, m, diags)
}
