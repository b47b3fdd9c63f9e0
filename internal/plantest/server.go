package plantest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Planner plans one kind of resource, by the plugin protocol, as Terraform does.
type Planner struct {
	server tfprotov6.ProviderServer
	of     schema.Schema
	kind   string
}

// alone is a provider with one resource and nothing else, and without a cluster.
type alone struct {
	make     func() resource.Resource
	platform *lifecycle.Platform
}

// Metadata implements provider.Provider.
func (alone) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sls"
}

// Schema implements provider.Provider.
func (alone) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (a alone) Configure(_ context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	resp.ResourceData = a.platform
}

// DataSources implements provider.Provider.
func (alone) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (a alone) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{a.make}
}

// NewPlanner returns a planner of a resource, whose schema is given too. The
// cluster is not known yet, as when the same apply makes it.
func NewPlanner(t testing.TB, ingress lifecycle.Ingress, of schema.Schema, newResource func() resource.Resource) *Planner {
	t.Helper()
	platform := &lifecycle.Platform{
		ManagerPrefix: "sls", Ingress: ingress,
		Connect: func(context.Context) (*kube.Cluster, error) { return nil, kube.ErrUnknownConnection },
	}
	var metadata resource.MetadataResponse
	newResource().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "sls"}, &metadata)
	p := &Planner{server: providerserver.NewProtocol6(alone{newResource, platform})(), of: of, kind: metadata.TypeName}
	empty := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	_, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(t, tftypes.NewValue(empty, map[string]tftypes.Value{}))})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Refusals returns what a plan that creates the resource refuses, one line each:
// the attribute, and why.
func (p *Planner) Refusals(t testing.TB, d Document) []string {
	t.Helper()
	config := d.Config(t, p.of)
	validated, err := p.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: p.kind, Config: dynamic(t, config)})
	if err != nil {
		t.Fatal(err)
	}
	if lines := refusals(validated.Diagnostics); len(lines) > 0 {
		return lines
	}
	// Terraform proposes the configuration, with what is computed as unknown.
	var values map[string]tftypes.Value
	if err := config.As(&values); err != nil {
		t.Fatal(err)
	}
	proposed := map[string]tftypes.Value{}
	for name, value := range values {
		proposed[name] = value
		if value.IsNull() && p.of.Attributes[name].IsComputed() {
			proposed[name] = tftypes.NewValue(value.Type(), tftypes.UnknownValue)
		}
	}
	planned, err := p.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: p.kind, Config: dynamic(t, config),
		PriorState:       dynamic(t, tftypes.NewValue(config.Type(), nil)),
		ProposedNewState: dynamic(t, tftypes.NewValue(config.Type(), proposed)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return refusals(planned.Diagnostics)
}

func refusals(diagnostics []*tfprotov6.Diagnostic) []string {
	var lines []string
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			lines = append(lines, fmt.Sprintf("%s: %s: %s", inHCL(d.Attribute), d.Summary, d.Detail))
		}
	}
	return lines
}

// inHCL writes a path as HCL does.
func inHCL(at *tftypes.AttributePath) string {
	var text strings.Builder
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if text.Len() > 0 {
				text.WriteByte('.')
			}
			text.WriteString(string(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&text, "[%q]", string(step))
		case tftypes.ElementKeyInt:
			fmt.Fprintf(&text, "[%d]", int64(step))
		}
	}
	return text.String()
}

func dynamic(t testing.TB, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}
