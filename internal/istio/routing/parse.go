package routing

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
)

// Parse is Spec's inverse: of a delegate of the application, with the cluster
// domain and the gateway that are given in of, it returns what the targets, rules,
// sticky percents and version header come to, and in words what none of these can
// express, since somebody wrote it by hand.
func Parse(spec *networking.VirtualService, of Delegate) (Delegate, []string) {
	p := parser{Delegate: Delegate{Application: of.Application, ClusterDomain: of.ClusterDomain, Gateway: of.Gateway}}
	var sticky, rules []*networking.HTTPRoute
	percents := false
	for _, route := range spec.GetHttp() {
		switch {
		case route.GetName() == percentsRoute:
			percents = true
			p.parsePercents(route)
		case strings.HasPrefix(route.GetName(), stickyRoute):
			sticky = append(sticky, route)
		default:
			rules = append(rules, route)
		}
	}
	if !percents {
		p.drift("The route %q is missing, so requests that no rule matches get no revision by percent.", percentsRoute)
	}
	for _, route := range rules {
		p.parseRule(route)
	}
	if len(sticky) > 0 {
		p.parseSticky(sticky)
	}
	if len(p.drifts) == 0 && !Equal(p.Spec(), spec) {
		p.drift("%s", p.firstDifference(spec))
	}
	return p.Delegate, p.drifts
}

type parser struct {
	Delegate
	drifts []string
}

func (p *parser) drift(format string, args ...any) {
	p.drifts = append(p.drifts, fmt.Sprintf(format, args...))
}

func (p *parser) parsePercents(route *networking.HTTPRoute) {
	for _, destination := range route.GetRoute() {
		tag, ok := p.parseDestination(destination)
		if !ok {
			p.drift("The route %q leads to something else than a tag of the application.", route.GetName())
			return
		}
		percent := int(destination.GetWeight())
		if len(route.GetRoute()) == 1 {
			percent = 100
		}
		at := slices.IndexFunc(p.Targets, func(target Target) bool { return target.Tag == tag })
		p.Targets[at].Percent += percent
	}
	if !equalRoutes(p.percentsRoute(), route) {
		p.drift("The route %q does more than to share out requests by percent.", route.GetName())
	}
}

func (p *parser) parseRule(route *networking.HTTPRoute) {
	rule := Rule{Name: route.GetName()}
	label := fmt.Sprintf("The route %q", rule.Name)
	if rule.Name == "" {
		label = "A route without a name"
	}
	if len(route.GetRoute()) == 1 {
		rule.Tag, _ = p.parseDestination(route.GetRoute()[0])
	}
	if rule.Tag == "" {
		p.drift("%s leads to something else than one tag of the application.", label)
		return
	}
	for _, request := range route.GetMatch() {
		match, ok := ParseMatch(request)
		if !ok {
			p.drift("%s has a condition that can't be written as a rule's match: %v.", label, request)
			return
		}
		rule.Matches = append(rule.Matches, match)
	}
	if !ruleName.MatchString(rule.Name) || len(rule.Matches) == 0 || !equalRoutes(p.ruleRoute(rule), route) {
		p.drift("%s is more than a rule can express.", label)
		return
	}
	p.Rules = append(p.Rules, rule)
}

// parseDestination returns the tag that the destination leads to, and takes it
// among the targets.
func (p *parser) parseDestination(destination *networking.HTTPRouteDestination) (tag string, ok bool) {
	host := destination.GetHeaders().GetRequest().GetSet()[authorityHeader]
	tag, ok = strings.CutSuffix(host, TagHost("", p.Application.Name, p.Application.Namespace, p.ClusterDomain))
	if !ok || tag == "" || strings.Contains(tag, ".") ||
		destination.GetDestination().GetHost() != p.Gateway.Host || destination.GetDestination().GetPort().GetNumber() != p.Gateway.Port {
		return "", false
	}
	target := Target{Tag: tag}
	for name, version := range destination.GetHeaders().GetResponse().GetSet() {
		p.VersionHeader, target.Version = name, unescapeFormat(version)
	}
	if !slices.ContainsFunc(p.Targets, func(other Target) bool { return other.Tag == tag }) {
		p.Targets = append(p.Targets, target)
	}
	return tag, true
}

func (p *parser) parseSticky(routes []*networking.HTTPRoute) {
	for _, candidate := range stickyCandidates(routes) {
		p.Sticky = &candidate
		if slices.EqualFunc(p.stickyRoutes(), routes, equalRoutes) {
			return
		}
	}
	// The users' cookie may still be told, so that repairing it keeps them.
	p.drift("The routes of sticky users don't fit the percents.")
}

// stickyCandidates returns what the routes may have been made of, the most likely
// last.
func stickyCandidates(routes []*networking.HTTPRoute) []Sticky {
	var all []Sticky
	for _, route := range routes {
		for _, destination := range route.GetRoute() {
			header := destination.GetHeaders().GetResponse().GetAdd()["set-cookie"]
			if sticky, ok := parseSetCookie(header); ok {
				return []Sticky{sticky}
			}
		}
	}
	for _, match := range routes[0].GetMatch() {
		for header, condition := range match.GetHeaders() {
			source := Sticky{Header: header}
			if header == cookieHeader {
				body, _ := strings.CutPrefix(condition.GetRegex(), cookiesBefore)
				quoted, _, _ := strings.Cut(body, "=")
				name, ok := unquote(quoted)
				if !ok {
					continue
				}
				source = Sticky{Cookie: name}
			}
			for digits := 1; digits <= maxSuffixDigits; digits++ {
				source.SuffixDigits = digits
				all = append(all, source)
			}
		}
	}
	return all
}

// firstDifference says where a spec differs from what was read of it.
func (p *parser) firstDifference(spec *networking.VirtualService) string {
	want := p.Spec()
	if !Equal(&networking.VirtualService{Http: want.Http}, &networking.VirtualService{Http: spec.Http}) {
		for i, route := range spec.Http {
			if i >= len(want.Http) || !equalRoutes(route, want.Http[i]) {
				return fmt.Sprintf("The route %q stands where it has another meaning, or its version header differs from the others'.", route.GetName())
			}
		}
	}
	return "The VirtualService has more than routes: it is for delegation only, so it has neither hosts nor gateways."
}
