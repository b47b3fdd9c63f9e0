package noop

import (
	"context"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type kind int

const (
	textKind kind = iota
	boolKind
	intKind
	floatKind
	listKind
	setKind
	mapKind
	objectKind
)

// node is a type of the schema, made ready for decoding: the framework puts it
// together anew each time it is asked for it.
type node struct {
	kind       kind
	typ        attr.Type
	null       attr.Value
	element    *node            // of a list, set or map
	attributes map[string]*node // of an object
	types      map[string]attr.Type

	rules    rules      // of its configuration
	fallback attr.Value // the attribute's default; nil if it has none
	defaults bool       // whether there is one in it, or within it
}

// compile returns the node of a schema.
func compile(ctx context.Context, s schema.Schema) (*node, error) {
	if len(s.Blocks) > 0 {
		return nil, fmt.Errorf("the schema has blocks")
	}
	root, err := nodeOf(ctx, s.Type())
	if err != nil {
		return nil, err
	}
	return root, root.addAttributes(ctx, s.Attributes)
}

func nodeOf(ctx context.Context, typ attr.Type) (*node, error) {
	null, err := typ.ValueFromTerraform(ctx, tftypes.NewValue(typ.TerraformType(ctx), nil))
	if err != nil {
		return nil, err
	}
	n := &node{typ: typ, null: null}
	switch typ := typ.(type) {
	case basetypes.StringType:
		n.kind = textKind
	case basetypes.BoolType:
		n.kind = boolKind
	case basetypes.Int64Type:
		n.kind = intKind
	case basetypes.Float64Type:
		n.kind = floatKind
	case basetypes.ListType:
		n.kind = listKind
		n.element, err = nodeOf(ctx, typ.ElemType)
	case basetypes.SetType:
		n.kind = setKind
		n.element, err = nodeOf(ctx, typ.ElemType)
	case basetypes.MapType:
		n.kind = mapKind
		n.element, err = nodeOf(ctx, typ.ElemType)
	case basetypes.StringTypable: // one of its own
		n.kind = textKind
	case basetypes.ObjectTypable: // that of the timeouts is one of its own
		of, ok := typ.(attr.TypeWithAttributeTypes)
		if !ok {
			return nil, fmt.Errorf("%s has no attributes", typ)
		}
		n.kind, n.types, n.attributes = objectKind, of.AttributeTypes(), map[string]*node{}
		for name, attribute := range n.types {
			if n.attributes[name], err = nodeOf(ctx, attribute); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	default:
		return nil, fmt.Errorf("%s is of no type that is known here", typ)
	}
	return n, err
}

// addAttributes adds what a schema says of an object's attributes, besides their
// types.
func (n *node) addAttributes(ctx context.Context, attributes map[string]schema.Attribute) error {
	for name, attribute := range attributes {
		of := n.attributes[name]
		if attribute.IsWriteOnly() {
			return fmt.Errorf("%s is write-only", name)
		}
		var err error
		if of.fallback, err = defaultOf(ctx, attribute); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		of.addRules(attribute)
		switch nested := attribute.(type) {
		case schema.SingleNestedAttribute:
			err = of.addAttributes(ctx, nested.Attributes)
		case schema.ListNestedAttribute:
			of.element.addObject(nested.NestedObject.Validators)
			err = of.element.addAttributes(ctx, nested.NestedObject.Attributes)
		case schema.SetNestedAttribute:
			of.element.addObject(nested.NestedObject.Validators)
			err = of.element.addAttributes(ctx, nested.NestedObject.Attributes)
		case schema.MapNestedAttribute:
			of.element.addObject(nested.NestedObject.Validators)
			err = of.element.addAttributes(ctx, nested.NestedObject.Attributes)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		of.defaults = of.fallback != nil || (of.element != nil && of.element.defaults) || of.defaults
		n.defaults = n.defaults || of.defaults
	}
	return nil
}

// defaultOf returns an attribute's default, or nil if it has none.
func defaultOf(ctx context.Context, attribute schema.Attribute) (attr.Value, error) {
	switch of := attribute.(type) {
	case schema.StringAttribute:
		if of.Default != nil {
			var resp defaults.StringResponse
			of.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			return resp.PlanValue, nil
		}
	case schema.BoolAttribute:
		if of.Default != nil {
			var resp defaults.BoolResponse
			of.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			return resp.PlanValue, nil
		}
	case schema.Int64Attribute:
		if of.Default != nil {
			var resp defaults.Int64Response
			of.Default.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
			return resp.PlanValue, nil
		}
	default:
		if field := reflect.ValueOf(attribute).FieldByName("Default"); field.IsValid() && !field.IsNil() {
			return nil, fmt.Errorf("a %T has a default", attribute)
		}
	}
	return nil, nil
}

// keepsDefaults reports whether the defaults of what is not configured are what
// the state has already.
func (n *node) keepsDefaults(config, state attr.Value) bool {
	switch {
	case !n.defaults:
		return true
	case config.IsNull():
		return n.fallback != nil && state.Equal(n.fallback) || n.fallback == nil && state.IsNull()
	case n.kind == objectKind:
		return n.attributesKeepDefaults(config, state)
	case n.kind == listKind:
		return n.elementsKeepDefaults(config, state)
	case n.kind == mapKind:
		return n.entriesKeepDefaults(config, state)
	}
	return n.kind != setKind // which of the set is which can't be told
}

func (n *node) attributesKeepDefaults(config, state attr.Value) bool {
	configured, known := attributesOf(config)
	kept, alike := attributesOf(state)
	if !known || !alike {
		return false
	}
	for name, of := range n.attributes {
		if of.defaults && !of.keepsDefaults(configured[name], kept[name]) {
			return false
		}
	}
	return true
}

func attributesOf(value attr.Value) (map[string]attr.Value, bool) {
	object, ok := value.(interface {
		Attributes() map[string]attr.Value
	})
	if !ok || value.IsNull() {
		return nil, false
	}
	return object.Attributes(), true
}

func (n *node) elementsKeepDefaults(config, state attr.Value) bool {
	configured, known := config.(basetypes.ListValue)
	kept, alike := state.(basetypes.ListValue)
	if !known || !alike {
		return false
	}
	elements, has := configured.Elements(), kept.Elements()
	if len(elements) != len(has) {
		return false
	}
	for i := range elements {
		if !n.element.keepsDefaults(elements[i], has[i]) {
			return false
		}
	}
	return true
}

func (n *node) entriesKeepDefaults(config, state attr.Value) bool {
	configured, known := config.(basetypes.MapValue)
	kept, alike := state.(basetypes.MapValue)
	if !known || !alike {
		return false
	}
	elements, has := configured.Elements(), kept.Elements()
	if len(elements) != len(has) {
		return false
	}
	for name := range elements {
		if has[name] == nil || !n.element.keepsDefaults(elements[name], has[name]) {
			return false
		}
	}
	return true
}
