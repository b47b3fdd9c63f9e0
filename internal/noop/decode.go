package noop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// errUnknown is returned for a value that is not known yet, which Terraform sends
// as an extension of the format.
var errUnknown = errors.New("a value is not known yet")

// errOther is returned for what the format has, and Terraform does not send.
var errOther = errors.New("a value is not of its attribute's type")

func (n *node) value(ctx context.Context, d *msgpack.Decoder) (attr.Value, error) {
	code, err := d.PeekCode()
	switch {
	case err != nil:
		return nil, err
	case code == msgpcode.Nil:
		return n.null, d.DecodeNil()
	case msgpcode.IsExt(code):
		return nil, errUnknown
	}
	switch n.kind {
	case textKind:
		return n.text(ctx, d)
	case boolKind:
		is, err := d.DecodeBool()
		return basetypes.NewBoolValue(is), err
	case intKind:
		if code == msgpcode.Float || code == msgpcode.Double || msgpcode.IsString(code) {
			return nil, errOther
		}
		number, err := d.DecodeInt64()
		return basetypes.NewInt64Value(number), err
	case floatKind:
		return n.float(d, code)
	case objectKind:
		return n.object(ctx, d)
	case mapKind:
		return n.entries(ctx, d)
	}
	return n.elements(ctx, d)
}

func (n *node) text(ctx context.Context, d *msgpack.Decoder) (attr.Value, error) {
	decoded, err := d.DecodeString()
	text := basetypes.NewStringValue(decoded)
	if _, plain := n.typ.(basetypes.StringType); plain || err != nil {
		return text, err
	}
	own, ok := n.typ.(basetypes.StringTypable)
	if !ok {
		return nil, errOther
	}
	value, diags := own.ValueFromString(ctx, text)
	if diags.HasError() {
		return nil, errOther
	}
	return value, nil
}

// float decodes a number. One that a float64 holds only nearly, such as 0.1, is
// sent as a text.
func (n *node) float(d *msgpack.Decoder, code byte) (attr.Value, error) {
	if !msgpcode.IsString(code) {
		number, err := d.DecodeFloat64()
		return basetypes.NewFloat64Value(number), err
	}
	text, err := d.DecodeString()
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseFloat(text, 64)
	return basetypes.NewFloat64Value(number), err
}

func (n *node) object(ctx context.Context, d *msgpack.Decoder) (attr.Value, error) {
	values := make(map[string]attr.Value, len(n.attributes))
	if err := n.each(d, func(name string) (err error) {
		of := n.attributes[name]
		if of == nil {
			return fmt.Errorf("%w: there is no attribute %s", errOther, name)
		}
		values[name], err = of.value(ctx, d)
		return err
	}); err != nil {
		return nil, err
	}
	for name, of := range n.attributes {
		if values[name] == nil {
			values[name] = of.null
		}
	}
	object, diags := basetypes.NewObjectValue(n.types, values)
	if diags.HasError() {
		return nil, errOther
	}
	if _, plain := n.typ.(basetypes.ObjectType); plain {
		return object, nil
	}
	own, ok := n.typ.(basetypes.ObjectTypable)
	if !ok {
		return nil, errOther
	}
	value, diags := own.ValueFromObject(ctx, object)
	if diags.HasError() {
		return nil, errOther
	}
	return value, nil
}

func (n *node) entries(ctx context.Context, d *msgpack.Decoder) (attr.Value, error) {
	values := map[string]attr.Value{}
	if err := n.each(d, func(name string) (err error) {
		values[name], err = n.element.value(ctx, d)
		return err
	}); err != nil {
		return nil, err
	}
	value, diags := basetypes.NewMapValue(n.element.typ, values)
	if diags.HasError() {
		return nil, errOther
	}
	return value, nil
}

// each calls of for each key of a map, which must decode its value.
func (n *node) each(d *msgpack.Decoder, of func(name string) error) error {
	count, err := d.DecodeMapLen()
	for ; err == nil && count > 0; count-- {
		var name string
		if name, err = d.DecodeString(); err == nil {
			err = of(name)
		}
	}
	return err
}

func (n *node) elements(ctx context.Context, d *msgpack.Decoder) (attr.Value, error) {
	count, err := d.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	values := make([]attr.Value, count)
	for i := range values {
		if values[i], err = n.element.value(ctx, d); err != nil {
			return nil, err
		}
	}
	if n.kind == setKind {
		value, diags := basetypes.NewSetValue(n.element.typ, values)
		if diags.HasError() {
			return nil, errOther
		}
		return value, nil
	}
	value, diags := basetypes.NewListValue(n.element.typ, values)
	if diags.HasError() {
		return nil, errOther
	}
	return value, nil
}

// fields are where a model, a struct with the tags of the framework, has each
// attribute.
type fields map[string]int

func fieldsOf(model any) fields {
	of := fields{}
	typ := reflect.TypeOf(model).Elem()
	for i := range typ.NumField() {
		if name, ok := typ.Field(i).Tag.Lookup("tfsdk"); ok {
			of[name] = i
		}
	}
	return of
}

// decodeInto decodes what Terraform sends into a model. It returns the attributes
// besides. null is a resource that is not there.
func (n *node) decodeInto(ctx context.Context, encoded []byte, at fields, model any) (all map[string]attr.Value, null bool, err error) {
	d := msgpack.GetDecoder()
	defer msgpack.PutDecoder(d)
	d.Reset(bytes.NewReader(encoded))
	if code, err := d.PeekCode(); err != nil || code == msgpcode.Nil {
		return nil, true, err
	}
	all = make(map[string]attr.Value, len(n.attributes))
	into := reflect.ValueOf(model).Elem()
	err = n.each(d, func(name string) error {
		of, known := n.attributes[name]
		field, has := at[name]
		if !known || !has {
			return fmt.Errorf("%w: there is no attribute %s", errOther, name)
		}
		value, err := of.value(ctx, d)
		if err != nil {
			return err
		}
		all[name] = value
		if !reflect.TypeOf(value).AssignableTo(into.Field(field).Type()) {
			return fmt.Errorf("%w: %s", errOther, name)
		}
		into.Field(field).Set(reflect.ValueOf(value))
		return nil
	})
	if err == nil && len(all) != len(n.attributes) {
		err = fmt.Errorf("%w: attributes are missing", errOther)
	}
	return all, false, err
}
