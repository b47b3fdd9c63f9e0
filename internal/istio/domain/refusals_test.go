package domain

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

// refused are values that a plan refuses, each in a configuration that it accepts
// otherwise, and the attribute that the error names.
var refused = map[string]struct {
	value any
	at    []any
	says  string // where the error is, and the beginning of what it says
}{
	"host in capitals":               {"Shop.example.com", []any{"host"}, "host: Invalid value"},
	"wildcard host":                  {"*.example.com", []any{"host"}, "host: Invalid value"},
	"host with a port":               {"shop.example.com:80", []any{"host"}, "host: Invalid value"},
	"host with a dot at its end":     {"shop.example.com.", []any{"host"}, "host: Invalid value"},
	"long label":                     {strings.Repeat("a", 64) + ".example.com", []any{"host"}, "host: Invalid value"},
	"public host inside the cluster": {"shop.prod.svc.cluster.local", []any{"host"}, "host: The host is one inside the cluster"},
	"namespace":                      {"Prod", []any{"namespace"}, "namespace: Invalid value"},
	"name":                           {"Shop", []any{"name"}, "name: Invalid value"},
	"scope":                          {"private", []any{"scope"}, "scope: Invalid"},
	"internal with TLS":              {"internal", []any{"scope"}, "tls: An internal domain has no TLS"},
	"label key":                      {map[string]any{"a b": "c"}, []any{"labels"}, `labels["a b"]: Invalid value`},
	"our own label":                  {map[string]any{"sls-platform.github.io/routing": "c"}, []any{"labels"}, `labels["sls-platform.github.io/routing"]: Invalid value`},
	"label value":                    {"no spaces", []any{"labels", "team"}, `labels["team"]: Invalid value`},
	"our own annotation":             {map[string]any{"sls-platform.github.io/create": "c"}, []any{"annotations"}, `annotations["sls-platform.github.io/create"]: Invalid value`},
	"no routes":                      {[]any{}, []any{"routes"}, "routes: Invalid"},
	"prefix without a slash":         {"cart", []any{"routes", 1, "path_prefix"}, "routes[1].path_prefix: Invalid value"},
	"prefix with a slash at its end": {"/cart/", []any{"routes", 1, "path_prefix"}, "routes[1].path_prefix: Invalid value"},
	"prefix with an empty segment":   {"/a//b", []any{"routes", 1, "path_prefix"}, "routes[1].path_prefix: Invalid value"},
	"prefix with a query":            {"/a?b", []any{"routes", 1, "path_prefix"}, "routes[1].path_prefix: Invalid value"},
	"prefix with dots":               {"/a/../b", []any{"routes", 1, "path_prefix"}, "routes[1].path_prefix: Invalid value"},
	"prefix twice":                   {"/", []any{"routes", 1, "path_prefix"}, "routes[1].path_prefix: Two routes for the same paths"},
	"application":                    {"Cart", []any{"routes", 1, "application"}, "routes[1].application: Invalid value"},
	"application's namespace":        {"a.b", []any{"routes", 1, "namespace"}, "routes[1].namespace: Invalid value"},
	"no gateways":                    {[]any{}, []any{"gateways"}, "gateways: Invalid"},
	"gateway without a namespace":    {[]any{"public"}, []any{"gateways"}, "gateways[0]: Invalid value"},
	"gateway twice":                  {[]any{"a/b", "a/b"}, []any{"gateways"}, "gateways: Duplicate"},
	"TLS of nothing":                 {map[string]any{}, []any{"tls"}, "tls: Invalid combination"},
	"TLS of both":                    {map[string]any{"secret": "a", "issuer": map[string]any{"name": "b"}}, []any{"tls"}, "tls: Invalid combination"},
	"secret":                         {"A", []any{"tls", "secret"}, "tls.secret: Invalid value"},
	"issuer":                         {map[string]any{"issuer": map[string]any{"name": "A"}}, []any{"tls"}, "tls.issuer.name: Invalid value"},
	"issuer's kind":                  {map[string]any{"issuer": map[string]any{"name": "a", "kind": ""}}, []any{"tls"}, "tls.issuer.kind: Invalid"},
	"issuer's group":                 {map[string]any{"issuer": map[string]any{"name": "a", "group": "A"}}, []any{"tls"}, "tls.issuer.group: Invalid value"},
	"timeout without a unit":         {"30", []any{"timeout"}, "timeout: Invalid value"},
	"timeout in microseconds":        {"1500us", []any{"timeout"}, "timeout: Invalid value"},
	"negative timeout":               {"-1s", []any{"timeout"}, "timeout: Invalid value"},
	"retries":                        {-1, []any{"retries", "attempts"}, "retries.attempts: Invalid"},
	"too many retries":               {101, []any{"retries", "attempts"}, "retries.attempts: Invalid"},
	"time of a try":                  {"0s", []any{"retries", "per_try_timeout"}, "retries.per_try_timeout: Invalid value"},
	"backoff":                        {"soon", []any{"retries", "backoff"}, "retries.backoff: Invalid value"},
	"retry condition":                {[]any{"failure"}, []any{"retries", "retry_on"}, "retries.retry_on[0]: Invalid value"},
	"retry on no status":             {[]any{"199"}, []any{"retries", "retry_on"}, "retries.retry_on[0]: Invalid value"},
	"no retry conditions":            {[]any{}, []any{"retries", "retry_on"}, "retries.retry_on: Invalid"},
	"no origins":                     {[]any{}, []any{"cors", "allow_origins"}, "cors.allow_origins: Invalid"},
	"origin of nothing":              {map[string]any{}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0]: Invalid combination"},
	"origin of both":                 {map[string]any{"exact": "a", "prefix": "b"}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0]: Invalid combination"},
	"empty origin":                   {map[string]any{"exact": ""}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0].exact: Invalid"},
	"origin's expression":            {map[string]any{"regex": "("}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0].regex: Invalid value"},
	"Perl's expression":              {map[string]any{"regex": "(?!a)b"}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0].regex: Invalid value"},
	"long expression":                {map[string]any{"regex": strings.Repeat("a", 1025)}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0].regex: Invalid value"},
	"large program":                  {map[string]any{"regex": "((a{50}){50}){50}"}, []any{"cors", "allow_origins", 0}, "cors.allow_origins[0].regex"},
	"method":                         {[]any{"get"}, []any{"cors", "allow_methods"}, "cors.allow_methods[0]: Invalid"},
	"header of CORS":                 {[]any{"x token"}, []any{"cors", "allow_headers"}, "cors.allow_headers[0]: Invalid value"},
	"exposed header":                 {[]any{""}, []any{"cors", "expose_headers"}, "cors.expose_headers[0]: Invalid value"},
	"age":                            {"1500ms", []any{"cors", "max_age"}, "cors.max_age: Invalid value"},
	"no header changes":              {map[string]any{}, []any{"headers"}, "headers: Invalid combination"},
	"no changes of requests":         {map[string]any{}, []any{"headers", "request"}, "headers.request: Invalid combination"},
	"header":                         {map[string]any{"x a": "b"}, []any{"headers", "request", "set"}, `headers.request.set["x a"]: Invalid value`},
	"the host":                       {map[string]any{"Host": "b"}, []any{"headers", "request", "set"}, `headers.request.set["Host"]: Invalid value`},
	"the authority":                  {[]any{":authority"}, []any{"headers", "request", "remove"}, "headers.request.remove[0]: Invalid value"},
	"the domain's own header":        {map[string]any{"X-Forwarded-Host": "b"}, []any{"headers", "request", "set"}, `headers.request.set["X-Forwarded-Host"]: The header is the domain's own`},
	"a header set and removed":       {[]any{"X-A"}, []any{"headers", "request", "remove"}, "The header is changed twice"},
	"header's value":                 {"a\nb", []any{"headers", "response", "add", "x-e"}, `headers.response.add["x-e"]: Invalid value`},
	"legacy host":                    {"http://old", []any{"legacy", "host"}, "legacy.host: Invalid value"},
	"legacy port":                    {0, []any{"legacy", "port"}, "legacy.port: Invalid"},
	"legacy of everything":           {[]any{"/"}, []any{"legacy", "path_prefixes"}, "legacy.path_prefixes[0]: Invalid value"},
	"legacy prefix":                  {[]any{"a"}, []any{"legacy", "path_prefixes"}, "legacy.path_prefixes[0]: Invalid value"},
	"legacy of an application's":     {[]any{"/cart"}, []any{"legacy", "path_prefixes"}, "legacy.path_prefixes[0]: Two routes for the same paths"},
	"percent":                        {101, []any{"legacy", "percent"}, "legacy.percent: Invalid"},
	"legacy of nothing":              {map[string]any{"host": "old.example.com"}, []any{"legacy"}, "legacy: Invalid combination"},
}

func TestRefusals(t *testing.T) {
	planner := plantest.NewPlanner(t, here.ingress, schemaOnce(), New)
	if lines := planner.Refusals(t, everyAttribute(t)); len(lines) > 0 {
		t.Fatalf("what is right is refused: %q", lines)
	}
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, planner, everyAttribute(t).With(t, test.value, test.at...), test.says)
		})
	}
}

// An internal domain has rules of its own for the host.
func TestInternalRefusals(t *testing.T) {
	planner := plantest.NewPlanner(t, here.ingress, schemaOnce(), New)
	internal := func(host string) document {
		return document{"host": host, "namespace": "prod", "scope": "internal", "routes": []any{map[string]any{"application": "stock"}}}
	}
	for _, host := range []string{"stock-api.prod.svc.cluster.local", "stock.internal.example.com"} {
		if lines := planner.Refusals(t, internal(host)); len(lines) > 0 {
			t.Errorf("%s is refused: %q", host, lines)
		}
	}
	for host, says := range map[string]string{
		"stock-api.test.svc.cluster.local": "host: The host belongs to another namespace",
		"a.b.prod.svc.cluster.local":       "host: The host is not of the form of a Service's",
		"stock.prod.svc.cluster.local":     "host: The host is the application's own",
	} {
		refusedFor(t, planner, internal(host), says)
	}
	redirected := internal("stock-api.prod.svc.cluster.local")
	redirected["https_redirect"] = true
	refusedFor(t, planner, redirected, "https_redirect: An internal domain has no TLS")
}

func refusedFor(t *testing.T, planner *plantest.Planner, d document, says string) {
	t.Helper()
	lines := planner.Refusals(t, d)
	for _, line := range lines {
		if strings.Contains(line, says) {
			return
		}
	}
	t.Errorf("refused for %q, want %q", lines, says)
}

// A value that is not known yet is no reason to refuse a configuration.
func TestUnknownValuesAreNotRefused(t *testing.T) {
	planner := plantest.NewPlanner(t, here.ingress, schemaOnce(), New)
	for name := range everyAttribute(t) {
		if lines := planner.Refusals(t, everyAttribute(t).With(t, plantest.Unknown, name)); len(lines) > 0 {
			t.Errorf("with an unknown %s: %q", name, lines)
		}
	}
	for _, at := range [][]any{{"routes", 1, "application"}, {"routes", 0, "path_prefix"}, {"tls", "secret"}, {"legacy", "host"}, {"headers", "request"}} {
		if lines := planner.Refusals(t, everyAttribute(t).With(t, plantest.Unknown, at...)); len(lines) > 0 {
			t.Errorf("with an unknown %v: %q", at, lines)
		}
	}
}
