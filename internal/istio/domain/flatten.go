package domain

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// parseRoot returns the rules that a VirtualService stands for, as far as rules
// can: what they can't say is told by differences. prior are the rules as they
// were written, which stay so where they mean what there is; importing has none.
func parseRoot(root *networking.VirtualService, at place, prior *Rules) *Rules {
	r := &Rules{Host: prior.Host, Scope: prior.Scope, TLS: prior.TLS, Timeout: types.StringNull()}
	if r.Host == "" && len(root.GetHosts()) > 0 {
		r.Host = root.Hosts[0]
	}
	parseGateways(r, root.GetGateways(), at, prior)
	p := routeParser{rules: r, at: at, prior: prior}
	for _, route := range root.GetHttp() {
		p.parse(route)
	}
	p.finish()
	return r
}

// parseGateways sets what the Gateways say: the scope, or gateways of the
// domain's own choice.
func parseGateways(r *Rules, live []string, at place, prior *Rules) {
	own := at.namespace + "/" + at.gateway()
	live = slices.DeleteFunc(slices.Clone(live), func(gateway string) bool { return gateway == own })
	switch {
	case len(prior.Gateways) > 0 && slices.Equal(live, prior.Gateways):
		r.Gateways = prior.Gateways
	case slices.Equal(live, []string{at.ingress.LocalGateway}):
		r.Scope = scopeInternal
	case slices.Equal(live, []string{at.ingress.Gateway}):
		r.Scope = scopePublic
	default:
		r.Gateways = live
		if r.Scope == "" {
			r.Scope = scopePublic
		}
	}
}

// routeParser collects what the routes of a VirtualService say.
type routeParser struct {
	rules   *Rules
	at      place
	prior   *Rules
	treated bool
	legacy  Legacy
}

func (p *routeParser) parse(route *networking.HTTPRoute) {
	prefix, share, ok := parseMatches(route.GetMatch())
	switch {
	case route.GetRedirect() != nil:
		p.rules.HTTPSRedirect = true
		return
	case route.GetDelegate() != nil: // its fallback says the same, and more
	case !ok:
		return
	case p.parseFallback(route, prefix):
	default:
		p.parseLegacy(route, prefix, share)
	}
	if !p.treated {
		p.treated = true
		p.parseTreatment(route)
	}
}

// parseMatches returns the prefix that the matches stand for, and the percent of
// the requests that they are narrowed to, or 100.
func parseMatches(matches []*networking.HTTPMatchRequest) (prefix string, percent int64, ok bool) {
	prefix = "/"
	for _, match := range matches {
		if exact := match.GetUri().GetExact(); exact != "" {
			prefix = exact
		}
	}
	for percent = 100; percent > 0; percent-- {
		if slices.EqualFunc(matches, shareOf(routing.PrefixMatches(prefix), percent), func(a, b *networking.HTTPMatchRequest) bool { return proto.Equal(a, b) }) {
			return prefix, percent, true
		}
	}
	return "", 0, false
}

// parseFallback takes a route to an application, and reports whether it was one.
func (p *routeParser) parseFallback(route *networking.HTTPRoute, prefix string) bool {
	internal, ok := strings.CutSuffix(route.GetRewrite().GetAuthority(), ".svc."+p.at.ingress.ClusterDomain)
	name, namespace, isTwo := strings.Cut(internal, ".")
	to := route.GetRoute()
	if !ok || !isTwo || len(to) != 1 || to[0].GetDestination().GetHost() != p.at.ingress.LocalGatewayHost {
		return false
	}
	parsed := Route{
		PathPrefix:  types.StringValue(prefix),
		StripPrefix: types.BoolValue(route.GetRewrite().GetUriRegexRewrite() != nil),
		Application: types.StringValue(name),
		Namespace:   types.StringValue(namespace),
	}
	at := slices.IndexFunc(p.prior.Routes, func(r Route) bool { return r.PathPrefix.Equal(parsed.PathPrefix) })
	switch {
	case at >= 0 && p.prior.Routes[at].Namespace.IsNull() && namespace == p.at.namespace,
		at < 0 && namespace == p.at.namespace:
		parsed.Namespace = types.StringNull()
	}
	if at >= 0 && prefix == "/" && p.prior.Routes[at].StripPrefix.ValueBool() {
		parsed.StripPrefix = types.BoolValue(true) // of nothing
	}
	p.rules.Routes = append(p.rules.Routes, parsed)
	return true
}

func (p *routeParser) parseLegacy(route *networking.HTTPRoute, prefix string, percent int64) {
	to := route.GetRoute()
	if len(to) != 1 {
		return
	}
	p.legacy.Host = types.StringValue(to[0].GetDestination().GetHost())
	p.legacy.Port = types.Int64Value(int64(to[0].GetDestination().GetPort().GetNumber()))
	p.legacy.RewriteHost = types.BoolValue(route.GetRewrite().GetAuthority() != "")
	if strings.HasPrefix(route.GetName(), legacyPercentName) || percent < 100 || prefix == "/" {
		p.legacy.Percent = types.Int64Value(percent)
		return
	}
	p.legacy.PathPrefixes = append(p.legacy.PathPrefixes, prefix)
}

// parseTreatment takes from one route what holds for all.
func (p *routeParser) parseTreatment(route *networking.HTTPRoute) {
	r, prior := p.rules, p.prior
	r.Timeout = parseDuration(route.GetTimeout(), prior.Timeout)
	r.Retries = keep(prior.Retries, expandRetries, route.GetRetries(), parseRetries)
	r.CORS = keep(prior.CORS, expandCORS, route.GetCorsPolicy(), parseCORS)
	expandOnly := func(h *Headers) *networking.Headers { return expandHeaders(&Rules{Host: r.Host, Headers: h}) }
	if r.Headers = prior.Headers; !proto.Equal(expandOnly(prior.Headers), route.GetHeaders()) {
		r.Headers = parseHeaders(route.GetHeaders())
	}
}

// keep returns what was written if it means what there is, else what there is.
func keep[T any, M proto.Message](prior *T, expand func(*T) M, live M, parse func(M) *T) *T {
	if proto.Equal(expand(prior), live) {
		return prior
	}
	return parse(live)
}

func (p *routeParser) finish() {
	order := func(route Route) int {
		return slices.IndexFunc(p.prior.Routes, func(r Route) bool { return r.PathPrefix.Equal(route.PathPrefix) })
	}
	// The order of the list means nothing, so it stays as it was written.
	slices.SortStableFunc(p.rules.Routes, func(a, b Route) int { return order(a) - order(b) })
	prior := p.prior.Legacy
	switch {
	case p.legacy.Host.IsNull() && prior != nil && len(prior.PathPrefixes) == 0 && prior.Percent.ValueInt64() == 0:
		p.rules.Legacy = prior // written, and nothing left of it
	case !p.legacy.Host.IsNull():
		legacy := p.legacy
		if prior != nil {
			if legacy.Percent.IsNull() && prior.Percent.ValueInt64() == 0 {
				legacy.Percent = prior.Percent
			}
			if samePrefixes(legacy.PathPrefixes, prior.PathPrefixes) {
				legacy.PathPrefixes = prior.PathPrefixes
			}
		}
		p.rules.Legacy = &legacy
	}
}

func samePrefixes(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

func parseRetries(live *networking.HTTPRetry) *Retries {
	if live == nil {
		return nil
	}
	r := &Retries{
		Attempts:      types.Int64Value(int64(live.GetAttempts())),
		PerTryTimeout: parseDuration(live.GetPerTryTimeout(), types.StringNull()),
		Backoff:       parseDuration(live.GetBackoff(), types.StringNull()),
	}
	if live.GetRetryOn() != "" {
		r.RetryOn = strings.Split(live.GetRetryOn(), ",")
	}
	return r
}

func parseCORS(live *networking.CorsPolicy) *CORS {
	if live == nil {
		return nil
	}
	c := &CORS{
		AllowMethods:  live.GetAllowMethods(),
		AllowHeaders:  live.GetAllowHeaders(),
		ExposeHeaders: live.GetExposeHeaders(),
		MaxAge:        parseDuration(live.GetMaxAge(), types.StringNull()),
	}
	if live.GetAllowCredentials() != nil {
		c.AllowCredentials = types.BoolValue(live.GetAllowCredentials().GetValue())
	}
	for _, match := range live.GetAllowOrigins() {
		var origin Origin
		switch match := match.GetMatchType().(type) {
		case *networking.StringMatch_Exact:
			origin.Exact = types.StringValue(match.Exact)
		case *networking.StringMatch_Prefix:
			origin.Prefix = types.StringValue(match.Prefix)
		case *networking.StringMatch_Regex:
			origin.Regex = types.StringValue(match.Regex)
		}
		c.AllowOrigins = append(c.AllowOrigins, origin)
	}
	return c
}

func parseHeaders(live *networking.Headers) *Headers {
	h := &Headers{Request: parseChanges(live.GetRequest()), Response: parseChanges(live.GetResponse())}
	if h.Request == nil && h.Response == nil {
		return nil
	}
	return h
}

func parseChanges(live *networking.Headers_HeaderOperations) *HeaderChanges {
	c := &HeaderChanges{Set: plain(live.GetSet()), Add: plain(live.GetAdd()), Remove: live.GetRemove()}
	if len(c.Set) == 0 && len(c.Add) == 0 && len(c.Remove) == 0 {
		return nil
	}
	return c
}

// plain undoes literal, and leaves out what the domain sets by itself.
func plain(values map[string]string) map[string]string {
	var texts map[string]string
	for name, value := range values {
		if strings.EqualFold(name, forwardedHost) {
			continue
		}
		if texts == nil {
			texts = map[string]string{}
		}
		texts[name] = strings.ReplaceAll(value, "%%", "%")
	}
	return texts
}

// parseDuration keeps the way in which a duration was written.
func parseDuration(live *durationpb.Duration, prior types.String) types.String {
	switch {
	case live == nil:
		return types.StringNull()
	case proto.Equal(expandDuration(prior), live):
		return prior
	}
	return types.StringValue(live.AsDuration().String())
}
