package noop_test

import (
	"context"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/domain"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/application"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/traffic"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// three is a provider of the resources that there are a thousand of.
type three struct{}

func (three) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sls"
}
func (three) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (three) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (three) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (three) OnConfigure(func(context.Context, any))                                            {}
func (three) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{application.New, traffic.New, domain.New}
}

func serve(t testing.TB) tfprotov6.ProviderServer {
	t.Helper()
	server, err := noop.Server(t.Context(), three{}, providerserver.NewProtocol6(three{})())
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// object is a value of a resource, of which all that is not set is null.
func object(t testing.TB, server tfprotov6.ProviderServer, name string, set map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	typ, err := noop.TypeOf(t.Context(), server, name)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]tftypes.Value{}
	for attribute, of := range typ.(tftypes.Object).AttributeTypes { //nolint:errcheck // what a resource is
		values[attribute] = tftypes.NewValue(of, nil)
	}
	maps.Copy(values, set)
	return tftypes.NewValue(typ, values)
}

func text(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

// shop is an application as it is mostly configured.
func shop(t testing.TB, server tfprotov6.ProviderServer, other map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	set := map[string]tftypes.Value{
		"name": text("shop"), "namespace": text("prod"), "image": text("registry.example.com/shop:1"), "version": text("1.0.0"),
		"env": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"GREETING": text("hello")}),
	}
	maps.Copy(set, other)
	return object(t, server, "sls_application", set)
}

func TestAcceptsWithoutTheFramework(t *testing.T) {
	server := serve(t)
	routes := func(route map[string]tftypes.Value) tftypes.Value {
		typ, err := noop.TypeOf(t.Context(), server, "sls_domain")
		if err != nil {
			t.Fatal(err)
		}
		list := typ.(tftypes.Object).AttributeTypes["routes"].(tftypes.List) //nolint:errcheck // what they are
		values := map[string]tftypes.Value{}
		for name, of := range list.ElementType.(tftypes.Object).AttributeTypes { //nolint:errcheck // what they are
			values[name] = tftypes.NewValue(of, nil)
		}
		maps.Copy(values, route)
		return tftypes.NewValue(list, []tftypes.Value{tftypes.NewValue(list.ElementType, values)})
	}
	for name, test := range map[string]struct {
		resource string
		config   tftypes.Value
		accepted bool
	}{
		"an application":         {"sls_application", shop(t, server, nil), true},
		"not yet known":          {"sls_application", shop(t, server, map[string]tftypes.Value{"image": text(tftypes.UnknownValue)}), false},
		"required, and not set":  {"sls_application", shop(t, server, map[string]tftypes.Value{"image": text(nil)}), false},
		"refused by a validator": {"sls_application", shop(t, server, map[string]tftypes.Value{"version": text("no spaces")}), false},
		"computed, and set":      {"sls_application", shop(t, server, map[string]tftypes.Value{"url": text("http://shop")}), false},
		"refused by Knative": {"sls_application", shop(t, server, map[string]tftypes.Value{
			"env": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"K_SERVICE": text("mine")}),
		}), false},
		"a domain": {"sls_domain", object(t, server, "sls_domain", map[string]tftypes.Value{
			"host": text("shop.example.com"), "namespace": text("prod"), "routes": routes(map[string]tftypes.Value{"application": text("shop")}),
		}), true},
		"refused in a list": {"sls_domain", object(t, server, "sls_domain", map[string]tftypes.Value{
			"host": text("shop.example.com"), "namespace": text("prod"), "routes": routes(map[string]tftypes.Value{"application": text("No Name")}),
		}), false},
	} {
		if accepted := noop.Accepts(t.Context(), server, test.resource, test.config); accepted != test.accepted {
			t.Errorf("%s: accepted is %t", name, accepted)
		}
	}
}

func TestUpgradeHandsStateBack(t *testing.T) {
	server := serve(t)
	for name, test := range map[string]struct {
		state string
		same  bool
	}{
		"of this version":          {`{"name":"shop","env":{"A":"b"},"ready":true,"scaling":{"min":1,"target":0.5},"args":["a"],"url":null}`, true},
		"an attribute that is not": {`{"name":"shop","colour":"red"}`, false},
		"one within another":       {`{"name":"shop","scaling":{"colour":"red"}}`, false},
		"of another type":          {`{"name":"shop","ready":"true"}`, false},
		"a list for a map":         {`{"name":"shop","env":["a"]}`, false},
		"no JSON":                  {`{"name":`, false},
	} {
		response, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
			TypeName: "sls_application", RawState: &tfprotov6.RawState{JSON: []byte(test.state)},
		})
		if err != nil {
			t.Fatal(err)
		}
		if same := response.UpgradedState != nil && string(response.UpgradedState.JSON) == test.state; same != test.same {
			t.Errorf("%s: handed back is %t", name, same)
		}
	}
}

func TestDefaultsThatChangeArePlanned(t *testing.T) {
	server := serve(t)
	flags := map[string]tftypes.Value{
		"visibility": text("public"), "image_source": text("terraform"), "rollout": text("immediate"), "on_create_failure": text("rollback"),
	}
	for _, name := range []string{"deletion_protection", "adopt", "force_conflicts"} {
		flags[name] = tftypes.NewValue(tftypes.Bool, false)
	}
	flags["wait"] = tftypes.NewValue(tftypes.Bool, true)
	if !noop.KeepsDefaults(t.Context(), server, "sls_application", shop(t, server, nil), shop(t, server, flags)) {
		t.Error("a state with the defaults has not got them")
	}
	for name, value := range map[string]tftypes.Value{"rollout": text("manual"), "wait": tftypes.NewValue(tftypes.Bool, nil)} {
		changed := maps.Clone(flags)
		changed[name] = value
		if noop.KeepsDefaults(t.Context(), server, "sls_application", shop(t, server, nil), shop(t, server, changed)) {
			t.Errorf("a state with another %s has the defaults", name)
		}
		configured := map[string]tftypes.Value{name: changed[name]}
		if name == "rollout" && !noop.KeepsDefaults(t.Context(), server, "sls_application", shop(t, server, configured), shop(t, server, changed)) {
			t.Error("what is configured has to be the default")
		}
	}
}

func BenchmarkAccepts(b *testing.B) {
	server := serve(b)
	config := shop(b, server, nil)
	for b.Loop() {
		if !noop.Accepts(b.Context(), server, "sls_application", config) {
			b.Fatal("it is not accepted")
		}
	}
}

// The same by the framework, to compare with.
func BenchmarkAcceptsByTheFramework(b *testing.B) {
	server := providerserver.NewProtocol6(three{})()
	config := shop(b, serve(b), nil)
	value, err := tfprotov6.NewDynamicValue(config.Type(), config)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := server.ValidateResourceConfig(b.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "sls_application", Config: &value}); err != nil {
			b.Fatal(err)
		}
	}
}
