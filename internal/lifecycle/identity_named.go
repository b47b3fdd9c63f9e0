package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// NamedIdentity tells what has one name in a cluster, and no namespace, from
// its namesake on another cluster.
type NamedIdentity struct {
	ClusterID types.String `tfsdk:"cluster_id"`
	Name      types.String `tfsdk:"name"`
}

// NamedIdentitySchema is the schema of NamedIdentity.
func NamedIdentitySchema(description string) identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"cluster_id": IdentitySchema().Attributes["cluster_id"],
			"name":       identityschema.StringAttribute{RequiredForImport: true, Description: description},
		},
	}
}

// SetNamedIdentity is SetIdentity for a NamedIdentity.
func SetNamedIdentity(ctx context.Context, cluster *kube.Cluster, identity *tfsdk.ResourceIdentity, name string, diags *diag.Diagnostics) {
	if identity == nil {
		return // the resource was asked by an engine that knows no identities
	}
	var known NamedIdentity
	if !identity.Raw.IsFullyNull() {
		diags.Append(identity.Get(ctx, &known)...)
	}
	if id, ok := clusterIDOf(ctx, cluster, known.ClusterID.ValueString(), "The object "+name, diags); ok {
		diags.Append(identity.Set(ctx, NamedIdentity{types.StringValue(id), types.StringValue(name)})...)
	}
}

// KeepNamedIdentity is KeepIdentity for a NamedIdentity.
func KeepNamedIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, name string, diags *diag.Diagnostics) {
	if identity == nil || !identity.Raw.IsFullyNull() {
		return
	}
	diags.Append(identity.Set(ctx, NamedIdentity{Name: types.StringValue(name)})...)
}

// ImportNamed sets the name in the state from an import's id, which is the name,
// or identity.
func ImportNamed(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	name := req.ID
	if name == "" {
		var identity NamedIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		name = identity.Name.ValueString()
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), name)...)
	}
}
