package lifecycle

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/client-go/rest"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// clusterWith returns a connection to a cluster that answers with that code when
// it is asked for its ID, "here".
func clusterWith(t *testing.T, code int) *kube.Cluster {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		if code == http.StatusOK {
			fmt.Fprint(w, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kube-system","uid":"here"}}`)
			return
		}
		fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","code":%d,"reason":"Forbidden","message":"no","details":{"kind":"namespaces"}}`, code)
	}))
	t.Cleanup(server.Close)
	cluster, err := kube.Open(&rest.Config{Host: server.URL}, "")
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// identityOf returns an identity as an engine sends it; nil is one that is not
// known yet.
func identityOf(t *testing.T, known *Identity) *tfsdk.ResourceIdentity {
	t.Helper()
	of := IdentitySchema()
	identity := &tfsdk.ResourceIdentity{Schema: of, Raw: tftypes.NewValue(of.Type().TerraformType(t.Context()), nil)}
	if known != nil {
		if problems := identity.Set(t.Context(), *known); problems.HasError() {
			t.Fatal(problems)
		}
	}
	return identity
}

func whatIs(t *testing.T, identity *tfsdk.ResourceIdentity) Identity {
	t.Helper()
	var now Identity
	if problems := identity.Get(t.Context(), &now); problems.HasError() {
		t.Fatal(problems)
	}
	return now
}

func web(cluster types.String) *Identity {
	return &Identity{ClusterID: cluster, Namespace: types.StringValue("shop"), Name: types.StringValue("web")}
}

func TestSetIdentity(t *testing.T) {
	t.Parallel()
	here, elsewhere := types.StringValue("here"), types.StringValue("elsewhere")
	for name, test := range map[string]struct {
		answer int
		known  *Identity
		want   *Identity // nil if it stays unknown
		says   string    // the error
	}{
		"of a new object":              {http.StatusOK, nil, web(here), ""},
		"that is known":                {http.StatusOK, web(here), web(here), ""},
		"of an import without cluster": {http.StatusOK, web(types.StringNull()), web(here), ""},
		"of another cluster":           {http.StatusOK, web(elsewhere), web(elsewhere), "connected to another cluster"},
		"stays when it can't be asked": {http.StatusForbidden, web(elsewhere), web(elsewhere), ""},
		"can't be asked":               {http.StatusForbidden, nil, nil, "Can't tell which cluster this is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity := identityOf(t, test.known)
			var diags diag.Diagnostics
			SetIdentity(t.Context(), clusterWith(t, test.answer), identity, "shop", "web", &diags)
			if errors := fmt.Sprint(diags.Errors()); diags.HasError() != (test.says != "") || !strings.Contains(errors, test.says) {
				t.Errorf("the errors are %s", errors)
			}
			if test.want == nil {
				if !identity.Raw.IsNull() {
					t.Errorf("the identity is %v", identity.Raw)
				}
				return
			}
			if got := whatIs(t, identity); got != *test.want {
				t.Errorf("the identity is %v, want %v", got, *test.want)
			}
		})
	}
	t.Run("of an engine that knows none", func(t *testing.T) {
		t.Parallel()
		var diags diag.Diagnostics
		SetIdentity(t.Context(), nil, nil, "shop", "web", &diags)
		KeepIdentity(t.Context(), nil, "shop", "web", &diags)
		if len(diags) > 0 {
			t.Error(diags)
		}
	})
}

func TestKeepIdentity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ known, want *Identity }{
		"known":   {web(types.StringValue("elsewhere")), web(types.StringValue("elsewhere"))},
		"unknown": {nil, web(types.StringNull())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity := identityOf(t, test.known)
			var diags diag.Diagnostics
			KeepIdentity(t.Context(), identity, "shop", "web", &diags)
			if got := whatIs(t, identity); got != *test.want || diags.HasError() {
				t.Errorf("the identity is %v, want %v; %v", got, *test.want, diags)
			}
		})
	}
}

func TestParseImportID(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{
		"shop/web": true,
		"":         false, "web": false, "/web": false, "shop/": false, "/": false, "a/b/c": false, "shop/web/": false,
	} {
		namespace, name, got := ParseImportID(id)
		if got != ok || (ok && (namespace != "shop" || name != "web")) {
			t.Errorf("%q is %q, %q, %t", id, namespace, name, got)
		}
	}
}

func TestImportNamespaced(t *testing.T) {
	t.Parallel()
	of := schema.Schema{Attributes: map[string]schema.Attribute{
		"namespace": schema.StringAttribute{Required: true},
		"name":      schema.StringAttribute{Required: true},
	}}
	type state struct {
		Namespace types.String `tfsdk:"namespace"`
		Name      types.String `tfsdk:"name"`
	}
	for name, test := range map[string]struct {
		id       string
		identity *Identity
		fails    bool
	}{
		"by id":       {"shop/web", nil, false},
		"by identity": {"", web(types.StringNull()), false},
		"by no id":    {"web", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := &resource.ImportStateResponse{State: tfsdk.State{Schema: of, Raw: tftypes.NewValue(of.Type().TerraformType(t.Context()), nil)}}
			ImportNamespaced(t.Context(), resource.ImportStateRequest{ID: test.id, Identity: identityOf(t, test.identity)}, resp)
			if resp.Diagnostics.HasError() != test.fails {
				t.Fatal(resp.Diagnostics)
			}
			if test.fails {
				return
			}
			var got state
			resp.Diagnostics.Append(resp.State.Get(t.Context(), &got)...)
			if got != (state{types.StringValue("shop"), types.StringValue("web")}) || resp.Diagnostics.HasError() {
				t.Errorf("the state is %v, %v", got, resp.Diagnostics)
			}
		})
	}
}

// A cluster that is made by the same apply is no error of a refresh, but of
// everything else.
func TestAConnectionThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err          error
		read, others bool // whether it is an error
	}{
		"not known":  {fmt.Errorf("host: %w", kube.ErrUnknownConnection), false, true},
		"not usable": {kube.ErrNotConfigured, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Resource{Platform: &Platform{Connect: func(context.Context) (*kube.Cluster, error) { return nil, test.err }}}
			var read, others diag.Diagnostics
			if r.ClusterForRead(t.Context(), &read) != nil || read.HasError() != test.read {
				t.Errorf("a refresh gives %v", read)
			}
			if r.Cluster(t.Context(), &others) != nil || others.HasError() != test.others {
				t.Errorf("an apply gives %v", others)
			}
		})
	}
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	platform := &Platform{ManagerPrefix: "sls"}
	for name, test := range map[string]struct {
		data  any
		want  *Platform
		fails bool
	}{
		"not yet":        {nil, nil, false},
		"configured":     {platform, platform, false},
		"something else": {"a string", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, resp := &Resource{}, &resource.ConfigureResponse{}
			r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: test.data}, resp)
			if r.Platform != test.want || resp.Diagnostics.HasError() != test.fails {
				t.Errorf("the platform is %v, %v", r.Platform, resp.Diagnostics)
			}
		})
	}
	if got := platform.Manager("application"); got != "sls-application" {
		t.Errorf("the manager is %q", got)
	}
}
