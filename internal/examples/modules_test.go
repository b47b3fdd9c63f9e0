package examples_test

import (
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// An environment takes what an application takes: Terraform drops what an
// input's type does not have, without a word.
func TestEnvironmentsTakeWhatAnApplicationTakes(t *testing.T) {
	application, inputs := typesOf(t, "application"), typesOf(t, "environments")
	environment := inputs["environments"].ElementType()
	for _, name := range []string{"scaling", "traffic", "domains"} {
		if got := environment.AttributeType(name); !got.Equals(application[name]) {
			t.Errorf("an environment's %s is of the type\n%s, and an application's\n%s", name, typeexpr.TypeString(got), typeexpr.TypeString(application[name]))
		}
	}
	if got := inputs["container"]; !got.Equals(application["container"]) {
		t.Errorf("container is of the type\n%s, and an application's\n%s", typeexpr.TypeString(got), typeexpr.TypeString(application["container"]))
	}
}

// typesOf returns the types of a module's inputs.
func typesOf(t *testing.T, module string) map[string]cty.Type {
	t.Helper()
	file, diags := hclparse.NewParser().ParseHCLFile(filepath.Join(modules, module, "variables.tf"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("the variables of %s are not in HCL's own syntax", module)
	}
	types := map[string]cty.Type{}
	for _, block := range body.Blocks {
		is, _, diags := typeexpr.TypeConstraintWithDefaults(block.Body.Attributes["type"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		types[block.Labels[0]] = is
	}
	return types
}
