package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Identity tells one namespaced object from every other, also from its namesake
// on another cluster.
type Identity struct {
	ClusterID types.String `tfsdk:"cluster_id"`
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`
}

// Behavior is that of every resource with an Identity. The framework holds an
// identity for immutable otherwise, and one that was stored without its cluster,
// which KeepIdentity does, could never be read again. SetIdentity sees to it that
// nothing else of it changes.
var Behavior = resource.ResourceBehavior{MutableIdentity: true}

const clusterDescription = "The cluster: the provider's cluster_id, by default the UID of the namespace kube-system."

// IdentitySchema is the schema of Identity.
func IdentitySchema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"cluster_id": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       clusterDescription,
			},
			"namespace": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "The object's namespace.",
			},
			"name": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "The object's name.",
			},
		},
	}
}

// SetIdentity sets the identity of the object namespace/name on the cluster.
// An identity that is there already keeps its cluster when the cluster can't be
// asked for its own, for an identity must not change by a missing permission.
func SetIdentity(ctx context.Context, cluster *kube.Cluster, identity *tfsdk.ResourceIdentity, namespace, name string, diags *diag.Diagnostics) {
	if identity == nil {
		return // the resource was asked by an engine that knows no identities
	}
	var known Identity
	if !identity.Raw.IsFullyNull() {
		diags.Append(identity.Get(ctx, &known)...)
	}
	id, ok := clusterIDOf(ctx, cluster, known.ClusterID.ValueString(), fmt.Sprintf("The object %s/%s", namespace, name), diags)
	if !ok {
		return
	}
	diags.Append(identity.Set(ctx, Identity{
		ClusterID: types.StringValue(id),
		Namespace: types.StringValue(namespace),
		Name:      types.StringValue(name),
	})...)
}

// clusterIDOf returns the cluster for the identity of an object that may have one
// already; ok is false, and the reason in diags, where there is none. object names
// it, as a sentence begins.
func clusterIDOf(ctx context.Context, cluster *kube.Cluster, known, object string, diags *diag.Diagnostics) (id string, ok bool) {
	id, err := cluster.ID(ctx)
	switch {
	case err != nil && known != "":
		return known, true
	case err != nil:
		AddError(diags, "Can't tell which cluster this is (set cluster_id in the provider's configuration if it may not be asked)", err)
		return "", false
	case known != "" && known != id:
		diags.AddError("The provider is connected to another cluster",
			fmt.Sprintf("%s belongs to the cluster %s, but the provider's configuration leads to the cluster %s. "+
				"Check config_path, config_context and host; two clusters are two provider aliases. "+
				"If the cluster was rebuilt and this is meant, remove the object from the state and import it again.",
				object, known, id))
		return "", false
	}
	return id, true
}

// KeepIdentity leaves an identity as it is, and sets what is known of one that
// is not there yet, for a read that does not ask the cluster, or finds nothing
// on it: a state that an engine without identities has written holds none, but
// the framework wants one back. Its cluster is set as soon as that can be asked.
func KeepIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, namespace, name string, diags *diag.Diagnostics) {
	if identity == nil || !identity.Raw.IsFullyNull() {
		return
	}
	diags.Append(identity.Set(ctx, Identity{Namespace: types.StringValue(namespace), Name: types.StringValue(name)})...)
}

// ImportNamespaced sets namespace and name in the state from an import's id
// ("namespace/name") or identity.
func ImportNamespaced(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ImportNamespacedAs(ctx, "name", req, resp)
}

// ImportNamespacedAs is ImportNamespaced for a resource that has the name in
// another attribute, such as application.
func ImportNamespacedAs(ctx context.Context, attribute string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var namespace, name string
	if req.ID != "" {
		var ok bool
		if namespace, name, ok = ParseImportID(req.ID); !ok {
			resp.Diagnostics.AddError("Not an import id",
				fmt.Sprintf("%q should have the form namespace/name, for example shop/checkout.", req.ID))
			return
		}
	} else {
		var identity Identity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		namespace, name = identity.Namespace.ValueString(), identity.Name.ValueString()
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("namespace"), namespace)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(attribute), name)...)
}

// ParseImportID splits an import id of the form namespace/name.
func ParseImportID(id string) (namespace, name string, ok bool) {
	namespace, name, ok = strings.Cut(id, "/")
	ok = ok && namespace != "" && name != "" && !strings.Contains(name, "/")
	return namespace, name, ok
}
