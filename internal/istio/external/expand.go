package external

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

const (
	resolutionStatic     = "static"
	resolutionDNS        = "dns"
	resolutionRoundRobin = "dns_round_robin"
	resolutionNone       = "none"

	locationExternal = "external"
	locationInternal = "internal"

	tlsSimple  = "simple"
	tlsMutual  = "mutual"
	tlsDisable = "disable"
)

// place is where a service is to be found inside the cluster, and the gateway
// that leads there.
type place struct {
	namespace, name string
	ingress         lifecycle.Ingress
}

// stableHost is the stable name.
func (p place) stableHost() string {
	return routing.InternalHost(p.name, p.namespace, p.ingress.ClusterDomain)
}

// url returns where callers inside the cluster ask the service; ok is false for
// one that can't be asked by way of a gateway.
func (p place) url(s *Settings) (url string, ok bool) {
	if _, ok := httpPort(s); !ok {
		return "", false
	}
	return "http://" + p.stableHost(), true
}

// httpPort returns the port that the gateway asks.
func httpPort(s *Settings) (number int64, ok bool) {
	for _, port := range s.Ports {
		switch port.Protocol.ValueString() {
		case "http", "http2", "grpc":
			return port.Number.ValueInt64(), true
		case "https":
			if originates(s.TLS) {
				return port.Number.ValueInt64(), true
			}
		}
	}
	return 0, false
}

// originates reports whether the gateway speaks TLS for its callers.
func originates(tls *TLS) bool { return tls != nil && tls.Mode.ValueString() != tlsDisable }

var (
	resolutions = map[string]networking.ServiceEntry_Resolution{
		resolutionStatic:     networking.ServiceEntry_STATIC,
		resolutionDNS:        networking.ServiceEntry_DNS,
		resolutionRoundRobin: networking.ServiceEntry_DNS_ROUND_ROBIN,
		resolutionNone:       networking.ServiceEntry_NONE,
	}
	locations = map[string]networking.ServiceEntry_Location{
		locationExternal: networking.ServiceEntry_MESH_EXTERNAL,
		locationInternal: networking.ServiceEntry_MESH_INTERNAL,
	}
	tlsModes = map[string]networking.ClientTLSSettings_TLSmode{
		tlsSimple:  networking.ClientTLSSettings_SIMPLE,
		tlsMutual:  networking.ClientTLSSettings_MUTUAL,
		tlsDisable: networking.ClientTLSSettings_DISABLE,
	}
)

// defaultResolution is what is not said: endpoints by their addresses are known
// already.
func defaultResolution(endpoints []Endpoint) string {
	if len(endpoints) == 0 {
		return resolutionDNS
	}
	for _, endpoint := range endpoints {
		if _, err := netip.ParseAddr(endpoint.Address.ValueString()); err != nil {
			return resolutionDNS
		}
	}
	return resolutionStatic
}

// expandEntry returns what Istio has to know of the service.
func expandEntry(s *Settings) *networking.ServiceEntry {
	entry := &networking.ServiceEntry{
		Hosts:      []string{s.Host.ValueString()},
		Addresses:  s.Addresses,
		Resolution: resolutions[cmp.Or(s.Resolution.ValueString(), defaultResolution(s.Endpoints))],
		Location:   locations[s.Location.ValueString()],
	}
	for _, port := range s.Ports {
		protocol := port.Protocol.ValueString()
		entry.Ports = append(entry.Ports, &networking.ServicePort{
			Number:     uint32(port.Number.ValueInt64()), //nolint:gosec // a port, by its validator
			Protocol:   strings.ToUpper(protocol),
			Name:       fmt.Sprintf("%s-%d", protocol, port.Number.ValueInt64()),
			TargetPort: uint32(port.TargetPort.ValueInt64()), //nolint:gosec // as above
		})
	}
	for _, endpoint := range s.Endpoints {
		entry.Endpoints = append(entry.Endpoints, &networking.WorkloadEntry{
			Address:  endpoint.Address.ValueString(),
			Weight:   uint32(endpoint.Weight.ValueInt64()), //nolint:gosec // 31 bits, by its validator
			Locality: endpoint.Locality.ValueString(),
		})
	}
	return entry
}

// expandRule returns how the service is asked, from a sidecar or a gateway.
func expandRule(s *Settings) *networking.DestinationRule {
	return &networking.DestinationRule{
		Host: s.Host.ValueString(),
		TrafficPolicy: &networking.TrafficPolicy{
			Tls:              expandTLS(s),
			ConnectionPool:   expandPool(s.ConnectionPool),
			OutlierDetection: expandOutliers(s.OutlierDetection),
		},
	}
}

func expandTLS(s *Settings) *networking.ClientTLSSettings {
	if s.TLS == nil {
		return nil
	}
	settings := &networking.ClientTLSSettings{
		Mode:            tlsModes[s.TLS.Mode.ValueString()],
		CredentialName:  s.TLS.Secret.ValueString(),
		SubjectAltNames: s.TLS.SubjectAltNames,
		Sni:             s.TLS.SNI.ValueString(),
	}
	if !s.TLS.InsecureSkipVerify.IsNull() {
		settings.InsecureSkipVerify = wrapperspb.Bool(s.TLS.InsecureSkipVerify.ValueBool())
	}
	return settings
}

func expandPool(p *ConnectionPool) *networking.ConnectionPoolSettings {
	if p == nil {
		return nil
	}
	settings := &networking.ConnectionPoolSettings{}
	if !p.MaxConnections.IsNull() || !p.ConnectTimeout.IsNull() {
		settings.Tcp = &networking.ConnectionPoolSettings_TCPSettings{
			MaxConnections: number(p.MaxConnections), ConnectTimeout: expandDuration(p.ConnectTimeout),
		}
	}
	if !p.IdleTimeout.IsNull() || !p.MaxPendingRequests.IsNull() || !p.MaxRequests.IsNull() || !p.MaxRequestsPerConnection.IsNull() || !p.MaxRetries.IsNull() {
		settings.Http = &networking.ConnectionPoolSettings_HTTPSettings{
			IdleTimeout:              expandDuration(p.IdleTimeout),
			Http1MaxPendingRequests:  number(p.MaxPendingRequests),
			Http2MaxRequests:         number(p.MaxRequests), // of both versions, whatever it is called
			MaxRequestsPerConnection: number(p.MaxRequestsPerConnection),
			MaxRetries:               number(p.MaxRetries),
		}
	}
	return settings
}

func expandOutliers(o *OutlierDetection) *networking.OutlierDetection {
	if o == nil {
		return nil
	}
	settings := &networking.OutlierDetection{
		Interval:           expandDuration(o.Interval),
		BaseEjectionTime:   expandDuration(o.BaseEjectionTime),
		MaxEjectionPercent: number(o.MaxEjectionPercent),
		MinHealthPercent:   number(o.MinHealthPercent),
	}
	if !o.Consecutive5xx.IsNull() {
		settings.Consecutive_5XxErrors = wrapperspb.UInt32(uint32(o.Consecutive5xx.ValueInt64())) //nolint:gosec // 31 bits, by its validator
	}
	if !o.ConsecutiveGatewayErrors.IsNull() {
		settings.ConsecutiveGatewayErrors = wrapperspb.UInt32(uint32(o.ConsecutiveGatewayErrors.ValueInt64())) //nolint:gosec // as above
	}
	return settings
}

// expandRoot returns what the cluster-local gateway does with requests for the
// stable name; nil for a service that it can't ask.
func expandRoot(s *Settings, at place) *networking.VirtualService {
	port, ok := httpPort(s)
	if !ok {
		return nil
	}
	short := at.name + "." + at.namespace // callers may use shorter names of a Service
	return &networking.VirtualService{
		Hosts:    []string{at.stableHost(), short, short + ".svc"},
		Gateways: []string{at.ingress.LocalGateway},
		Http: []*networking.HTTPRoute{{
			Name:    "external",
			Rewrite: &networking.HTTPRewrite{Authority: s.Host.ValueString()},
			Timeout: expandDuration(s.Timeout),
			Route: []*networking.HTTPRouteDestination{{Destination: &networking.Destination{
				Host: s.Host.ValueString(), Port: &networking.PortSelector{Number: uint32(port)}, //nolint:gosec // a port, by its validator
			}}},
		}},
	}
}

func number(n types.Int64) int32 { return int32(n.ValueInt64()) } //nolint:gosec // by their validators

func expandDuration(text types.String) *durationpb.Duration {
	if text.IsNull() {
		return nil
	}
	d, err := time.ParseDuration(text.ValueString())
	if err != nil {
		return nil // its validator has refused it
	}
	return durationpb.New(d)
}
