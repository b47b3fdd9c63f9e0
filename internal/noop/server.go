package noop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// everything is what the framework's server can do. An engine that asks for more
// than tfprotov6.ProviderServer has finds it by the type.
type everything interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the framework's, with what Server adds.
type server struct {
	everything
	schema    func() (*tfprotov6.GetProviderSchemaResponse, error)
	resources map[string]*served
	verified  bool
}

// served is a Resource that the server may answer for.
type served struct {
	Resource
	configured atomic.Bool // the resource knows the platform

	compiled sync.Once // when it is needed: most starts of a provider are for its schema alone
	version  int64
	schema   *node
	fields   fields
	empty    tfsdk.Config
	err      error
}

// compile reports whether the server can answer for the resource.
func (r *served) compile(ctx context.Context) bool {
	r.compiled.Do(func() {
		var described resource.SchemaResponse
		r.Schema(ctx, resource.SchemaRequest{}, &described)
		r.version, r.fields = described.Schema.Version, fieldsOf(r.NewModel())
		if r.schema, r.err = compile(ctx, described.Schema); r.err == nil {
			r.empty = tfsdk.Config{Schema: described.Schema, Raw: tftypes.NewValue(r.schema.typ.TerraformType(ctx), nil)}
		}
	})
	return r.err == nil
}

// served returns the resource of a type, if the server can answer for it.
func (s *server) served(ctx context.Context, name string) *served {
	r := s.resources[name]
	if r == nil || !r.compile(ctx) {
		return nil
	}
	return r
}

// Watched is a provider that hands out what its resources are configured with.
type Watched interface {
	provider.Provider
	// OnConfigure has a function called when the provider is configured, with what
	// its resources get as resource.ConfigureRequest.ProviderData.
	OnConfigure(func(ctx context.Context, data any))
}

// Server returns a server that answers for those of a provider's resources that
// implement Resource, where they say that nothing changes, and has the framework's
// do the rest.
func Server(ctx context.Context, of Watched, framework tfprotov6.ProviderServer) (tfprotov6.ProviderServer, error) {
	all, ok := framework.(everything)
	if !ok {
		return nil, fmt.Errorf("a %T is not all that the framework's server is", framework)
	}
	var about provider.MetadataResponse
	of.Metadata(ctx, provider.MetadataRequest{}, &about)
	s := &server{everything: all, resources: map[string]*served{}}
	s.schema = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
		return all.GetProviderSchema(context.WithoutCancel(ctx), &tfprotov6.GetProviderSchemaRequest{})
	})
	for _, construct := range of.Resources(ctx) {
		r, ok := construct().(Resource)
		if !ok {
			continue
		}
		var named resource.MetadataResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: about.TypeName}, &named)
		s.resources[named.TypeName] = &served{Resource: r}
	}
	of.OnConfigure(s.configured)
	return s, nil
}

// configured makes the resources ready.
func (s *server) configured(ctx context.Context, data any) {
	for _, r := range s.resources {
		var resp resource.ConfigureResponse
		r.Configure(ctx, resource.ConfigureRequest{ProviderData: data}, &resp)
		r.configured.Store(!resp.Diagnostics.HasError())
	}
}

// GetProviderSchema tells what the framework's server told the first who asked.
func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.schema()
}

// UpgradeResourceState hands a state of the schema's own version back.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	r := s.served(ctx, req.TypeName)
	if r != nil && req.Version == r.version && req.RawState != nil && len(req.RawState.JSON) > 0 && r.schema.fitsState(req.RawState.JSON) {
		quick := &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: req.RawState.JSON}}
		return quick, s.verifyUpgrade(ctx, r, req, quick)
	}
	return s.everything.UpgradeResourceState(ctx, req)
}

// ReadResource hands the state back when the resource reads the same.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	ctx = kube.Once(ctx) // the framework's read may follow
	if identity, same := s.readsSame(ctx, req); same {
		quick := &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private, NewIdentity: identity}
		return quick, s.verifyRead(ctx, req, quick)
	}
	return s.everything.ReadResource(ctx, req)
}

func (s *server) readsSame(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ResourceIdentityData, bool) {
	r := s.served(ctx, req.TypeName)
	if r == nil || !r.configured.Load() || req.ProviderMeta != nil && !isNull(req.ProviderMeta) {
		return nil, false
	}
	private, ok := privateOf(req.Private)
	if !ok {
		return nil, false
	}
	state := r.NewModel()
	if _, ok := r.decode(ctx, req.CurrentState, state); !ok {
		return nil, false
	}
	same, identity := r.ReadsSame(ctx, state, private)
	if !same {
		return nil, false
	}
	encoded, err := identity.encode()
	if err != nil || !sameIdentity(req.CurrentIdentity, encoded) {
		return nil, false
	}
	return encoded, true
}

// ValidateResourceConfig accepts a configuration of which neither the schema nor the
// resource has anything to say.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	if r := s.served(ctx, req.TypeName); r != nil && r.accepts(ctx, req.Config) {
		return &tfprotov6.ValidateResourceConfigResponse{}, s.verifyValidate(ctx, req)
	}
	return s.everything.ValidateResourceConfig(ctx, req)
}

func (r *served) accepts(ctx context.Context, value *tfprotov6.DynamicValue) bool {
	config := r.NewModel()
	configured, ok := r.decode(ctx, value, config)
	if !ok {
		return false
	}
	for name, of := range r.schema.attributes {
		if !of.accepts(ctx, place{path.Root(name), r.empty}, configured[name]) {
			return false
		}
	}
	return r.Accepts(ctx, config)
}

// PlanResourceChange hands the state back as the plan when the configuration asks
// for nothing else, and nor does the resource.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if s.plansSame(ctx, req) {
		identity := req.PriorIdentity
		if identity == nil {
			identity = &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{MsgPack: []byte{null}}}
		}
		quick := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: identity}
		return quick, s.verifyPlan(ctx, req, quick)
	}
	return s.everything.PlanResourceChange(ctx, req)
}

func (s *server) plansSame(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) bool {
	r := s.served(ctx, req.TypeName)
	if r == nil || !r.configured.Load() || req.ProviderMeta != nil && !isNull(req.ProviderMeta) ||
		req.PriorState == nil || req.ProposedNewState == nil || !bytes.Equal(req.PriorState.MsgPack, req.ProposedNewState.MsgPack) {
		return false
	}
	private, ok := privateOf(req.PriorPrivate)
	if !ok {
		return false
	}
	config, state := r.NewModel(), r.NewModel()
	configured, ok := r.decode(ctx, req.Config, config)
	if !ok {
		return false
	}
	kept, ok := r.decode(ctx, req.PriorState, state)
	if !ok {
		return false
	}
	for name, of := range r.schema.attributes {
		if !of.keepsDefaults(configured[name], kept[name]) {
			return false
		}
	}
	return r.PlansSame(ctx, config, state, private)
}

// decode decodes a value into a model. It is not ok where there is none, or part
// of it is unknown.
func (r *served) decode(ctx context.Context, value *tfprotov6.DynamicValue, model any) (map[string]attr.Value, bool) {
	if value == nil || len(value.MsgPack) == 0 {
		return nil, false
	}
	all, none, err := r.schema.decodeInto(ctx, value.MsgPack, r.fields, model)
	return all, !none && err == nil
}

// null is what the format has for it.
const null = 0xc0

func isNull(value *tfprotov6.DynamicValue) bool {
	return len(value.MsgPack) == 0 && len(value.JSON) == 0 || len(value.MsgPack) == 1 && value.MsgPack[0] == null
}

// privateOf decodes what is kept beside a state. It is not ok with what the
// framework keeps for itself, whose names begin with a dot.
func privateOf(encoded []byte) (Private, bool) {
	if len(encoded) == 0 {
		return nil, true
	}
	var private Private
	if json.Unmarshal(encoded, &private) != nil {
		return nil, false
	}
	for name := range private {
		if strings.HasPrefix(name, ".") {
			return nil, false
		}
	}
	return private, true
}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
	"cluster_id": tftypes.String, "namespace": tftypes.String, "name": tftypes.String,
}}

func (i Identity) encode() (*tfprotov6.ResourceIdentityData, error) {
	value, err := tfprotov6.NewDynamicValue(identityType, tftypes.NewValue(identityType, map[string]tftypes.Value{
		"cluster_id": tftypes.NewValue(tftypes.String, i.ClusterID),
		"namespace":  tftypes.NewValue(tftypes.String, i.Namespace),
		"name":       tftypes.NewValue(tftypes.String, i.Name),
	}))
	return &tfprotov6.ResourceIdentityData{IdentityData: &value}, err
}

// sameIdentity reports whether an identity is the one that the engine has, or the
// engine has none: it may be one that knows no identities.
func sameIdentity(has, is *tfprotov6.ResourceIdentityData) bool {
	if has == nil || has.IdentityData == nil || isNull(has.IdentityData) {
		return true
	}
	before, err := has.IdentityData.Unmarshal(identityType)
	if err != nil {
		return false
	}
	now, err := is.IdentityData.Unmarshal(identityType)
	return err == nil && before.Equal(now)
}
