package application

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A value that is not known yet is no reason to refuse a configuration, and the
// validation leaves the configuration as it is: the framework goes on with it.
func TestValidationLeavesUnknownValuesAlone(t *testing.T) {
	kind := schemaOnce().Type().TerraformType(t.Context())
	object, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("the schema is no object but %T", kind)
	}
	values := map[string]tftypes.Value{}
	for name, of := range object.AttributeTypes {
		values[name] = tftypes.NewValue(of, nil)
	}
	values["name"] = tftypes.NewValue(tftypes.String, "web")
	for _, name := range []string{"namespace", "image", "version"} {
		values[name] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	}
	config := tfsdk.Config{Schema: schemaOnce(), Raw: tftypes.NewValue(kind, values)}
	before := config.Raw.Copy()

	var resp resource.ValidateConfigResponse
	(&Resource{}).ValidateConfig(t.Context(), resource.ValidateConfigRequest{Config: config}, &resp)
	if resp.Diagnostics.HasError() {
		t.Errorf("refused: %v", resp.Diagnostics)
	}
	if !config.Raw.Equal(before) {
		t.Error("the validation has changed the configuration")
	}
}
