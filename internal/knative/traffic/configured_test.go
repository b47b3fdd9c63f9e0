package traffic

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// everyAttribute is a configuration that sets all that can be set.
const everyAttribute = `{
  "application": "web", "namespace": "shop",
  "revisions": [
    {"version": "1.0", "percent": 70, "tag": "stable"},
    {"revision": "web-2-0-abcdefgh", "percent": 20, "tag": "next", "min_scale": 2},
    {"latest": true, "percent": 10}
  ],
  "rules": [
    {"name": "one", "target": "next", "match": [
      {"headers": {"X-Tester": {"exact": "yes"}, "x-team": {"prefix": "qa"}, "x-id": {"regex": "[0-9]+"}, "x-any": {"present": true}},
       "cookies": {"a": {"exact": "b"}, "c": {"present": true}, "d": {"regex": "[a-z]+"}},
       "query": {"q": {"exact": "1"}, "r": {"prefix": "2"}, "s": {"regex": "3+"}, "u": {"present": true}},
       "path": {"prefix": "/api"}, "method": {"exact": "POST"},
       "without_headers": {"x-no": {"present": true}, "x-not": {"exact": "v"}},
       "without_cookies": {"e": {"prefix": "f"}, "g": {"present": true}}},
      {"path": {"exact": "/x"}, "method": {"regex": "GET|HEAD"}}
    ]},
    {"name": "two", "target": "stable", "match": [{"path": {"regex": "/[a-z]+"}}]}
  ],
  "sticky": {"cookie": "uid", "ttl": "24h0m0s", "domain": "example.com"},
  "version_header": "x-version",
  "drain": "5s", "missing_revision": "collapse", "on_destroy": "latest", "adopt": true, "force_conflicts": true,
  "probe": {"url": "http://203.0.113.7/healthz", "host": "shop.example.com", "headers": {"x-a": "b"}, "status": 204, "timeout": "10s"}
}`

// unknownValue stands for what is known after apply.
const unknownValue = "(known after apply)"

type document map[string]any

func parse(t *testing.T, text string) document {
	t.Helper()
	d := document{}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d document) value(t *testing.T) tftypes.Value {
	t.Helper()
	return valueOfJSON(t, schemaOnce().Type().TerraformType(context.Background()), map[string]any(d))
}

// valueOfJSON makes a Terraform value of what encoding/json has read.
func valueOfJSON(t *testing.T, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	switch from {
	case nil:
		return tftypes.NewValue(of, nil)
	case unknownValue:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	}
	switch of := of.(type) {
	case tftypes.Object:
		fields, ok := from.(map[string]any)
		if !ok {
			t.Fatalf("%v should be an object", from)
		}
		values := map[string]tftypes.Value{}
		for name, of := range of.AttributeTypes {
			values[name] = valueOfJSON(t, of, fields[name])
		}
		for name := range fields {
			if _, ok := values[name]; !ok {
				t.Fatalf("there is no attribute %s", name)
			}
		}
		return tftypes.NewValue(of, values)
	case tftypes.Map:
		values := map[string]tftypes.Value{}
		for key, value := range from.(map[string]any) { //nolint:errcheck // a panic says as much in a test
			values[key] = valueOfJSON(t, of.ElementType, value)
		}
		return tftypes.NewValue(of, values)
	case tftypes.List:
		values := []tftypes.Value{}
		for _, value := range from.([]any) { //nolint:errcheck // as above
			values = append(values, valueOfJSON(t, of.ElementType, value))
		}
		return tftypes.NewValue(of, values)
	}
	return tftypes.NewValue(of, from)
}

// configured returns the decoded model of a configuration.
func configured(t *testing.T, text string) *configuration {
	t.Helper()
	var m Model
	state := stateOf(parse(t, text).value(t))
	diags := state.Get(t.Context(), &m)
	c := decode(t.Context(), &m, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return c
}

func stateOf(value tftypes.Value) tfsdk.State { return tfsdk.State{Schema: schemaOnce(), Raw: value} }

// only is a provider that serves this resource and nothing else: validation runs
// as Terraform asks for it, the framework's part included.
type only struct{}

func (only) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sls"
}

func (only) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (only) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (only) DataSources(context.Context) []func() datasource.DataSource                        { return nil }

func (only) OnConfigure(func(context.Context, any)) {}

func (only) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{New}
}

// It fails where noop would answer otherwise than the framework.
var served = sync.OnceValues(func() (tfprotov6.ProviderServer, error) {
	server, err := noop.Server(context.Background(), only{}, providerserver.NewProtocol6(only{})())
	if err != nil {
		return nil, err
	}
	return noop.Verified(server)
})

// validated returns what validation has to say: the paths of its errors, with
// their texts.
func validated(t *testing.T, d document) map[string]string {
	t.Helper()
	server, err := served()
	if err != nil {
		t.Fatal(err)
	}
	value := d.value(t)
	config, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "sls_revision_traffic", Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			found[inHCL(d.Attribute)] += d.Summary + ": " + d.Detail + "\n"
		}
	}
	return found
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

// place sets a value in a document; "|" is between the steps to it.
func place(t *testing.T, in any, at string, value any) {
	t.Helper()
	step, rest, more := strings.Cut(at, "|")
	switch in := in.(type) {
	case document:
		place(t, map[string]any(in), at, value)
	case map[string]any:
		if !more {
			in[step] = value
			return
		}
		place(t, in[step], rest, value)
	case []any:
		index, err := strconv.Atoi(step)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			in[index] = value
			return
		}
		place(t, in[index], rest, value)
	default:
		t.Fatalf("can't go into a %T at %s", in, at)
	}
}

// noDiagnostics fails the test for an error.
func noDiagnostics(t *testing.T, diags diag.Diagnostics) {
	t.Helper()
	if diags.HasError() {
		t.Fatal(diags)
	}
}
