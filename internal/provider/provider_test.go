package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// The framework checks all schemas when Terraform asks for them.
func TestSchemasAreValid(t *testing.T) {
	p := New("1.2.3", nil)
	response, err := providerserver.NewProtocol6(p)().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, diagnostic := range response.Diagnostics {
		t.Errorf("%s: %s", diagnostic.Summary, diagnostic.Detail)
	}
	for _, attribute := range response.Provider.Block.Attributes {
		if attribute.Description == "" {
			t.Errorf("%s has no description", attribute.Name)
		}
		secret := map[string]bool{"token": true, "password": true, "client_key": true}
		if attribute.Sensitive != secret[attribute.Name] {
			t.Errorf("%s: sensitive is %t", attribute.Name, attribute.Sensitive)
		}
	}
}

func TestMetadata(t *testing.T) {
	var response provider.MetadataResponse
	New("1.2.3", nil).Metadata(t.Context(), provider.MetadataRequest{}, &response)
	if response.TypeName != "sls" || response.Version != "1.2.3" {
		t.Errorf("got %+v", response)
	}
}

func TestPlatformDefaults(t *testing.T) {
	platform, response := configure(t, nil, nil)
	if response.Diagnostics.HasError() {
		t.Fatalf("a provider without configuration: %v", response.Diagnostics)
	}
	want := lifecycle.Ingress{
		Gateway:          "knative-serving/knative-ingress-gateway",
		GatewayService:   "istio-system/istio-ingressgateway",
		LocalGateway:     "knative-serving/knative-local-gateway",
		LocalGatewayHost: "knative-local-gateway.istio-system.svc.cluster.local",
		LocalGatewayPort: 80,
		ClusterDomain:    "cluster.local",
	}
	if platform.Ingress != want {
		t.Errorf("ingress is %+v", platform.Ingress)
	}
	if platform.VeleroNamespace != "velero" || platform.Manager("application") != "sls-application" {
		t.Errorf("got %+v", platform)
	}
	for name, data := range map[string]any{
		"data sources":        response.DataSourceData,
		"ephemeral resources": response.EphemeralResourceData,
		"list resources":      response.ListResourceData,
		"actions":             response.ActionData,
	} {
		if data != any(platform) {
			t.Errorf("%s get %T", name, data)
		}
	}
}

func TestPlatformArguments(t *testing.T) {
	platform, response := configure(t, nil, block{
		"default_labels":      textMap(map[string]tftypes.Value{"team": text("web")}),
		"default_annotations": textMap(map[string]tftypes.Value{"owner": text("alice")}),
		"velero_namespace":    text("backup"),
		"field_manager":       text("blue"),
		"ingress": ingress(map[string]tftypes.Value{
			"gateway":            text("edge/public"),
			"local_gateway_port": tftypes.NewValue(tftypes.Number, 8081),
		}),
	})
	if response.Diagnostics.HasError() {
		t.Fatal(response.Diagnostics)
	}
	if platform.DefaultLabels["team"] != "web" || platform.DefaultAnnotations["owner"] != "alice" {
		t.Errorf("defaults are %v and %v", platform.DefaultLabels, platform.DefaultAnnotations)
	}
	if platform.VeleroNamespace != "backup" || platform.Manager("application") != "blue-application" {
		t.Errorf("got %+v", platform)
	}
	want := lifecycle.Ingress{
		Gateway:          "edge/public",
		GatewayService:   "istio-system/istio-ingressgateway",
		LocalGateway:     "knative-serving/knative-local-gateway",
		LocalGatewayHost: "knative-local-gateway.istio-system.svc.cluster.local",
		LocalGatewayPort: 8081,
		ClusterDomain:    "cluster.local",
	}
	if platform.Ingress != want {
		t.Errorf("ingress is %+v", platform.Ingress)
	}
}

// What shapes plans must be known: a label that is known after apply only
// would make the plan and the object differ.
func TestPlatformArgumentsMustBeKnown(t *testing.T) {
	for name, value := range map[string]tftypes.Value{
		"default_labels":      textMap(map[string]tftypes.Value{"team": unknownText()}),
		"default_annotations": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue),
		"ingress":             ingress(map[string]tftypes.Value{"gateway": unknownText()}),
		"velero_namespace":    unknownText(),
		"field_manager":       unknownText(),
	} {
		_, response := configure(t, nil, block{name: value})
		if response.Diagnostics.ErrorsCount() != 1 || len(response.Diagnostics.Errors()) != 1 {
			t.Errorf("%s: got %v", name, response.Diagnostics)
			continue
		}
		at, ok := response.Diagnostics.Errors()[0].(interface{ Path() path.Path })
		if !ok || !at.Path().Equal(path.Root(name)) {
			t.Errorf("%s: the error is not at the argument: %v", name, response.Diagnostics)
		}
	}
}

func TestValidation(t *testing.T) {
	for name, test := range map[string]struct {
		block block
		wrong string // argument at fault, or none
	}{
		"nothing":                   {block{}, ""},
		"all unknown":               {block{"host": unknownText(), "velero_namespace": unknownText(), "field_manager": unknownText()}, ""},
		"one path":                  {block{"config_path": text("~/.kube/config")}, ""},
		"path and paths":            {block{"config_path": text("a"), "config_paths": texts(text("b"))}, "config_path"},
		"empty path":                {block{"config_paths": texts(text("a"), text(""))}, "config_paths"},
		"exec":                      {block{"exec": exec(text("cloud"))}, ""},
		"exec without a program":    {block{"exec": exec(text(""))}, "exec"},
		"gateway":                   {block{"ingress": ingress(map[string]tftypes.Value{"gateway": text("edge/public.gw")})}, ""},
		"gateway without namespace": {block{"ingress": ingress(map[string]tftypes.Value{"gateway": text("public")})}, "ingress"},
		"gateway with two slashes":  {block{"ingress": ingress(map[string]tftypes.Value{"gateway": text("a/b/c")})}, "ingress"},
		"gateway without name":      {block{"ingress": ingress(map[string]tftypes.Value{"gateway": text("a/")})}, "ingress"},
		"local gateway with port":   {block{"ingress": ingress(map[string]tftypes.Value{"local_gateway_host": text("host:80")})}, "ingress"},
		"port":                      {block{"ingress": ingress(map[string]tftypes.Value{"local_gateway_port": tftypes.NewValue(tftypes.Number, 65536)})}, "ingress"},
		"cluster domain":            {block{"ingress": ingress(map[string]tftypes.Value{"cluster_domain": text(".local")})}, "ingress"},
		"field manager":             {block{"field_manager": text("Team_A")}, "field_manager"},
		"field manager's length":    {block{"field_manager": text(strings.Repeat("a", 65))}, "field_manager"},
		"velero namespace":          {block{"velero_namespace": text("a/b")}, "velero_namespace"},
		"cluster id":                {block{"cluster_id": text("")}, "cluster_id"},
		"label":                     {block{"default_labels": textMap(map[string]tftypes.Value{"a b": text("c")})}, "default_labels"},
		"label's value":             {block{"default_labels": textMap(map[string]tftypes.Value{"a": text("b c")})}, "default_labels"},
		"annotation":                {block{"default_annotations": textMap(map[string]tftypes.Value{"a b": text("any thing")})}, "default_annotations"},
		"annotation's value":        {block{"default_annotations": textMap(map[string]tftypes.Value{"a": text("any thing")})}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var faults []string
			for _, diagnostic := range validation(t, test.block) {
				faults = append(faults, diagnostic.Attribute.String())
			}
			switch {
			case test.wrong == "" && len(faults) > 0:
				t.Errorf("refused at %v", faults)
			case test.wrong != "" && len(faults) == 0:
				t.Errorf("accepted")
			case test.wrong != "" && !strings.HasPrefix(faults[0], `AttributeName("`+test.wrong+`")`):
				t.Errorf("refused at %v, want %s", faults, test.wrong)
			}
		})
	}
}
