package status

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Model is sls_platform in HCL.
type Model struct {
	Versions     Versions             `tfsdk:"versions"`
	Compatible   types.Bool           `tfsdk:"compatible"`
	Problems     []string             `tfsdk:"problems"`
	IngressClass types.String         `tfsdk:"ingress_class"`
	FeatureFlags map[string]string    `tfsdk:"feature_flags"`
	Gateways     []Gateway            `tfsdk:"gateways"`
	Components   map[string]Component `tfsdk:"components"`
}

// Versions are the versions of what the platform is made of.
type Versions struct {
	Kubernetes     types.String `tfsdk:"kubernetes"`
	KnativeServing types.String `tfsdk:"knative_serving"`
	Istio          types.String `tfsdk:"istio"`
	GatewayAPI     types.String `tfsdk:"gateway_api"`
	Velero         types.String `tfsdk:"velero"`
}

// Gateway is one of the gateways that requests come in by.
type Gateway struct {
	Kind       types.String `tfsdk:"kind"`
	Namespace  types.String `tfsdk:"namespace"`
	Name       types.String `tfsdk:"name"`
	Visibility types.String `tfsdk:"visibility"`
	Service    types.String `tfsdk:"service"`
	UsedBy     []string     `tfsdk:"used_by"`
	Ready      types.Bool   `tfsdk:"ready"`
	Message    types.String `tfsdk:"message"`
}

// Component is a part of the platform that runs.
type Component struct {
	Version types.String `tfsdk:"version"`
	Ready   types.Bool   `tfsdk:"ready"`
	Message types.String `tfsdk:"message"`
}

// flatten returns the model of what was found.
func flatten(found *platform, compatible *bool) *Model {
	version := func(of product) types.String { return lifecycle.NullIfEmpty(found.products[of].version) }
	m := &Model{
		Versions: Versions{
			Kubernetes: version(kubernetes), KnativeServing: version(knativeServing), Istio: version(istio),
			GatewayAPI: version(gatewayAPI), Velero: version(velero),
		},
		Compatible:   types.BoolPointerValue(compatible),
		Problems:     append([]string{}, found.problems...),
		IngressClass: lifecycle.NullIfEmpty(found.ingressClass),
		FeatureFlags: found.flags,
		Gateways:     []Gateway{},
		Components:   map[string]Component{},
	}
	for _, g := range found.gateways {
		m.Gateways = append(m.Gateways, Gateway{
			Kind: types.StringValue(gatewayKind(g.kind)), Namespace: types.StringValue(g.namespace), Name: types.StringValue(g.name),
			Visibility: types.StringValue(g.visibility), Service: lifecycle.NullIfEmpty(g.service), UsedBy: g.usedBy,
			Ready: types.BoolPointerValue(g.ready), Message: lifecycle.NullIfEmpty(g.message),
		})
	}
	for name, c := range found.components {
		m.Components[name] = Component{
			Version: lifecycle.NullIfEmpty(c.version), Ready: types.BoolValue(c.ready), Message: lifecycle.NullIfEmpty(c.message),
		}
	}
	return m
}

// gatewayKind names a kind of gateway with its group, as `kubectl get` takes it:
// two APIs have a Gateway.
func gatewayKind(kind kube.Kind) string { return kind.Name + "." + kind.Group }
