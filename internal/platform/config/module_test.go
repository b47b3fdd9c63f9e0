package config

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// modules/platform takes every key that there is, by its name and of its type,
// hands it on, and takes no other: Terraform drops what an input's type does not
// have, without a word.
func TestModuleTakesEveryKey(t *testing.T) {
	module := filepath.Join("..", "..", "..", "modules", "platform")
	variable := blockOf(t, filepath.Join(module, "variables_config.tf"), "variable", "config")
	input, _, diags := typeexpr.TypeConstraintWithDefaults(variable.Attributes["type"].Expr)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	handedOn := blockOf(t, filepath.Join(module, "main.tf"), "resource", "sls_platform_config").Attributes
	attributes := map[string]tftypes.Type{}
	for _, s := range sections {
		attributes[s.attribute] = s.content.schema(s.about).GetType().TerraformType(context.Background())
		if handedOn[s.attribute] == nil {
			t.Errorf("main.tf does not hand on %s", s.attribute)
		}
	}
	compareTypes(t, "config", tftypes.Object{AttributeTypes: attributes}, input)
}

// blockOf returns the body of a block by its type and first label.
func blockOf(t *testing.T, file, kind, label string) *hclsyntax.Body {
	t.Helper()
	parsed, diags := hclparse.NewParser().ParseHCLFile(file)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s is not in HCL's own syntax", file)
	}
	at := slices.IndexFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == kind && b.Labels[0] == label })
	if at < 0 {
		t.Fatalf("%s has no %s %q", file, kind, label)
	}
	return body.Blocks[at].Body
}

// compareTypes compares the type of an attribute with that of the input for it.
func compareTypes(t *testing.T, at string, attribute tftypes.Type, input cty.Type) {
	t.Helper()
	switch of := attribute.(type) {
	case tftypes.Object:
		if !input.IsObjectType() {
			t.Errorf("%s is %s, want an object", at, input.FriendlyName())
			return
		}
		for name, kind := range of.AttributeTypes {
			switch {
			case !input.HasAttribute(name):
				t.Errorf("the module does not take %s.%s", at, name)
			default:
				compareTypes(t, at+"."+name, kind, input.AttributeType(name))
			}
		}
		for name := range input.AttributeTypes() {
			if of.AttributeTypes[name] == nil {
				t.Errorf("the module takes %s.%s, which there is not", at, name)
			}
		}
	case tftypes.Map:
		compareElements(t, at, of.ElementType, input, input.IsMapType())
	case tftypes.List:
		compareElements(t, at, of.ElementType, input, input.IsListType())
	case tftypes.Set:
		compareElements(t, at, of.ElementType, input, input.IsListType() || input.IsSetType())
	default:
		want := map[string]cty.Type{"tftypes.String": cty.String, "tftypes.Number": cty.Number, "tftypes.Bool": cty.Bool}[attribute.String()]
		if input != want {
			t.Errorf("%s is %s, want %s", at, input.FriendlyName(), attribute)
		}
	}
}

func compareElements(t *testing.T, at string, attribute tftypes.Type, input cty.Type, same bool) {
	t.Helper()
	if !same {
		t.Errorf("%s is %s, want a collection of %s", at, input.FriendlyName(), attribute)
		return
	}
	compareTypes(t, at+"[*]", attribute, input.ElementType())
}
