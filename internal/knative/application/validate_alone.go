package application

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// alone is a provider with this resource and nothing else. A resource's
// validation runs in the framework, attribute by attribute, and the framework
// offers it by the plugin protocol only.
type alone struct {
	// attributes leaves out what the resource itself validates.
	attributes bool
}

var _ provider.Provider = alone{}

const aloneName = "sls"

// Metadata implements provider.Provider.
func (alone) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = aloneName
}

// Schema implements provider.Provider.
func (alone) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (alone) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements provider.Provider.
func (alone) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (a alone) Resources(context.Context) []func() resource.Resource {
	if a.attributes {
		return []func() resource.Resource{func() resource.Resource { return attributesOnly{New()} }}
	}
	return []func() resource.Resource{New}
}

// attributesOnly hides all that a resource may do beside the least.
type attributesOnly struct{ resource.Resource }

var (
	aloneServer      = sync.OnceValue(providerserver.NewProtocol6(alone{}))
	attributesServer = sync.OnceValue(providerserver.NewProtocol6(alone{attributes: true}))
)

// validateAlone returns what a plan would refuse about the configuration of an
// application.
func validateAlone(ctx context.Context, config tftypes.Value) error {
	refused, err := validateBy(ctx, aloneServer(), config)
	problems := []error{err}
	for _, d := range refused {
		problems = append(problems, refusal(d))
	}
	return errors.Join(problems...)
}

// refusedAttributes returns the places of what the attributes' own validators
// refuse.
func refusedAttributes(ctx context.Context, config tftypes.Value) (places []string) {
	refused, err := validateBy(ctx, attributesServer(), config)
	if err != nil {
		return nil // as if they refused nothing: more is said, not less
	}
	for _, d := range refused {
		places = append(places, inHCL(d.Attribute))
	}
	return places
}

func validateBy(ctx context.Context, server tfprotov6.ProviderServer, config tftypes.Value) (refused []*tfprotov6.Diagnostic, err error) {
	encoded, err := tfprotov6.NewDynamicValue(config.Type(), config)
	if err != nil {
		return nil, fmt.Errorf("encoding the application: %w", err)
	}
	response, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: aloneName + "_application", Config: &encoded,
	})
	if err != nil {
		return nil, fmt.Errorf("validating the application: %w", err)
	}
	for _, d := range response.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			refused = append(refused, d)
		}
	}
	return refused, nil
}

// refusal is a diagnostic as one line.
func refusal(d *tfprotov6.Diagnostic) error {
	text := strings.TrimSuffix(d.Detail, ".")
	if text == "" {
		text = d.Summary
	}
	if at := inHCL(d.Attribute); at != "" {
		text = at + ": " + text
	}
	return errors.New(text)
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
