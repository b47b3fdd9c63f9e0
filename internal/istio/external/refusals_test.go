package external

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

// refused are values that a plan refuses, each in a configuration that it accepts
// otherwise, and what it says.
var refused = map[string]struct {
	value any
	at    []any
	says  string
}{
	"name":                        {"soa.old", []any{"name"}, "name: Invalid value"},
	"namespace":                   {"Prod", []any{"namespace"}, "namespace: Invalid value"},
	"host":                        {"https://soa.example.com", []any{"host"}, "host: Invalid value"},
	"wildcard":                    {"*.example.com", []any{"host"}, "host: Invalid value"},
	"no ports":                    {[]any{}, []any{"ports"}, "ports: Invalid"},
	"port":                        {0, []any{"ports", 0, "number"}, "ports[0].number: Invalid"},
	"port twice":                  {8443, []any{"ports", 1, "number"}, "ports[1].number: Two ports with one number"},
	"protocol":                    {"udp", []any{"ports", 0, "protocol"}, "ports[0].protocol: Invalid"},
	"target port":                 {65536, []any{"ports", 0, "target_port"}, "ports[0].target_port: Invalid"},
	"TLS of callers and of ours":  {"tls", []any{"ports", 1, "protocol"}, "ports[1].protocol: Callers speak TLS themselves"},
	"address":                     {[]any{"soa"}, []any{"addresses"}, "addresses[0]: Invalid value"},
	"no endpoints":                {[]any{}, []any{"endpoints"}, "endpoints: Invalid"},
	"endpoint":                    {"10.0.0", []any{"endpoints", 0, "address"}, "endpoints[0].address"},
	"endpoint with a port":        {"10.0.0.1:80", []any{"endpoints", 0, "address"}, "endpoints[0].address: Invalid value"},
	"weight":                      {0, []any{"endpoints", 0, "weight"}, "endpoints[0].weight: Invalid"},
	"locality":                    {"", []any{"endpoints", 0, "locality"}, "endpoints[0].locality: Invalid"},
	"a name that is not resolved": {"soa.example.com", []any{"endpoints", 0, "address"}, "endpoints[0].address: The address has to be resolved"},
	"static, nowhere":             {nil, []any{"endpoints"}, "resolution: Nothing says where the service is"},
	"endpoints of callers":        {"none", []any{"resolution"}, "resolution: Endpoints are not used"},
	"several of one name":         {"dns_round_robin", []any{"resolution"}, "resolution: More than one endpoint"},
	"resolution":                  {"hosts", []any{"resolution"}, "resolution: Invalid"},
	"location":                    {"outside", []any{"location"}, "location: Invalid"},
	"TLS mode":                    {"strict", []any{"tls", "mode"}, "tls.mode: Invalid"},
	"SNI":                         {"*", []any{"tls", "sni"}, "tls.sni: Invalid value"},
	"secret":                      {"A", []any{"tls", "secret"}, "tls.secret: Invalid value"},
	"mutual TLS without a key":    {nil, []any{"tls", "secret"}, "tls.secret: Mutual TLS needs a certificate"},
	"disabled TLS with settings":  {"disable", []any{"tls", "mode"}, "tls: TLS is disabled"},
	"no names":                    {[]any{}, []any{"tls", "subject_alt_names"}, "tls.subject_alt_names: Invalid"},
	"names that are not verified": {true, []any{"tls", "insecure_skip_verify"}, "tls.insecure_skip_verify: The certificate is verified or not"},
	"timeout":                     {"3", []any{"timeout"}, "timeout: Invalid value"},
	"timeout of no requests":      {[]any{map[string]any{"number": 9000, "protocol": "tcp"}}, []any{"ports"}, "timeout: A timeout is of requests by HTTP"},
	"connections":                 {0, []any{"connection_pool", "max_connections"}, "connection_pool.max_connections: Invalid"},
	"time to connect":             {"0s", []any{"connection_pool", "connect_timeout"}, "connection_pool.connect_timeout: Invalid value"},
	"idle time":                   {"long", []any{"connection_pool", "idle_timeout"}, "connection_pool.idle_timeout: Invalid value"},
	"pending requests":            {0, []any{"connection_pool", "max_pending_requests"}, "connection_pool.max_pending_requests: Invalid"},
	"requests":                    {0, []any{"connection_pool", "max_requests"}, "connection_pool.max_requests: Invalid"},
	"requests of a connection":    {0, []any{"connection_pool", "max_requests_per_connection"}, "connection_pool.max_requests_per_connection: Invalid"},
	"retries":                     {1 << 31, []any{"connection_pool", "max_retries"}, "connection_pool.max_retries: Invalid"},
	"a pool of nothing":           {map[string]any{}, []any{"connection_pool"}, "connection_pool: Invalid combination"},
	"errors":                      {-1, []any{"outlier_detection", "consecutive_5xx"}, "outlier_detection.consecutive_5xx: Invalid"},
	"gateway errors":              {-1, []any{"outlier_detection", "consecutive_gateway_errors"}, "outlier_detection.consecutive_gateway_errors: Invalid"},
	"interval":                    {"5", []any{"outlier_detection", "interval"}, "outlier_detection.interval: Invalid value"},
	"ejection":                    {"0s", []any{"outlier_detection", "base_ejection_time"}, "outlier_detection.base_ejection_time: Invalid value"},
	"ejected percent":             {101, []any{"outlier_detection", "max_ejection_percent"}, "outlier_detection.max_ejection_percent: Invalid"},
	"healthy percent":             {101, []any{"outlier_detection", "min_health_percent"}, "outlier_detection.min_health_percent: Invalid"},
	"outliers of nothing":         {map[string]any{}, []any{"outlier_detection"}, "outlier_detection: Invalid combination"},
	"our own label":               {map[string]any{"sls-platform.github.io/x": "c"}, []any{"labels"}, `labels["sls-platform.github.io/x"]: Invalid value`},
	"label value":                 {"no spaces", []any{"labels", "team"}, `labels["team"]: Invalid value`},
	"our own annotation":          {map[string]any{"sls-platform.github.io/create": "c"}, []any{"annotations"}, `annotations["sls-platform.github.io/create"]: Invalid value`},
}

func TestRefusals(t *testing.T) {
	planner := plantest.NewPlanner(t, here.ingress, schemaOnce(), New)
	if lines := planner.Refusals(t, everyAttribute(t)); len(lines) > 0 {
		t.Fatalf("what is right is refused: %q", lines)
	}
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			lines := planner.Refusals(t, everyAttribute(t).With(t, test.value, test.at...))
			for _, line := range lines {
				if strings.Contains(line, test.says) {
					return
				}
			}
			t.Errorf("refused for %q, want %q", lines, test.says)
		})
	}
}

// A value that is not known yet is no reason to refuse a configuration.
func TestUnknownValuesAreNotRefused(t *testing.T) {
	planner := plantest.NewPlanner(t, here.ingress, schemaOnce(), New)
	places := [][]any{{"endpoints", 0, "address"}, {"ports", 0, "number"}, {"tls", "mode"}, {"tls", "subject_alt_names"}}
	for name := range everyAttribute(t) {
		places = append(places, []any{name})
	}
	for _, at := range places {
		if lines := planner.Refusals(t, everyAttribute(t).With(t, plantest.Unknown, at...)); len(lines) > 0 {
			t.Errorf("with an unknown %v: %q", at, lines)
		}
	}
}
