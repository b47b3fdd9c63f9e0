package application

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/noop"
	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// onlyApplication is a provider that serves sls_application and nothing else:
// validation runs as Terraform asks for it, the framework's part included.
type onlyApplication struct{}

func (onlyApplication) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sls"
}
func (onlyApplication) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (onlyApplication) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (onlyApplication) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (onlyApplication) OnConfigure(func(context.Context, any))                     {}

func (onlyApplication) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{New}
}

// It fails where noop would answer otherwise than the framework.
var served = sync.OnceValues(func() (tfprotov6.ProviderServer, error) {
	server, err := noop.Server(context.Background(), onlyApplication{}, providerserver.NewProtocol6(onlyApplication{})())
	if err != nil {
		return nil, err
	}
	return noop.Verified(server)
})

// validated returns what validation has to say: the paths of its errors, with
// their texts.
func validated(t *testing.T, d document) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, d := range refused(t, d) {
		found[d.Attribute.String()] += d.Summary + ": " + d.Detail + "\n"
	}
	return found
}

// refused returns the errors of a configuration.
func refused(t *testing.T, d document) (errors []*tfprotov6.Diagnostic) {
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
	resp, err := server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "sls_application", Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			errors = append(errors, d)
		}
	}
	return errors
}

// twoFaults are refusals with a second fault, which is told too.
var twoFaults = []string{
	"container_name",                                // the sidecar of that name is at fault as much
	"init_containers|1|name",                        // Knative says it of the other one
	"init_containers|1|volume_mounts|/cache|volume", // of a volume that is missing, Knative can't tell that it may be written to
}

func TestEveryAttributeIsAcceptedTogether(t *testing.T) {
	if found := validated(t, everyAttribute(t)); len(found) > 0 {
		t.Errorf("refused: %v", found)
	}
}

func TestEveryValidatorRefusesSomething(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.at, func(t *testing.T) {
			d := everyAttribute(t)
			steps := strings.Split(test.at, "|")
			keep := append([]string{"name", "namespace", "image", "container_name"}, steps[0])
			if slices.Contains(append(together, "container_name"), steps[0]) {
				keep = append(keep, together...)
			}
			maps.DeleteFunc(d, func(name string, _ any) bool { return !slices.Contains(keep, name) }) // for speed
			place(t, map[string]any(d), steps, test.value)
			want := pathOf(t, steps)
			if errors := refused(t, d); len(errors) > 1 && !slices.Contains(twoFaults, test.at) {
				t.Errorf("one fault is told in %d errors: %v", len(errors), errors)
			}
			found := validated(t, d)
			if text, ok := found[want]; !ok {
				t.Errorf("%v is not refused at %s; the errors are: %v", test.value, want, found)
			} else if test.value != nil && strings.TrimSpace(text) == "" {
				t.Error("the refusal says nothing")
			}
		})
	}
	// Which attributes were tried.
	missing := schemaAttributes(validates)
	for _, test := range refusals {
		var names []string
		attributes := schemaOnce().Attributes
		for _, step := range strings.Split(test.at, "|") {
			if attribute, ok := attributes[step]; ok {
				names = append(names, step)
				attributes = nestedAttributes(attribute)
			}
		}
		delete(missing, alike(strings.Join(names, ".")))
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("no refusal by %s is tested", name)
	}
}

// validates reports whether an attribute refuses anything.
func validates(attribute schema.Attribute) bool {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		return len(a.Validators) > 0 || a.CustomType != nil
	case schema.Int64Attribute:
		return len(a.Validators) > 0
	case schema.Float64Attribute:
		return len(a.Validators) > 0
	case schema.BoolAttribute:
		return len(a.Validators) > 0
	case schema.ListAttribute:
		return len(a.Validators) > 0
	case schema.MapAttribute:
		return len(a.Validators) > 0 || a.ElementType.Equal(quantity.Type{})
	case schema.ListNestedAttribute:
		return len(a.Validators) > 0
	case schema.MapNestedAttribute:
		return len(a.Validators) > 0
	}
	return false
}

// place sets a value in a document.
func place(t *testing.T, in any, steps []string, value any) {
	t.Helper()
	last := len(steps) == 1
	switch in := in.(type) {
	case map[string]any:
		if last {
			in[steps[0]] = value
			return
		}
		if in[steps[0]] == nil {
			t.Fatalf("there is no %s to go into", steps[0])
		}
		place(t, in[steps[0]], steps[1:], value)
	case []any:
		index, err := strconv.Atoi(steps[0])
		if err != nil {
			t.Fatal(err)
		}
		if last {
			in[index] = value
			return
		}
		place(t, in[index], steps[1:], value)
	default:
		t.Fatalf("can't go into a %T", in)
	}
}

// pathOf writes a place as the protocol does.
func pathOf(t *testing.T, steps []string) string {
	t.Helper()
	at := tftypes.NewAttributePath()
	attributes := schemaOnce().Attributes
	inElement := false
	for _, step := range steps {
		attribute, ok := attributes[step]
		if index, err := strconv.Atoi(step); err == nil && !ok {
			at = at.WithElementKeyInt(index)
			continue
		}
		if !ok || inElement {
			at, inElement = at.WithElementKeyString(step), false
			continue
		}
		at = at.WithAttributeName(step)
		attributes = nestedAttributes(attribute)
		_, inElement = attribute.(schema.MapNestedAttribute)
	}
	return at.String()
}

func TestWhatIsNotKnownYetIsNotJudged(t *testing.T) {
	for _, at := range []string{
		"image", "name", "env", "env|LOG_LEVEL", "volumes", "volumes|cache|mount_path", "sidecars", "sidecars|cache|volume_mounts", "init_containers",
		"scaling", "scaling|max", "port", "port|number", "startup_probe", "timeout", "queue_proxy|resources|requests|cpu", "volume_mounts|/run/token|volume",
	} {
		d := everyAttribute(t)
		place(t, map[string]any(d), strings.Split(at, "|"), unknownValue)
		if found := validated(t, d); len(found) > 0 {
			t.Errorf("%s is not known yet, but there are errors: %v", at, found)
		}
	}
	// What is known is judged all the same.
	d := everyAttribute(t)
	d["volumes"] = unknownValue
	d["image"] = unknownValue
	d["readiness_probe"] = map[string]any{}
	d["startup_probe"] = map[string]any{}
	if found := validated(t, d); found[`AttributeName("startup_probe")`] == "" {
		t.Errorf("a probe that asks nobody is not refused: %v", found)
	}
}

func TestContradictionsAreShownAtWhatTheyAreIn(t *testing.T) {
	d := everyAttribute(t)
	place(t, map[string]any(d), []string{"scaling", "max"}, 1)
	if found := validated(t, d); !strings.Contains(found[`AttributeName("scaling")`], "min-scale") {
		t.Errorf("max less than min is not refused at scaling: %v", found)
	}
}

func TestVariablesAreSetOnce(t *testing.T) {
	d := parse(t, `{"name": "a", "namespace": "a", "image": "a", "env": {"A": "x"}, "secret_env": {"A": {"name": "s", "key": "k"}}}`)
	want := tftypes.NewAttributePath().WithAttributeName("secret_env").WithElementKeyString("A").String()
	if found := validated(t, d); !strings.Contains(found[want], "env") {
		t.Errorf("a variable that is set twice is not refused at %s: %v", want, found)
	}
}
