package external

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1"
)

// parseEntry sets what a ServiceEntry says. What was written stays where it means
// what there is.
func parseEntry(s *Settings, live *networking.ServiceEntry, prior *Settings) {
	if len(live.GetHosts()) > 0 {
		s.Host = types.StringValue(live.Hosts[0])
	}
	s.Addresses = live.GetAddresses()
	s.Ports, s.Endpoints = nil, nil
	for i, port := range live.GetPorts() {
		parsed := Port{
			Number:     types.Int64Value(int64(port.GetNumber())),
			Protocol:   types.StringValue(strings.ToLower(port.GetProtocol())),
			TargetPort: positive(int64(port.GetTargetPort())),
		}
		if i < len(prior.Ports) && prior.Ports[i].TargetPort.Equal(parsed.Number) && parsed.TargetPort.IsNull() {
			parsed.TargetPort = parsed.Number
		}
		s.Ports = append(s.Ports, parsed)
	}
	for _, endpoint := range live.GetEndpoints() {
		parsed := Endpoint{Address: types.StringValue(endpoint.GetAddress()), Weight: positive(int64(endpoint.GetWeight()))}
		if endpoint.GetLocality() != "" {
			parsed.Locality = types.StringValue(endpoint.GetLocality())
		}
		s.Endpoints = append(s.Endpoints, parsed)
	}
	s.Resolution, s.Location = prior.Resolution, prior.Location
	for name, resolution := range resolutions {
		if resolution == live.GetResolution() {
			s.Resolution = types.StringValue(name)
		}
	}
	for name, location := range locations {
		if location == live.GetLocation() {
			s.Location = types.StringValue(name)
		}
	}
}

// parseRule sets what a DestinationRule says; nil is none.
func parseRule(s *Settings, live *networking.DestinationRule, prior *Settings) {
	policy := live.GetTrafficPolicy()
	s.TLS = keep(prior.TLS, expandTLS(prior), policy.GetTls(), parseTLS)
	s.ConnectionPool = keep(prior.ConnectionPool, expandPool(prior.ConnectionPool), policy.GetConnectionPool(), parsePool)
	s.OutlierDetection = keep(prior.OutlierDetection, expandOutliers(prior.OutlierDetection), policy.GetOutlierDetection(), parseOutliers)
}

// keep returns what was written if it means what there is, else what there is.
func keep[T any, M proto.Message](prior *T, expanded, live M, parse func(M) *T) *T {
	if proto.Equal(expanded, live) {
		return prior
	}
	return parse(live)
}

func parseTLS(live *networking.ClientTLSSettings) *TLS {
	if live == nil {
		return nil
	}
	tls := &TLS{SNI: text(live.GetSni()), Secret: text(live.GetCredentialName()), SubjectAltNames: live.GetSubjectAltNames(), Mode: types.StringValue(strings.ToLower(live.GetMode().String()))}
	if live.GetInsecureSkipVerify() != nil {
		tls.InsecureSkipVerify = types.BoolValue(live.GetInsecureSkipVerify().GetValue())
	}
	return tls
}

func parsePool(live *networking.ConnectionPoolSettings) *ConnectionPool {
	if live == nil {
		return nil
	}
	return &ConnectionPool{
		MaxConnections:           positive(int64(live.GetTcp().GetMaxConnections())),
		ConnectTimeout:           duration(live.GetTcp().GetConnectTimeout()),
		IdleTimeout:              duration(live.GetHttp().GetIdleTimeout()),
		MaxPendingRequests:       positive(int64(live.GetHttp().GetHttp1MaxPendingRequests())),
		MaxRequests:              positive(int64(live.GetHttp().GetHttp2MaxRequests())),
		MaxRequestsPerConnection: positive(int64(live.GetHttp().GetMaxRequestsPerConnection())),
		MaxRetries:               positive(int64(live.GetHttp().GetMaxRetries())),
	}
}

func parseOutliers(live *networking.OutlierDetection) *OutlierDetection {
	if live == nil {
		return nil
	}
	o := &OutlierDetection{
		Interval:           duration(live.GetInterval()),
		BaseEjectionTime:   duration(live.GetBaseEjectionTime()),
		MaxEjectionPercent: positive(int64(live.GetMaxEjectionPercent())),
		MinHealthPercent:   positive(int64(live.GetMinHealthPercent())),
	}
	if live.GetConsecutive_5XxErrors() != nil {
		o.Consecutive5xx = types.Int64Value(int64(live.GetConsecutive_5XxErrors().GetValue()))
	}
	if live.GetConsecutiveGatewayErrors() != nil {
		o.ConsecutiveGatewayErrors = types.Int64Value(int64(live.GetConsecutiveGatewayErrors().GetValue()))
	}
	return o
}

// parseRoot sets what a VirtualService says; nil is none.
func parseRoot(s *Settings, live *networking.VirtualService, prior *Settings) {
	if live == nil {
		s.Timeout = prior.Timeout // of a service that no gateway asks, it is written and means nothing
		return
	}
	var timeout *durationpb.Duration
	if len(live.GetHttp()) > 0 {
		timeout = live.Http[0].GetTimeout()
	}
	s.Timeout = duration(timeout)
	if timeout != nil && proto.Equal(expandDuration(prior.Timeout), timeout) {
		s.Timeout = prior.Timeout // as it was written
	}
}

func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// positive is null for zero, which says that nothing is said.
func positive(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}

func duration(d *durationpb.Duration) types.String {
	if d == nil {
		return types.StringNull()
	}
	return types.StringValue(d.AsDuration().String())
}
