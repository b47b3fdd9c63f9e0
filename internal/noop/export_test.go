package noop

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// TypeOf returns the type of a resource that a server of this package answers for,
// or why it can't.
func TypeOf(ctx context.Context, of tfprotov6.ProviderServer, name string) (tftypes.Type, error) {
	r := of.(*server).resources[name] //nolint:errcheck // a test that has something else may panic
	if !r.compile(ctx) {
		return nil, r.err
	}
	return r.schema.typ.TerraformType(ctx), nil
}

// Accepts reports whether a server accepts a configuration without the framework.
func Accepts(ctx context.Context, of tfprotov6.ProviderServer, name string, config tftypes.Value) bool {
	r := of.(*server).resources[name] //nolint:errcheck // as above
	value, err := tfprotov6.NewDynamicValue(config.Type(), config)
	return err == nil && r.compile(ctx) && r.accepts(ctx, &value)
}

// KeepsDefaults reports whether a state has the defaults of what is not configured.
func KeepsDefaults(ctx context.Context, of tfprotov6.ProviderServer, name string, config, state tftypes.Value) bool {
	r := of.(*server).resources[name] //nolint:errcheck // as above
	decode := func(value tftypes.Value) (all attr.Value, ok bool) {
		encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
		if err != nil || !r.compile(ctx) {
			return nil, false
		}
		decoded, err := r.schema.decode(ctx, encoded.MsgPack)
		return decoded, err == nil
	}
	configured, known := decode(config)
	kept, there := decode(state)
	return known && there && r.schema.keepsDefaults(configured, kept)
}

// decode decodes what Terraform sends.
func (n *node) decode(ctx context.Context, encoded []byte) (attr.Value, error) {
	d := msgpack.GetDecoder()
	defer msgpack.PutDecoder(d)
	d.Reset(bytes.NewReader(encoded))
	return n.value(ctx, d)
}
