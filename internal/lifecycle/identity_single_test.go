package lifecycle

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var single = SingleIdentity{Attribute: "namespace", Object: "The platform in", Example: "knative-serving"}

func singleOf(t *testing.T, cluster, namespace string) *tfsdk.ResourceIdentity {
	t.Helper()
	of := single.Schema()
	identity := &tfsdk.ResourceIdentity{Schema: of, Raw: tftypes.NewValue(of.Type().TerraformType(t.Context()), nil)}
	for name, value := range map[string]string{"cluster_id": cluster, "namespace": namespace} {
		if value == "" {
			continue
		}
		if problems := identity.SetAttribute(t.Context(), path.Root(name), value); problems.HasError() {
			t.Fatal(problems)
		}
	}
	return identity
}

func singleIs(t *testing.T, identity *tfsdk.ResourceIdentity) string {
	t.Helper()
	var cluster, namespace types.String
	problems := identity.GetAttribute(t.Context(), path.Root("cluster_id"), &cluster)
	problems.Append(identity.GetAttribute(t.Context(), path.Root("namespace"), &namespace)...)
	if problems.HasError() {
		t.Fatal(problems)
	}
	return cluster.ValueString() + " " + namespace.ValueString()
}

func TestSingleIdentity(t *testing.T) {
	for name, test := range map[string]struct {
		cluster, namespace string // as it was
		code               int
		want, says         string
	}{
		"new":                        {"", "", http.StatusOK, "here a", ""},
		"known":                      {"here", "a", http.StatusOK, "here a", ""},
		"its cluster is learned":     {"", "a", http.StatusOK, "here a", ""},
		"elsewhere":                  {"there", "a", http.StatusOK, "there a", "The platform in a belongs to the cluster there"},
		"known, may not be asked":    {"there", "a", http.StatusForbidden, "there a", ""},
		"not known, nor to be asked": {"", "", http.StatusForbidden, " ", "Can't tell which cluster this is"},
	} {
		t.Run(name, func(t *testing.T) {
			identity := singleOf(t, test.cluster, test.namespace)
			var diags diag.Diagnostics
			single.Set(t.Context(), clusterWith(t, test.code), identity, "a", &diags)
			var said strings.Builder
			for _, d := range diags {
				said.WriteString(d.Summary() + " " + d.Detail())
			}
			if (test.says == "") != (said.Len() == 0) || !strings.Contains(said.String(), test.says) {
				t.Errorf("told %q, want %q", &said, test.says)
			}
			if got := singleIs(t, identity); got != test.want {
				t.Errorf("the identity is %q, want %q", got, test.want)
			}
		})
	}
	var diags diag.Diagnostics
	single.Set(t.Context(), nil, nil, "a", &diags) // an engine without identities
	single.Keep(t.Context(), nil, "a", &diags)
	fresh, known := singleOf(t, "", ""), singleOf(t, "there", "a")
	single.Keep(t.Context(), fresh, "a", &diags)
	single.Keep(t.Context(), known, "b", &diags)
	if one, other := singleIs(t, fresh), singleIs(t, known); one != " a" || other != "there a" || diags.HasError() {
		t.Errorf("kept are %q and %q (%v)", one, other, diags)
	}
}

func TestSingleIdentityImport(t *testing.T) {
	of := schema.Schema{Attributes: map[string]schema.Attribute{"namespace": schema.StringAttribute{Required: true}}}
	for name, test := range map[string]struct {
		id, want string
		identity *tfsdk.ResourceIdentity
	}{
		"by id":       {"a", "a", nil},
		"by identity": {"", "b", singleOf(t, "here", "b")},
		"by nothing":  {"", "", singleOf(t, "here", "")},
	} {
		t.Run(name, func(t *testing.T) {
			resp := resource.ImportStateResponse{State: tfsdk.State{Schema: of, Raw: tftypes.NewValue(of.Type().TerraformType(t.Context()), nil)}}
			single.Import(t.Context(), resource.ImportStateRequest{ID: test.id, Identity: test.identity}, &resp)
			var got types.String
			if resp.Diagnostics.HasError() != (test.want == "") {
				t.Fatal(resp.Diagnostics)
			}
			if test.want != "" {
				resp.Diagnostics.Append(resp.State.GetAttribute(t.Context(), path.Root("namespace"), &got)...)
			}
			if got.ValueString() != test.want {
				t.Errorf("imported is %s, want %s", got, test.want)
			}
		})
	}
}
