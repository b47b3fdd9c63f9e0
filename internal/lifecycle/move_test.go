package lifecycle

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	kindof "k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

var gadgets = kube.Kind{GroupVersionResource: kindof.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "gadgets"}, Name: "Gadget"}

// kept is what is kept beside a state.
type kept map[string][]byte

func (k kept) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return k[key], nil }

// moveTo has a state moved, and returns what came of it.
func moveTo(t *testing.T, to Movable, provider, from, state string) (namespace, name string, moved *Moved, says string) {
	t.Helper()
	of := schema.Schema{Attributes: map[string]schema.Attribute{
		"namespace": schema.StringAttribute{Required: true}, "name": schema.StringAttribute{Required: true}, "more": schema.StringAttribute{Optional: true},
	}}
	resp := &resource.MoveStateResponse{
		TargetState:    tfsdk.State{Schema: of, Raw: tftypes.NewValue(of.Type().TerraformType(t.Context()), nil)},
		TargetIdentity: identityOf(t, nil),
	}
	// What the framework keeps it in can't be made here.
	private := kept{}
	to.move(t.Context(), resource.MoveStateRequest{
		SourceProviderAddress: provider, SourceTypeName: from, SourceRawState: &tfprotov6.RawState{JSON: []byte(state)},
	}, resp, func(key string, value []byte) diag.Diagnostics { private[key] = value; return nil })
	if resp.Diagnostics.HasError() {
		if !resp.TargetState.Raw.IsNull() {
			t.Errorf("refused, the state is %v", resp.TargetState.Raw)
		}
		return "", "", nil, resp.Diagnostics[0].Summary() + ": " + resp.Diagnostics[0].Detail()
	}
	var got struct {
		Namespace types.String `tfsdk:"namespace"`
		Name      types.String `tfsdk:"name"`
		More      types.String `tfsdk:"more"`
	}
	if problems := resp.TargetState.Get(t.Context(), &got); problems.HasError() || !got.More.IsNull() {
		t.Fatalf("the state is %v, %v", resp.TargetState.Raw, problems)
	}
	identity := whatIs(t, resp.TargetIdentity)
	if !identity.ClusterID.IsNull() || !identity.Namespace.Equal(got.Namespace) || !identity.Name.Equal(got.Name) {
		t.Errorf("the identity is %v, of %v", identity, got)
	}
	return got.Namespace.ValueString(), got.Name.ValueString(), LoadMoved(t.Context(), private, &resp.Diagnostics), ""
}

func TestMove(t *testing.T) {
	t.Parallel()
	to := Movable{To: "sls_gadget", Kind: &gadgets, Attribute: "name", Otherwise: "Ask for help."}
	const (
		kubernetes = "registry.terraform.io/hashicorp/kubernetes"
		gadget     = `{"value": {"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "web", "namespace": "shop"}}, "type": "dynamic"}`
	)
	for name, test := range map[string]struct {
		provider, from, state string
		managers              []string
		says                  []string // nil: it is shop/web
	}{
		"a manifest":             {kubernetes, "kubernetes_manifest", `{"manifest": ` + gadget + `, "object": ` + gadget + `, "field_manager": []}`, nil, nil},
		"one that is not there":  {kubernetes, "kubernetes_manifest", `{"manifest": ` + gadget + `, "object": null}`, nil, nil},
		"one of another version": {kubernetes, "kubernetes_manifest", strings.ReplaceAll(`{"object": `+gadget+`}`, "/v1", "/v1beta1"), nil, nil},
		"one of a manager":       {kubernetes, "kubernetes_manifest", `{"object": ` + gadget + `, "field_manager": [{"name": "team", "force_conflicts": null}]}`, []string{"team"}, nil},
		"of a mirror":            {"mirror.example.com/hashicorp/kubernetes", "kubernetes_manifest", `{"object": ` + gadget + `}`, nil, nil},
		"of kubectl": {
			"registry.terraform.io/gavinbunney/kubectl", "kubectl_manifest",
			`{"api_version": "example.com/v1", "kind": "Gadget", "namespace": "shop", "name": "web", "id": "/apis/example.com/v1/namespaces/shop/gadgets/web"}`, nil, nil,
		},
		"of kubectl, without a namespace": {
			"registry.terraform.io/alekc/kubectl", "kubectl_manifest",
			`{"api_version": "example.com/v1", "kind": "Gadget", "namespace": "", "name": "web", "id": "/apis/example.com/v1/namespaces/shop/gadgets/web", "field_manager": "team"}`,
			[]string{"team"},
			nil,
		},
		"of another kind":     {kubernetes, "kubernetes_manifest", strings.ReplaceAll(`{"object": `+gadget+`}`, "Gadget", "Widget"), nil, []string{"It is the Widget shop/web of example.com/v1", "a Gadget of example.com/v1", "Ask for help."}},
		"of another group":    {kubernetes, "kubernetes_manifest", strings.ReplaceAll(`{"object": `+gadget+`}`, "example.com", "example.org"), nil, []string{"It is the Gadget shop/web of example.org/v1"}},
		"of no group":         {kubernetes, "kubernetes_manifest", strings.ReplaceAll(`{"object": `+gadget+`}`, "example.com/v1", "v1"), nil, []string{"It is the Gadget shop/web of v1"}},
		"of no namespace":     {kubernetes, "kubernetes_manifest", strings.ReplaceAll(`{"object": `+gadget+`}`, `, "namespace": "shop"`, ""), nil, []string{"does not tell the object's namespace and name"}},
		"of another resource": {kubernetes, "kubernetes_deployment_v1", `{}`, nil, []string{"not from the kubernetes_deployment_v1 of hashicorp/kubernetes", "kubectl_manifest of gavinbunney/kubectl"}},
		"of another provider": {"registry.terraform.io/someone/kubectl", "kubectl_manifest", `{}`, nil, []string{"not from the kubectl_manifest of someone/kubectl"}},
		"of no state":         {kubernetes, "kubernetes_manifest", `[]`, nil, []string{"can't be read"}},
		"of an empty state":   {kubernetes, "kubernetes_manifest", `{}`, nil, []string{"Its state does not tell what it is"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace, object, moved, says := moveTo(t, to, test.provider, test.from, test.state)
			if test.says == nil {
				if says != "" || namespace != "shop" || object != "web" || moved == nil || moved.From != test.from || !slices.Equal(moved.Predecessors(), test.managers) {
					t.Errorf("it is %s/%s, %+v; %s", namespace, object, moved, says)
				}
				return
			}
			for _, want := range append(test.says, "Can't move the "+test.from+" to an sls_gadget", "removed {\n  from = "+test.from+".<name>", "import {\n  to = sls_gadget.<name>") {
				if !strings.Contains(says, want) {
					t.Errorf("it does not say %q: %s", want, says)
				}
			}
		})
	}
	t.Run("to what stands for no object", func(t *testing.T) {
		t.Parallel()
		_, _, _, says := moveTo(t, Movable{To: "sls_part", Attribute: "name", Otherwise: "Move the whole."}, kubernetes, "kubernetes_manifest", `{"object": `+gadget+`}`)
		if !strings.Contains(says, "No one object stands for an sls_part. Move the whole.") {
			t.Errorf("it says %q", says)
		}
	})
}

// A state that no moved block has brought has no predecessors, and nothing to be
// missed.
func TestNotMoved(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	m := LoadMoved(t.Context(), kept{}, &diags)
	m.AddNotThere(&diags, "the Gadget shop/web")
	if m != nil || len(m.Predecessors()) > 0 || len(diags) > 0 {
		t.Errorf("it was moved: %v, %v", m, diags)
	}
	encoded, err := json.Marshal(Moved{From: "kubernetes_manifest"})
	if err != nil {
		t.Fatal(err)
	}
	LoadMoved(t.Context(), kept{movedKey: encoded}, &diags).AddNotThere(&diags, "the Gadget shop/web")
	if len(diags) != 1 || diags[0].Severity() != diag.SeverityWarning || !strings.Contains(diags[0].Detail(), "the Gadget shop/web") {
		t.Errorf("what was moved, and is not there: %v", diags)
	}
}
