package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// block is a provider block: the arguments that are written, by name.
type block map[string]tftypes.Value

func text(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func unknownText() tftypes.Value { return tftypes.NewValue(tftypes.String, tftypes.UnknownValue) }

func texts(values ...tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, values)
}

func textMap(values map[string]tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, values)
}

var execType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"api_version": tftypes.String,
	"command":     tftypes.String,
	"args":        tftypes.List{ElementType: tftypes.String},
	"env":         tftypes.Map{ElementType: tftypes.String},
}}

func exec(command tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: execType}, []tftypes.Value{tftypes.NewValue(execType, map[string]tftypes.Value{
		"api_version": text("client.authentication.k8s.io/v1"),
		"command":     command,
		"args":        texts(text("get-token")),
		"env":         textMap(map[string]tftypes.Value{"REGION": text("eu")}),
	})})
}

var ingressType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"gateway":            tftypes.String,
	"gateway_service":    tftypes.String,
	"local_gateway":      tftypes.String,
	"local_gateway_host": tftypes.String,
	"local_gateway_port": tftypes.Number,
	"cluster_domain":     tftypes.String,
}}

func ingress(values map[string]tftypes.Value) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range ingressType.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
	}
	for name, value := range values {
		all[name] = value
	}
	return tftypes.NewValue(ingressType, all)
}

// configOf is the block as Terraform sends it: every argument that is not
// written is null.
func configOf(ctx context.Context, t *testing.T, p provider.Provider, written block) tfsdk.Config {
	t.Helper()
	var response provider.SchemaResponse
	p.Schema(ctx, provider.SchemaRequest{}, &response)
	kind, ok := response.Schema.Type().TerraformType(ctx).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		if value, ok := written[name]; ok {
			values[name] = value
		} else if list, ok := attribute.(tftypes.List); ok && name == "exec" {
			values[name] = tftypes.NewValue(list, []tftypes.Value{})
		} else {
			values[name] = tftypes.NewValue(attribute, nil)
		}
	}
	for name := range written {
		if _, ok := kind.AttributeTypes[name]; !ok {
			t.Fatalf("the provider block has no argument %q", name)
		}
	}
	return tfsdk.Config{Schema: response.Schema, Raw: tftypes.NewValue(kind, values)}
}

// configure configures a provider as Terraform does, and returns what its
// resources get.
func configure(t *testing.T, environment map[string]string, written block) (*lifecycle.Platform, provider.ConfigureResponse) {
	t.Helper()
	ctx := t.Context()
	p := New("1.2.3", func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	})
	var response provider.ConfigureResponse
	p.Configure(ctx, provider.ConfigureRequest{TerraformVersion: "1.11.4", Config: configOf(ctx, t, p, written)}, &response)
	if response.Diagnostics.HasError() {
		return nil, response
	}
	platform, ok := response.ResourceData.(*lifecycle.Platform)
	if !ok {
		t.Fatalf("resources get %T", response.ResourceData)
	}
	return platform, response
}

// validation returns what terraform validate shows.
func validation(t *testing.T, written block) []*tfprotov6.Diagnostic {
	t.Helper()
	ctx := t.Context()
	p := New("1.2.3", func(string) (string, bool) { return "", false })
	raw := configOf(ctx, t, p, written).Raw
	value, err := tfprotov6.NewDynamicValue(raw.Type(), raw)
	if err != nil {
		t.Fatal(err)
	}
	response, err := providerserver.NewProtocol6(p)().ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: &value})
	if err != nil {
		t.Fatal(err)
	}
	return response.Diagnostics
}
