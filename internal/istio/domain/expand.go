package domain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// place is where a domain is, and the gateways around it.
type place struct {
	namespace, name string
	ingress         lifecycle.Ingress
}

const (
	forwardedHost = "x-forwarded-host"
	requestID     = "x-request-id" // a UUID that the gateway gives each request
	acmeChallenge = "/.well-known/acme-challenge/"
)

// The routes' names say in the gateway's log which of them it was.
const (
	redirectName      = "redirect"
	legacyName        = "legacy:"
	legacyPercentName = "legacy-percent:"
	rulesName         = "rules:"
	applicationName   = "application:"
)

// expandRoot returns the VirtualService that the rules stand for.
func expandRoot(r *Rules, at place) *networking.VirtualService {
	root := &networking.VirtualService{Hosts: hosts(r, at), Gateways: gateways(r, at)}
	if r.HTTPSRedirect {
		root.Http = append(root.Http, redirectRoute(r))
	}
	// Istio takes the first route that matches.
	for _, prefix := range prefixes(r) {
		if r.Legacy != nil && slices.Contains(r.Legacy.PathPrefixes, prefix) {
			root.Http = append(root.Http, treat(r, legacyRoute(r.Legacy, legacyName+prefix, routing.PrefixMatches(prefix))))
			continue
		}
		for i := range r.Routes {
			if r.Routes[i].PathPrefix.ValueString() == prefix {
				root.Http = append(root.Http, applicationRoutes(r, &r.Routes[i], at)...)
			}
		}
	}
	return root
}

// prefixes returns the prefixes of all routes, the longest first.
func prefixes(r *Rules) []string {
	var all []string
	for _, route := range r.Routes {
		all = append(all, route.PathPrefix.ValueString())
	}
	if r.Legacy != nil {
		all = append(all, r.Legacy.PathPrefixes...)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return slices.Compact(all)
}

// applicationRoutes returns the routes that an application gets: to the rules of
// sls_revision_traffic and, while it has none, to the application itself. Istio
// skips a delegation to what does not exist.
func applicationRoutes(r *Rules, route *Route, at place) []*networking.HTTPRoute {
	prefix, application := route.PathPrefix.ValueString(), applicationOf(route, at)
	var routes []*networking.HTTPRoute
	if r.Legacy != nil && r.Legacy.Percent.ValueInt64() > 0 {
		matches := shareOf(routing.PrefixMatches(prefix), r.Legacy.Percent.ValueInt64())
		routes = append(routes, treat(r, legacyRoute(r.Legacy, legacyPercentName+prefix, matches)))
	}
	rules := &networking.HTTPRoute{
		Name:     rulesName + prefix,
		Match:    onGateways(routing.PrefixMatches(prefix), gateways(r, at)),
		Rewrite:  stripRewrite(route),
		Delegate: &networking.Delegate{Name: routing.DelegateNameFor(application.Name, prefix), Namespace: application.Namespace},
	}
	rewrite := stripRewrite(route)
	if rewrite == nil {
		rewrite = &networking.HTTPRewrite{}
	}
	rewrite.Authority = routing.InternalHost(application.Name, application.Namespace, at.ingress.ClusterDomain)
	fallback := &networking.HTTPRoute{
		Name:    applicationName + prefix,
		Match:   routing.PrefixMatches(prefix),
		Rewrite: rewrite,
		Route:   destination(at.ingress.LocalGatewayHost, at.ingress.LocalGatewayPort),
	}
	return append(routes, treat(r, rules), treat(r, fallback))
}

// onGateways says of matches what is so anyway: on which Gateways they are. To
// Istio's webhook, the application's route behind one with the same matches could
// never be reached, and with each write it warns of that; it does not see that
// what it delegates to may not exist.
func onGateways(matches []*networking.HTTPMatchRequest, all []string) []*networking.HTTPMatchRequest {
	if len(matches) == 0 {
		matches = []*networking.HTTPMatchRequest{{}}
	}
	for _, match := range matches {
		match.Gateways = all
	}
	return matches
}

func stripRewrite(route *Route) *networking.HTTPRewrite {
	if !route.StripPrefix.ValueBool() {
		return nil
	}
	return routing.StripRewrite(route.PathPrefix.ValueString())
}

func applicationOf(route *Route, at place) routing.Application {
	return routing.Application{Namespace: cmp.Or(route.Namespace.ValueString(), at.namespace), Name: route.Application.ValueString()}
}

// applications returns the applications that the rules route to, each once.
func applications(r *Rules, at place) []routing.Application {
	var all []routing.Application
	for i := range r.Routes {
		if application := applicationOf(&r.Routes[i], at); !slices.Contains(all, application) {
			all = append(all, application)
		}
	}
	return all
}

func destination(host string, port int64) []*networking.HTTPRouteDestination {
	return []*networking.HTTPRouteDestination{{
		Destination: &networking.Destination{Host: host, Port: &networking.PortSelector{Number: uint32(port)}}, //nolint:gosec // a port, by its validator
	}}
}

func legacyRoute(legacy *Legacy, name string, matches []*networking.HTTPMatchRequest) *networking.HTTPRoute {
	route := &networking.HTTPRoute{
		Name:  name,
		Match: matches,
		Route: destination(legacy.Host.ValueString(), legacy.Port.ValueInt64()),
	}
	if legacy.RewriteHost.ValueBool() {
		route.Rewrite = &networking.HTTPRewrite{Authority: legacy.Host.ValueString()}
	}
	return route
}

// shareOf narrows matches to that percent of the requests. Weights can't do it:
// Istio has them for destinations, and a delegation is none.
func shareOf(matches []*networking.HTTPMatchRequest, percent int64) []*networking.HTTPMatchRequest {
	if percent >= 100 {
		return matches
	}
	if len(matches) == 0 {
		matches = []*networking.HTTPMatchRequest{{}}
	}
	for _, match := range matches {
		match.Headers = map[string]*networking.StringMatch{
			requestID: {MatchType: &networking.StringMatch_Regex{Regex: sharePattern(percent)}},
		}
	}
	return matches
}

// sharePattern matches that percent of all request IDs, by their first digits.
func sharePattern(percent int64) string {
	const slots = 1 << 12 // three digits
	low := routing.Interval{Low: 0, High: int(percent) * slots / 100}
	return routing.HexRange(low) + ".*"
}

// redirectRoute answers what came by HTTP for the domain's paths. It leaves out
// those where certificate authorities look for a proof, by HTTP.
func redirectRoute(r *Rules) *networking.HTTPRoute {
	route := &networking.HTTPRoute{Name: redirectName, Redirect: &networking.HTTPRedirect{Scheme: "https", RedirectCode: 308}}
	all := prefixes(r)
	if slices.Contains(all, "/") {
		all = []string{"/"}
	}
	for _, prefix := range all {
		matches := routing.PrefixMatches(prefix)
		if len(matches) == 0 {
			matches = []*networking.HTTPMatchRequest{{}}
		}
		for _, match := range matches {
			match.Scheme = &networking.StringMatch{MatchType: &networking.StringMatch_Exact{Exact: "http"}}
			match.WithoutHeaders = map[string]*networking.StringMatch{":path": {MatchType: &networking.StringMatch_Prefix{Prefix: acmeChallenge}}}
		}
		route.Match = append(route.Match, matches...)
	}
	return route
}

// treat adds to a route what holds for all of a domain. A delegate sets none of
// it, or Istio would take the delegate's.
func treat(r *Rules, route *networking.HTTPRoute) *networking.HTTPRoute {
	route.Timeout = expandDuration(r.Timeout)
	route.Retries = expandRetries(r.Retries)
	route.CorsPolicy = expandCORS(r.CORS)
	route.Headers = expandHeaders(r)
	return route
}

func expandRetries(r *Retries) *networking.HTTPRetry {
	if r == nil {
		return nil
	}
	return &networking.HTTPRetry{
		Attempts:      int32(r.Attempts.ValueInt64()), //nolint:gosec // at most 100, by its validator
		PerTryTimeout: expandDuration(r.PerTryTimeout),
		Backoff:       expandDuration(r.Backoff),
		RetryOn:       strings.Join(r.RetryOn, ","),
	}
}

func expandCORS(c *CORS) *networking.CorsPolicy {
	if c == nil {
		return nil
	}
	policy := &networking.CorsPolicy{
		AllowMethods:  c.AllowMethods,
		AllowHeaders:  c.AllowHeaders,
		ExposeHeaders: c.ExposeHeaders,
		MaxAge:        expandDuration(c.MaxAge),
	}
	if !c.AllowCredentials.IsNull() {
		policy.AllowCredentials = wrapperspb.Bool(c.AllowCredentials.ValueBool())
	}
	for _, origin := range c.AllowOrigins {
		match := &networking.StringMatch{}
		switch {
		case !origin.Exact.IsNull():
			match.MatchType = &networking.StringMatch_Exact{Exact: origin.Exact.ValueString()}
		case !origin.Prefix.IsNull():
			match.MatchType = &networking.StringMatch_Prefix{Prefix: origin.Prefix.ValueString()}
		default:
			match.MatchType = &networking.StringMatch_Regex{Regex: origin.Regex.ValueString()}
		}
		policy.AllowOrigins = append(policy.AllowOrigins, match)
	}
	return policy
}

// expandHeaders returns the changes of headers, and that the application learns
// by which host it was asked: the gateway asks it by another.
func expandHeaders(r *Rules) *networking.Headers {
	headers := &networking.Headers{Request: &networking.Headers_HeaderOperations{}}
	if r.Headers != nil {
		if r.Headers.Request != nil {
			headers.Request = expandChanges(r.Headers.Request)
		}
		if c := r.Headers.Response; c != nil && len(c.Set)+len(c.Add)+len(c.Remove) > 0 {
			headers.Response = expandChanges(c)
		}
	}
	if headers.Request.Set == nil {
		headers.Request.Set = map[string]string{}
	}
	headers.Request.Set[forwardedHost] = r.Host
	return headers
}

func expandChanges(c *HeaderChanges) *networking.Headers_HeaderOperations {
	return &networking.Headers_HeaderOperations{Set: literal(c.Set), Add: literal(c.Add), Remove: c.Remove}
}

// literal returns values that Envoy takes as they are: a percent sign of its own
// begins a variable, and one that makes no sense is refused with everything else
// that the gateway serves.
func literal(values map[string]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	escaped := make(map[string]string, len(values))
	for name, value := range values {
		escaped[name] = strings.ReplaceAll(value, "%", "%%")
	}
	return escaped
}

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

// fields returns a spec as the API has it.
func fields(spec json.Marshaler) (map[string]any, error) {
	text, err := spec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encoding %T: %w", spec, err)
	}
	return decodeJSON(text)
}

// merged returns the entries of several maps; later ones win.
func merged(all ...map[string]string) map[string]string {
	m := map[string]string{}
	for _, one := range all {
		maps.Copy(m, one)
	}
	return m
}
