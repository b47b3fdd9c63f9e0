package domain

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Model is the shape of sls_domain in HCL. Nested attributes are objects and
// lists at this level, so that a plan in which one of them is not known yet can
// still be read; Rules has them decoded.
type Model struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`
	Host      types.String `tfsdk:"host"`
	Scope     types.String `tfsdk:"scope"`

	// Metadata of the objects.
	Labels               types.Map `tfsdk:"labels"`
	Annotations          types.Map `tfsdk:"annotations"`
	EffectiveLabels      types.Map `tfsdk:"effective_labels"`
	EffectiveAnnotations types.Map `tfsdk:"effective_annotations"`

	// What the objects are made of. See Rules.
	Routes        types.List   `tfsdk:"routes"`
	Gateways      types.List   `tfsdk:"gateways"`
	TLS           types.Object `tfsdk:"tls"`
	HTTPSRedirect types.Bool   `tfsdk:"https_redirect"`
	Timeout       types.String `tfsdk:"timeout"`
	Retries       types.Object `tfsdk:"retries"`
	CORS          types.Object `tfsdk:"cors"`
	Headers       types.Object `tfsdk:"headers"`
	Legacy        types.Object `tfsdk:"legacy"`

	// How the provider goes about it.
	Adopt          types.Bool     `tfsdk:"adopt"`
	ForceConflicts types.Bool     `tfsdk:"force_conflicts"`
	Wait           types.Bool     `tfsdk:"wait"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`

	// What came of it.
	URL               types.String `tfsdk:"url"`
	DNSTarget         types.String `tfsdk:"dns_target"`
	DNSMessage        types.String `tfsdk:"dns_message"`
	CertificateStatus types.String `tfsdk:"certificate_status"`
	Ready             types.Bool   `tfsdk:"ready"`
	StatusMessage     types.String `tfsdk:"status_message"`
	Drift             types.List   `tfsdk:"drift"`
}

// Rules is that part of a Model that decides how requests are treated, decoded;
// nil is what is not set.
type Rules struct {
	Host, Scope   string
	Routes        []Route
	Gateways      []string
	TLS           *TLS
	HTTPSRedirect bool
	Timeout       types.String
	Retries       *Retries
	CORS          *CORS
	Headers       *Headers
	Legacy        *Legacy
}

// Route is what one application gets of a host.
type Route struct {
	PathPrefix  types.String `tfsdk:"path_prefix"`
	StripPrefix types.Bool   `tfsdk:"strip_prefix"`
	Application types.String `tfsdk:"application"`
	Namespace   types.String `tfsdk:"namespace"`
}

// TLS says where the host's certificate comes from: one of the two.
type TLS struct {
	Secret types.String `tfsdk:"secret"`
	Issuer *Issuer      `tfsdk:"issuer"`
}

// Issuer is cert-manager's.
type Issuer struct {
	Name  types.String `tfsdk:"name"`
	Kind  types.String `tfsdk:"kind"`
	Group types.String `tfsdk:"group"`
}

// Retries is when a request is sent again.
type Retries struct {
	Attempts      types.Int64  `tfsdk:"attempts"`
	PerTryTimeout types.String `tfsdk:"per_try_timeout"`
	Backoff       types.String `tfsdk:"backoff"`
	RetryOn       []string     `tfsdk:"retry_on"`
}

// CORS is what pages of other origins may do.
type CORS struct {
	AllowOrigins     []Origin     `tfsdk:"allow_origins"`
	AllowMethods     []string     `tfsdk:"allow_methods"`
	AllowHeaders     []string     `tfsdk:"allow_headers"`
	ExposeHeaders    []string     `tfsdk:"expose_headers"`
	MaxAge           types.String `tfsdk:"max_age"`
	AllowCredentials types.Bool   `tfsdk:"allow_credentials"`
}

// Origin matches origins: one of the three.
type Origin struct {
	Exact  types.String `tfsdk:"exact"`
	Prefix types.String `tfsdk:"prefix"`
	Regex  types.String `tfsdk:"regex"`
}

// Headers are changes of the headers of requests and responses.
type Headers struct {
	Request  *HeaderChanges `tfsdk:"request"`
	Response *HeaderChanges `tfsdk:"response"`
}

// HeaderChanges are changes of the headers of one direction.
type HeaderChanges struct {
	Set    map[string]string `tfsdk:"set"`
	Add    map[string]string `tfsdk:"add"`
	Remove []string          `tfsdk:"remove"`
}

// Legacy is the service that the applications take over from, and what it still
// gets.
type Legacy struct {
	Host         types.String `tfsdk:"host"`
	Port         types.Int64  `tfsdk:"port"`
	PathPrefixes []string     `tfsdk:"path_prefixes"`
	Percent      types.Int64  `tfsdk:"percent"`
	RewriteHost  types.Bool   `tfsdk:"rewrite_host"`
}

const (
	scopePublic   = "public"
	scopeInternal = "internal"

	defaultLegacyPort  = 80
	defaultIssuerKind  = "ClusterIssuer"
	defaultIssuerGroup = "cert-manager.io"
)

// decode decodes what decides how requests are treated. What is not
// known yet is left out.
func decode(ctx context.Context, m *Model, diags *diag.Diagnostics) *Rules {
	r := &Rules{
		Host: m.Host.ValueString(), Scope: m.Scope.ValueString(),
		HTTPSRedirect: m.HTTPSRedirect.ValueBool(), Timeout: m.Timeout,
	}
	for _, nested := range []struct {
		value attr.Value
		into  any
	}{
		{m.Routes, &r.Routes},
		{m.Gateways, &r.Gateways},
		{m.TLS, &r.TLS},
		{m.Retries, &r.Retries},
		{m.CORS, &r.CORS},
		{m.Headers, &r.Headers},
		{m.Legacy, &r.Legacy},
	} {
		if !nested.value.IsNull() && lifecycle.Known(ctx, nested.value) {
			diags.Append(tfsdk.ValueAs(ctx, nested.value, nested.into)...)
		}
	}
	return r
}

// encode is the way back: it puts the rules into the model.
func encode(ctx context.Context, r *Rules, m *Model, diags *diag.Diagnostics) {
	m.Host, m.Scope = types.StringValue(r.Host), types.StringValue(r.Scope)
	m.HTTPSRedirect, m.Timeout = types.BoolValue(r.HTTPSRedirect), r.Timeout
	for _, nested := range []struct {
		attribute   string
		value, into any
	}{
		{"routes", r.Routes, &m.Routes},
		{"gateways", r.Gateways, &m.Gateways},
		{"tls", r.TLS, &m.TLS},
		{"retries", r.Retries, &m.Retries},
		{"cors", r.CORS, &m.CORS},
		{"headers", r.Headers, &m.Headers},
		{"legacy", r.Legacy, &m.Legacy},
	} {
		diags.Append(tfsdk.ValueFrom(ctx, nested.value, attributeTypes()[nested.attribute], nested.into)...)
	}
}

// attributeTypes are the types of the attributes.
var attributeTypes = sync.OnceValue(func() map[string]attr.Type {
	of := map[string]attr.Type{}
	for name, attribute := range schemaOnce().Attributes {
		of[name] = attribute.GetType()
	}
	return of
})
