package noop

import (
	"context"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// rules is what a schema says of the configuration of an attribute.
type rules struct {
	required   bool
	readOnly   bool
	deprecated bool
	validators []check
}

// check runs a validator on a value.
type check func(ctx context.Context, at place, value attr.Value) diag.Diagnostics

// place is where in a configuration a value is. The configuration itself is empty:
// validators that look at other attributes are left to the framework.
type place struct {
	path   path.Path
	config tfsdk.Config
}

func (p place) in(path path.Path) place { return place{path, p.config} }

// addRules adds what an attribute's schema says of its configuration.
func (n *node) addRules(attribute schema.Attribute) {
	n.rules.required = attribute.IsRequired()
	n.rules.readOnly = attribute.IsComputed() && !attribute.IsOptional()
	n.rules.deprecated = attribute.GetDeprecationMessage() != ""
	switch of := attribute.(type) {
	case interface{ StringValidators() []validator.String }:
		for _, v := range of.StringValidators() {
			addFor(n, v, func(ctx context.Context, at place, valuable basetypes.StringValuable) diag.Diagnostics {
				text, diags := valuable.ToStringValue(ctx)
				resp := validator.StringResponse{Diagnostics: diags}
				v.ValidateString(ctx, validator.StringRequest{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: text}, &resp)
				return resp.Diagnostics
			})
		}
	case interface{ BoolValidators() []validator.Bool }:
		for _, v := range of.BoolValidators() {
			addFor(n, v, func(ctx context.Context, at place, is basetypes.BoolValue) diag.Diagnostics {
				var resp validator.BoolResponse
				v.ValidateBool(ctx, validator.BoolRequest{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: is}, &resp)
				return resp.Diagnostics
			})
		}
	case interface{ Int64Validators() []validator.Int64 }:
		for _, v := range of.Int64Validators() {
			addFor(n, v, func(ctx context.Context, at place, number basetypes.Int64Value) diag.Diagnostics {
				var resp validator.Int64Response
				v.ValidateInt64(ctx, validator.Int64Request{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: number}, &resp)
				return resp.Diagnostics
			})
		}
	case interface{ Float64Validators() []validator.Float64 }:
		for _, v := range of.Float64Validators() {
			addFor(n, v, func(ctx context.Context, at place, number basetypes.Float64Value) diag.Diagnostics {
				var resp validator.Float64Response
				v.ValidateFloat64(ctx, validator.Float64Request{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: number}, &resp)
				return resp.Diagnostics
			})
		}
	case interface{ ListValidators() []validator.List }:
		for _, v := range of.ListValidators() {
			addFor(n, v, func(ctx context.Context, at place, list basetypes.ListValue) diag.Diagnostics {
				var resp validator.ListResponse
				v.ValidateList(ctx, validator.ListRequest{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: list}, &resp)
				return resp.Diagnostics
			})
		}
	case interface{ MapValidators() []validator.Map }:
		for _, v := range of.MapValidators() {
			addFor(n, v, func(ctx context.Context, at place, entries basetypes.MapValue) diag.Diagnostics {
				var resp validator.MapResponse
				v.ValidateMap(ctx, validator.MapRequest{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: entries}, &resp)
				return resp.Diagnostics
			})
		}
	case interface{ SetValidators() []validator.Set }:
		for range of.SetValidators() {
			n.add(func(context.Context, place, attr.Value) diag.Diagnostics { return unexpected }) // none has one so far
		}
	case interface{ ObjectValidators() []validator.Object }:
		n.addObject(of.ObjectValidators())
	}
}

// unexpected stands for what the framework has to say of a value.
var unexpected = diag.Diagnostics{diag.NewErrorDiagnostic("", "")}

func (n *node) add(c check) { n.rules.validators = append(n.rules.validators, c) }

// addFor adds the check of a validator, which is of values of one type. Those of
// the framework that look at other attributes are all of one package.
func addFor[V attr.Value](n *node, v any, validate func(ctx context.Context, at place, value V) diag.Diagnostics) {
	of := reflect.TypeOf(v)
	if !strings.HasSuffix(of.PkgPath(), "/internal/schemavalidator") {
		n.add(func(ctx context.Context, at place, value attr.Value) diag.Diagnostics {
			typed, ok := value.(V)
			if !ok {
				return unexpected
			}
			return validate(ctx, at, typed)
		})
		return
	}
	onlyIfSet := of.Name() == "AlsoRequiresValidator" || of.Name() == "ConflictsWithValidator"
	n.add(func(_ context.Context, _ place, value attr.Value) diag.Diagnostics {
		if onlyIfSet && value.IsNull() {
			return nil
		}
		return unexpected
	})
}

func (n *node) addObject(validators []validator.Object) {
	for _, v := range validators {
		addFor(n, v, func(ctx context.Context, at place, valuable basetypes.ObjectValuable) diag.Diagnostics {
			object, diags := valuable.ToObjectValue(ctx)
			resp := validator.ObjectResponse{Diagnostics: diags}
			v.ValidateObject(ctx, validator.ObjectRequest{Path: at.path, PathExpression: at.path.Expression(), Config: at.config, ConfigValue: object}, &resp)
			return resp.Diagnostics
		})
	}
}

// accepts reports whether nothing is to be said of a value of a configuration, and
// of what is in it.
func (n *node) accepts(ctx context.Context, at place, value attr.Value) bool {
	if value.IsNull() && n.rules.required || !value.IsNull() && (n.rules.readOnly || n.rules.deprecated) {
		return false
	}
	if own, ok := value.(xattr.ValidateableAttribute); ok {
		var resp xattr.ValidateAttributeResponse
		own.ValidateAttribute(ctx, xattr.ValidateAttributeRequest{Path: at.path}, &resp)
		if len(resp.Diagnostics) > 0 {
			return false
		}
	}
	for _, v := range n.rules.validators {
		if len(v(ctx, at, value)) > 0 {
			return false
		}
	}
	return value.IsNull() || n.acceptsWithin(ctx, at, value)
}

func (n *node) acceptsWithin(ctx context.Context, at place, value attr.Value) bool {
	switch n.kind {
	case objectKind:
		all, ok := attributesOf(value)
		if !ok {
			return false
		}
		for name, of := range n.attributes {
			if !of.accepts(ctx, at.in(at.path.AtName(name)), all[name]) {
				return false
			}
		}
	case listKind:
		list, ok := value.(basetypes.ListValue)
		if !ok {
			return false
		}
		for i, element := range list.Elements() {
			if !n.element.accepts(ctx, at.in(at.path.AtListIndex(i)), element) {
				return false
			}
		}
	case mapKind:
		entries, ok := value.(basetypes.MapValue)
		if !ok {
			return false
		}
		for name, element := range entries.Elements() {
			if !n.element.accepts(ctx, at.in(at.path.AtMapKey(name)), element) {
				return false
			}
		}
	case setKind:
		set, ok := value.(basetypes.SetValue)
		if !ok {
			return false
		}
		for _, element := range set.Elements() {
			if !n.element.accepts(ctx, at.in(at.path.AtSetValue(element)), element) {
				return false
			}
		}
	}
	return true
}
