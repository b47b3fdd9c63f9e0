package application

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"sigs.k8s.io/yaml"
)

// literal returns what Terraform makes of a value that is written in HCL, where
// nothing says of which type it should be: lists are tuples, maps are objects.
func literal(t *testing.T, from any) tftypes.Value {
	t.Helper()
	switch from := from.(type) {
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case map[string]any:
		of, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}
		for name, field := range from {
			values[name] = literal(t, field)
			of[name] = values[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: of}, values)
	case []any:
		of, values := []tftypes.Type{}, []tftypes.Value{}
		for _, element := range from {
			value := literal(t, element)
			values, of = append(values, value), append(of, value.Type())
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: of}, values)
	case string:
		if from == unknownValue {
			return tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
		}
		return tftypes.NewValue(tftypes.String, from)
	case float64:
		return tftypes.NewValue(tftypes.Number, from)
	case bool:
		return tftypes.NewValue(tftypes.Bool, from)
	}
	t.Fatalf("don't know how to write %T", from)
	return tftypes.Value{}
}

// call calls a function with one argument of any type.
func call(t *testing.T, f function.Function, given tftypes.Value) (types.String, *function.FuncError) {
	t.Helper()
	value, err := types.DynamicType.ValueFromTerraform(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	resp := function.RunResponse{Result: function.NewResultData(types.StringUnknown())}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{value})}, &resp)
	result, ok := resp.Result.Value().(types.String)
	if !ok {
		t.Fatalf("the result is a %T", resp.Result.Value())
	}
	return result, resp.Error
}

// written is a configuration as HCL has it, with what every application has.
func written(t *testing.T, text string) tftypes.Value {
	t.Helper()
	d := document{"name": "shop", "namespace": "prod", "image": "registry.example.com/shop:1"}
	for name, value := range parse(t, text) {
		d[name] = value
	}
	return literal(t, map[string]any(d))
}

// What is written in HCL, the types of which Terraform chooses, is read as the
// resource reads it.
func TestArgumentIsReadAsTheResourceReadsIt(t *testing.T) {
	for seed := range uint64(50) {
		want := (&generator{random: rand.New(rand.NewPCG(seed, 0))}).application()
		got, err := argument{}.application(t.Context(), loosened(t, want))
		if err != nil {
			t.Fatalf("seed %d: %s", seed, err)
		}
		if differences, err := want.Diff(got); err != nil || len(differences) > 0 {
			t.Fatalf("seed %d: %v, %v", seed, differences, err)
		}
	}
}

// loosened takes the schema's types away again, and what is null.
func loosened(t *testing.T, value tftypes.Value) tftypes.Value {
	t.Helper()
	if value.IsNull() {
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	}
	if fields, ok := fieldsOf(value); ok {
		of, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}
		for name, field := range fields {
			if !field.IsNull() {
				values[name] = loosened(t, field)
				of[name] = values[name].Type()
			}
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: of}, values)
	}
	if elements, ok := elementsOf(value); ok {
		of, values := []tftypes.Type{}, []tftypes.Value{}
		for _, element := range elements {
			element = loosened(t, element)
			of, values = append(of, element.Type()), append(values, element)
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: of}, values)
	}
	return value
}

// Every attribute that a plan completes by a default has it in a function too.
func TestEveryDefaultIsKnownToFunctions(t *testing.T) {
	var walk func(at string, attributes map[string]schema.Attribute)
	walk = func(at string, attributes map[string]schema.Attribute) {
		for name, attribute := range attributes {
			if attribute.IsOptional() && attribute.IsComputed() {
				if value, err := defaultOf(t.Context(), attribute); err != nil || value.IsNull() {
					t.Errorf("%s has no default: %v", below(at, name), err)
				}
			}
			walk(below(at, name), nestedAttributes(attribute))
		}
	}
	walk("", schemaOnce().Attributes)
}

// Frozen, as all names of revisions are: see TestRevisionNamesAreFrozen.
func TestRevisionNameFunction(t *testing.T) {
	for name, test := range map[string]struct{ config, want string }{
		"least":              {`{}`, "shop-22phenru"},
		"version":            {`{"version": "2.0"}`, "shop-2-0-wys7mrxh"},
		"no template":        {`{"version": "2.0", "labels": {"a": "b"}, "visibility": "cluster-local", "scaling": {"min": 3}, "wait": false}`, "shop-2-0-wys7mrxh"},
		"not known, outside": {`{"version": "2.0", "labels": {"a": "(known after apply)"}, "annotations": "(known after apply)"}`, "shop-2-0-wys7mrxh"},
		"a whole resource":   {`{"version": "2.0", "revision": "another", "ready": true, "url": "http://shop", "effective_labels": {}, "timeouts": null}`, "shop-2-0-wys7mrxh"},
		"not known":          {`{"env": {"A": "(known after apply)"}}`, ""},
		"source not known":   {`{"image_source": "(known after apply)"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, failed := call(t, RevisionNameFunction{}, written(t, test.config))
			if failed != nil {
				t.Fatal(failed)
			}
			if got.ValueString() != test.want || got.IsUnknown() != (test.want == "") {
				t.Errorf("got %s, want %q", got, test.want)
			}
		})
	}
	whole, failed := call(t, RevisionNameFunction{}, tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue))
	if failed != nil || !whole.IsUnknown() {
		t.Errorf("of an argument that is not known: got %s, %v", whole, failed)
	}
}

// Terraform converts what a resource is given; a function has to do it itself.
func TestFunctionsConvertLikeTerraform(t *testing.T) {
	want, _ := call(t, RevisionNameFunction{}, written(t, `{"port": {"number": 8081}, "env": {"N": "1.5", "B": "true"}, "concurrency": 10, "args": ["1"]}`))
	got, failed := call(t, RevisionNameFunction{}, written(t, `{"port": {"number": "8081"}, "env": {"N": 1.5, "B": true}, "concurrency": "10", "args": [1]}`))
	if failed != nil || !got.Equal(want) {
		t.Errorf("got %s, want %s; %v", got, want, failed)
	}
}

func TestFunctionsRefuse(t *testing.T) {
	for name, test := range map[string]struct {
		given tftypes.Value
		says  []string
	}{
		"unknown attributes":    {written(t, `{"imaeg": "x", "zone": 1}`), []string{"no attribute imaeg, zone"}},
		"nested":                {written(t, `{"port": {"number": 8080, "prtocol": "h2c"}}`), []string{"no attribute port.prtocol"}},
		"in a map":              {written(t, `{"sidecars": {"log": {"image": "a", "imgae": "b"}}}`), []string{`no attribute sidecars["log"].imgae`}},
		"in a list":             {written(t, `{"init_containers": [{"name": "a", "image": "a", "x": 1}]}`), []string{"no attribute init_containers[0].x"}},
		"required":              {literal(t, map[string]any{"name": "shop", "namespace": "prod"}), []string{"image is required"}},
		"required, nested":      {written(t, `{"sidecars": {"log": {}}}`), []string{`sidecars["log"].image is required`}},
		"no object":             {literal(t, "shop"), []string{"the application must be an object", "string"}},
		"text for a map":        {written(t, `{"env": "A=1"}`), []string{"env must be a map", "string"}},
		"object for a list":     {written(t, `{"command": {"a": "b"}}`), []string{"command must be a list", "object"}},
		"list for text":         {written(t, `{"env": {"A": ["x"]}}`), []string{`env["A"] must be a string`, "tuple"}},
		"text for a number":     {written(t, `{"concurrency": "ten"}`), []string{"concurrency must be a number"}},
		"text for a flag":       {written(t, `{"wait": "yes"}`), []string{"wait must be true or false"}},
		"a validator":           {written(t, `{"image": "https://registry/shop"}`), []string{"image: ", "without https://"}},
		"a validator in a list": {written(t, `{"tolerations": [{"operator": "Is"}]}`), []string{"tolerations[0].operator: "}},
		"several":               {written(t, `{"name": "Shop", "timeout": "x"}`), []string{"name: ", "timeout: "}},
		"all together":          {written(t, `{"volume_mounts": {"/data": {"volume": "none"}}}`), []string{`volume_mounts["/data"].volume: `}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, f := range []function.Function{RevisionNameFunction{}, ManifestFunction{}} {
				_, failed := call(t, f, test.given)
				if failed == nil {
					t.Fatalf("%T accepts it", f)
				}
				if failed.FunctionArgument == nil || *failed.FunctionArgument != 0 {
					t.Errorf("%T: the error is not at the argument: %v", f, failed)
				}
				for _, says := range test.says {
					if !strings.Contains(failed.Text, says) {
						t.Errorf("%T says %q, not %q", f, failed.Text, says)
					}
				}
			}
		})
	}
}

// Knative names what CI deploys.
func TestRevisionNameFunctionOfExternalImages(t *testing.T) {
	_, failed := call(t, RevisionNameFunction{}, written(t, `{"image_source": "external"}`))
	if failed == nil || !strings.Contains(failed.Text, `image_source is "external"`) {
		t.Errorf("got %v", failed)
	}
}

// The manifest of everything is the frozen expansion of everything.
func TestManifestFunctionWritesWhatIsApplied(t *testing.T) {
	got, failed := call(t, ManifestFunction{}, literal(t, map[string]any(everyAttribute(t))))
	if failed != nil {
		t.Fatal(failed)
	}
	frozen, err := os.ReadFile("testdata/every_attribute.golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var object, want map[string]any
	if err := yaml.Unmarshal([]byte(got.ValueString()), &object); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(frozen, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(object, want) {
		t.Errorf("got\n%s", got.ValueString())
	}
}

func TestManifestFunction(t *testing.T) {
	for name, test := range map[string]struct{ config, want string }{
		"least": {`{}`, `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  namespace: prod
spec:
  template:
    metadata:
      name: shop-22phenru
    spec:
      containers:
      - image: registry.example.com/shop:1
`},
		"labels, scaling": {`{"labels": {"team": "a"}, "scaling": {"min": 1}}`, `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  labels:
    team: a
  name: shop
  namespace: prod
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "1"
      name: shop-22phenru
    spec:
      containers:
      - image: registry.example.com/shop:1
`},
		"images of CI": {`{"image_source": "external"}`, `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  namespace: prod
spec:
  template:
    spec:
      containers:
      - image: registry.example.com/shop:1
`},
	} {
		t.Run(name, func(t *testing.T) {
			got, failed := call(t, ManifestFunction{}, written(t, test.config))
			if failed != nil {
				t.Fatal(failed)
			}
			if got.ValueString() != test.want {
				t.Errorf("got\n%s", got.ValueString())
			}
		})
	}
}
