package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// SingleIdentity is the identity of what one name tells apart on its cluster,
// such as what there is once in a namespace. Identity is for the objects within
// a namespace; what is said there of the cluster holds here too.
type SingleIdentity struct {
	Attribute   string // of the resource and of the identity, such as namespace
	Description string
	Object      string // what it is, before its name, as a sentence begins: "The configuration of Knative Serving in"
	Example     string // of an import id
}

const clusterAttribute = "cluster_id"

// Schema is the identity's schema.
func (s SingleIdentity) Schema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			clusterAttribute: identityschema.StringAttribute{OptionalForImport: true, Description: clusterDescription},
			s.Attribute:      identityschema.StringAttribute{RequiredForImport: true, Description: s.Description},
		},
	}
}

// Set sets the identity, as SetIdentity does.
func (s SingleIdentity) Set(ctx context.Context, cluster *kube.Cluster, identity *tfsdk.ResourceIdentity, name string, diags *diag.Diagnostics) {
	if identity == nil {
		return // the resource was asked by an engine that knows no identities
	}
	var known types.String
	if !identity.Raw.IsFullyNull() {
		diags.Append(identity.GetAttribute(ctx, path.Root(clusterAttribute), &known)...)
	}
	if id, ok := clusterIDOf(ctx, cluster, known.ValueString(), s.Object+" "+name, diags); ok {
		diags.Append(identity.SetAttribute(ctx, path.Root(clusterAttribute), id)...)
		diags.Append(identity.SetAttribute(ctx, path.Root(s.Attribute), name)...)
	}
}

// Keep leaves an identity as it is, or sets its name, as KeepIdentity does.
func (s SingleIdentity) Keep(ctx context.Context, identity *tfsdk.ResourceIdentity, name string, diags *diag.Diagnostics) {
	if identity == nil || !identity.Raw.IsFullyNull() {
		return
	}
	diags.Append(identity.SetAttribute(ctx, path.Root(s.Attribute), name)...)
}

// Import sets the name in the state from an import's id, which is the name alone,
// or from its identity.
func (s SingleIdentity) Import(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := types.StringValue(req.ID)
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(s.Attribute), &name)...)
	}
	if name.ValueString() == "" {
		resp.Diagnostics.AddError("Not an import id", fmt.Sprintf("The id is the %s, for example %s.", s.Attribute, s.Example))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(s.Attribute), name)...)
}
