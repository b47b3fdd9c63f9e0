// Package quantity is the attribute type of Kubernetes' quantities, such as
// "100m" of CPU or "64Mi" of memory. Two spellings of one amount are equal: the
// server may answer "1" where the configuration says "1000m".
package quantity

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Type is the type of a quantity.
type Type struct{ basetypes.StringType }

// Value is a quantity.
type Value struct{ basetypes.StringValue }

var (
	_ basetypes.StringTypable                    = Type{}
	_ basetypes.StringValuableWithSemanticEquals = Value{}
	_ xattr.ValidateableAttribute                = Value{}
)

// New returns a known quantity.
func New(text string) Value { return Value{basetypes.NewStringValue(text)} }

// Equal reports whether other is this type too.
func (t Type) Equal(other attr.Type) bool {
	_, ok := other.(Type)
	return ok
}

// String names the type.
func (t Type) String() string { return "quantity.Type" }

// ValueType returns an empty value of the type.
func (t Type) ValueType(context.Context) attr.Value { return Value{} }

// ValueFromString implements basetypes.StringTypable.
func (t Type) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Value{in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t Type) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("a quantity is a string, not %T", value)
	}
	return Value{text}, nil
}

// Type implements attr.Value.
func (v Value) Type(context.Context) attr.Type { return Type{} }

// Equal reports whether other is the same text.
func (v Value) Equal(other attr.Value) bool {
	o, ok := other.(Value)
	return ok && v.StringValue.Equal(o.StringValue)
}

// Equal reports whether two texts are the same amount. What is no amount equals
// nothing.
func Equal(a, b string) bool {
	one, err := resource.ParseQuantity(a)
	if err != nil {
		return false
	}
	other, err := resource.ParseQuantity(b)
	return err == nil && one.Cmp(other) == 0
}

// StringSemanticEquals reports whether the other value is the same amount.
func (v Value) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Value)
	return ok && Equal(v.ValueString(), o.ValueString()), nil
}

// ValidateAttribute refuses at plan what the API server would refuse at apply.
func (v Value) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	amount, err := resource.ParseQuantity(v.ValueString())
	switch {
	case err != nil:
		resp.Diagnostics.AddAttributeError(req.Path, "Not a quantity",
			fmt.Sprintf("%q is not an amount as Kubernetes writes it, such as 100m or 2 for CPU, 64Mi or 1Gi for memory.", v.ValueString()))
	case amount.Sign() < 0:
		resp.Diagnostics.AddAttributeError(req.Path, "Negative quantity",
			fmt.Sprintf("%q is less than nothing.", v.ValueString()))
	}
}
