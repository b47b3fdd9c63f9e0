package lifecycle

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// thing is a resource that is read as all of them are.
type thing struct{ Resource }

func (*thing) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_thing"
	resp.ResourceBehavior = Behavior
}

func (*thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"namespace": schema.StringAttribute{Required: true}, "name": schema.StringAttribute{Required: true},
	}
}

func (*thing) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = IdentitySchema()
}

func (r *thing) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	KeepIdentity(ctx, resp.Identity, "shop", "web", &resp.Diagnostics)
	if cluster := r.ClusterForRead(ctx, &resp.Diagnostics); cluster != nil {
		SetIdentity(ctx, cluster, resp.Identity, "shop", "web", &resp.Diagnostics)
	}
}

func (*thing) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (*thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (*thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// things is a provider that serves it, connected as connect says.
type things struct{ connect func() (*kube.Cluster, error) }

func (things) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sls"
}

func (things) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (p things) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	resp.ResourceData = &Platform{Connect: func(context.Context) (*kube.Cluster, error) { return p.connect() }}
}

func (things) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (things) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &thing{} }}
}

// A state that an engine without identities has written, refreshed while the
// connection is not known yet, gets an identity without a cluster; the next
// refresh completes it, and none moves it to another cluster.
func TestAnIdentityIsCompletedWhenTheClusterIsKnown(t *testing.T) {
	t.Parallel()
	here := clusterWith(t, http.StatusOK)
	var cluster *kube.Cluster // unknown at first
	server, err := providerserver.NewProtocol6WithError(things{func() (*kube.Cluster, error) {
		if cluster == nil {
			return nil, kube.ErrUnknownConnection
		}
		return cluster, nil
	}})()
	if err != nil {
		t.Fatal(err)
	}
	empty := dynamic(t, tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}, map[string]tftypes.Value{}))
	if _, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: empty}); err != nil {
		t.Fatal(err)
	}
	state := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"namespace": tftypes.String, "name": tftypes.String}}
	read := func(identity *tfprotov6.ResourceIdentityData) (*tfprotov6.ResourceIdentityData, string) {
		t.Helper()
		resp, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: "sls_thing", CurrentIdentity: identity,
			CurrentState: dynamic(t, tftypes.NewValue(state, map[string]tftypes.Value{
				"namespace": tftypes.NewValue(tftypes.String, "shop"), "name": tftypes.NewValue(tftypes.String, "web"),
			})),
		})
		if err != nil {
			t.Fatal(err)
		}
		var says []string
		for _, d := range resp.Diagnostics {
			says = append(says, d.Summary)
		}
		return resp.NewIdentity, strings.Join(says, ", ")
	}

	begun, says := read(nil)
	if got := clusterOf(t, begun); says != "" || !got.IsNull() {
		t.Fatalf("while the connection is unknown, the cluster is %s; %s", got, says)
	}
	cluster = here
	completed, says := read(begun)
	if got := clusterOf(t, completed); says != "" || got.ValueString() != "here" {
		t.Fatalf("when it is known, the cluster is %s; %s", got, says)
	}
	moved := dynamic(t, tftypes.NewValue(IdentitySchema().Type().TerraformType(t.Context()), map[string]tftypes.Value{
		"cluster_id": tftypes.NewValue(tftypes.String, "elsewhere"),
		"namespace":  tftypes.NewValue(tftypes.String, "shop"), "name": tftypes.NewValue(tftypes.String, "web"),
	}))
	if _, says := read(&tfprotov6.ResourceIdentityData{IdentityData: moved}); says != "The provider is connected to another cluster" {
		t.Errorf("of another cluster's object it says %q", says)
	}
}

func dynamic(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

func clusterOf(t *testing.T, identity *tfprotov6.ResourceIdentityData) types.String {
	t.Helper()
	value, err := identity.IdentityData.Unmarshal(IdentitySchema().Type().TerraformType(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]tftypes.Value
	var id *string
	if err := value.As(&fields); err != nil {
		t.Fatal(err)
	}
	if err := fields["cluster_id"].As(&id); err != nil {
		t.Fatal(err)
	}
	return types.StringPointerValue(id)
}
