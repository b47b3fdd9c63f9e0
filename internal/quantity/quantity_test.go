package quantity_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1", "1000m", true},
		{"0.5", "500m", true},
		{"1Gi", "1024Mi", true},
		{"1k", "1e3", true},
		{"1G", "1Gi", false},
		{"1", "2", false},
		{"much", "much", false},
		{"1", "much", false},
		{"", "", false},
	} {
		if got := quantity.Equal(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: %t", test.a, test.b, got)
		}
		if got, diags := quantity.New(test.a).StringSemanticEquals(context.Background(), quantity.New(test.b)); got != test.want || diags.HasError() {
			t.Errorf("%q and %q, semantically: %t, %v", test.a, test.b, got, diags)
		}
	}
	if same, _ := quantity.New("1").StringSemanticEquals(context.Background(), basetypes.NewStringValue("1")); same {
		t.Error("a plain string is a quantity")
	}
}

func TestValidate(t *testing.T) {
	for text, wrong := range map[string]bool{"1": false, "100m": false, "0": false, "1.5Gi": false, "-1": true, "much": true, "": true, "1 Gi": true} {
		resp := &xattr.ValidateAttributeResponse{}
		quantity.New(text).ValidateAttribute(context.Background(), xattr.ValidateAttributeRequest{Path: path.Root("cpu")}, resp)
		if resp.Diagnostics.HasError() != wrong {
			t.Errorf("%q: %v", text, resp.Diagnostics)
		}
	}
	for _, value := range []quantity.Value{{StringValue: types.StringNull()}, {StringValue: types.StringUnknown()}} {
		resp := &xattr.ValidateAttributeResponse{}
		value.ValidateAttribute(context.Background(), xattr.ValidateAttributeRequest{}, resp)
		if resp.Diagnostics.HasError() {
			t.Errorf("%s: %v", value, resp.Diagnostics)
		}
	}
}

func TestFromTerraform(t *testing.T) {
	value, err := quantity.Type{}.ValueFromTerraform(context.Background(), tftypes.NewValue(tftypes.String, "64Mi"))
	if err != nil || !value.Equal(quantity.New("64Mi")) {
		t.Errorf("got %v, %v", value, err)
	}
	if value.Equal(types.StringValue("64Mi")) || !value.Type(context.Background()).Equal(quantity.Type{}) {
		t.Errorf("%v is of the type %s", value, value.Type(context.Background()))
	}
}
