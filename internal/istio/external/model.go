package external

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

// Model is the shape of sls_external_service in HCL. Nested attributes are
// objects and lists at this level, so that a plan in which one of them is not
// known yet can still be read; Settings has them decoded.
type Model struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`

	// Metadata of the objects.
	Labels               types.Map `tfsdk:"labels"`
	Annotations          types.Map `tfsdk:"annotations"`
	EffectiveLabels      types.Map `tfsdk:"effective_labels"`
	EffectiveAnnotations types.Map `tfsdk:"effective_annotations"`

	// What the objects are made of. See Settings.
	Host             types.String `tfsdk:"host"`
	Ports            types.List   `tfsdk:"ports"`
	Addresses        types.List   `tfsdk:"addresses"`
	Endpoints        types.List   `tfsdk:"endpoints"`
	Resolution       types.String `tfsdk:"resolution"`
	Location         types.String `tfsdk:"location"`
	TLS              types.Object `tfsdk:"tls"`
	Timeout          types.String `tfsdk:"timeout"`
	ConnectionPool   types.Object `tfsdk:"connection_pool"`
	OutlierDetection types.Object `tfsdk:"outlier_detection"`

	// How the provider goes about it.
	Adopt          types.Bool     `tfsdk:"adopt"`
	ForceConflicts types.Bool     `tfsdk:"force_conflicts"`
	Timeouts       timeouts.Value `tfsdk:"timeouts"`

	// What came of it.
	URL   types.String `tfsdk:"url"`
	Drift types.List   `tfsdk:"drift"`
}

// Settings is that part of a Model that the objects are made of, decoded; nil is
// what is not set.
type Settings struct {
	Host             types.String
	Ports            []Port
	Addresses        []string
	Endpoints        []Endpoint
	Resolution       types.String
	Location         types.String
	TLS              *TLS
	Timeout          types.String
	ConnectionPool   *ConnectionPool
	OutlierDetection *OutlierDetection
}

// Port is one that the service listens on.
type Port struct {
	Number     types.Int64  `tfsdk:"number"`
	Protocol   types.String `tfsdk:"protocol"`
	TargetPort types.Int64  `tfsdk:"target_port"`
}

// Endpoint is where the service is.
type Endpoint struct {
	Address  types.String `tfsdk:"address"`
	Weight   types.Int64  `tfsdk:"weight"`
	Locality types.String `tfsdk:"locality"`
}

// TLS is how the service is spoken to.
type TLS struct {
	Mode               types.String `tfsdk:"mode"`
	SNI                types.String `tfsdk:"sni"`
	Secret             types.String `tfsdk:"secret"`
	SubjectAltNames    []string     `tfsdk:"subject_alt_names"`
	InsecureSkipVerify types.Bool   `tfsdk:"insecure_skip_verify"`
}

// ConnectionPool is how much the service is asked at a time.
type ConnectionPool struct {
	MaxConnections           types.Int64  `tfsdk:"max_connections"`
	ConnectTimeout           types.String `tfsdk:"connect_timeout"`
	IdleTimeout              types.String `tfsdk:"idle_timeout"`
	MaxPendingRequests       types.Int64  `tfsdk:"max_pending_requests"`
	MaxRequests              types.Int64  `tfsdk:"max_requests"`
	MaxRequestsPerConnection types.Int64  `tfsdk:"max_requests_per_connection"`
	MaxRetries               types.Int64  `tfsdk:"max_retries"`
}

// OutlierDetection is when an endpoint is not asked for a while.
type OutlierDetection struct {
	Consecutive5xx           types.Int64  `tfsdk:"consecutive_5xx"`
	ConsecutiveGatewayErrors types.Int64  `tfsdk:"consecutive_gateway_errors"`
	Interval                 types.String `tfsdk:"interval"`
	BaseEjectionTime         types.String `tfsdk:"base_ejection_time"`
	MaxEjectionPercent       types.Int64  `tfsdk:"max_ejection_percent"`
	MinHealthPercent         types.Int64  `tfsdk:"min_health_percent"`
}

// decode decodes what the objects are made of. What is not
// known yet is left out.
func decode(ctx context.Context, m *Model, diags *diag.Diagnostics) *Settings {
	s := &Settings{Host: m.Host, Resolution: m.Resolution, Location: m.Location, Timeout: m.Timeout}
	for _, nested := range []struct {
		value attr.Value
		into  any
	}{
		{m.Ports, &s.Ports},
		{m.Addresses, &s.Addresses},
		{m.Endpoints, &s.Endpoints},
		{m.TLS, &s.TLS},
		{m.ConnectionPool, &s.ConnectionPool},
		{m.OutlierDetection, &s.OutlierDetection},
	} {
		if !nested.value.IsNull() && lifecycle.Known(ctx, nested.value) {
			diags.Append(tfsdk.ValueAs(ctx, nested.value, nested.into)...)
		}
	}
	return s
}

// encode is the way back: it puts the settings into the model.
func encode(ctx context.Context, s *Settings, m *Model, diags *diag.Diagnostics) {
	m.Host, m.Resolution, m.Location, m.Timeout = s.Host, s.Resolution, s.Location, s.Timeout
	for _, nested := range []struct {
		attribute   string
		value, into any
	}{
		{"ports", s.Ports, &m.Ports},
		{"addresses", s.Addresses, &m.Addresses},
		{"endpoints", s.Endpoints, &m.Endpoints},
		{"tls", s.TLS, &m.TLS},
		{"connection_pool", s.ConnectionPool, &m.ConnectionPool},
		{"outlier_detection", s.OutlierDetection, &m.OutlierDetection},
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
