package routing

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
)

// Target is a revision that requests go to.
type Target struct {
	Tag     string
	Percent int
	Version string // what the version header says of it
}

// Delegate is what an application's delegate says.
type Delegate struct {
	Application   Application
	ClusterDomain string
	Gateway       Gateway

	Targets       []Target // in the user's order, which sticky percents go by; see merged
	Rules         []Rule
	Sticky        *Sticky
	VersionHeader string // response header that names the version; none if empty
}

// Names of the routes that are no rule's. A rule's name has no dot.
const (
	percentsRoute  = "traffic.percents"
	stickyRoute    = "traffic.sticky." // followed by the tag
	newStickyRoute = "traffic.sticky.new."
)

const authorityHeader = ":authority"

// Spec returns the delegate in Istio's terms: rules, then sticky users, then the
// percents for all others, so that the delegate alone decides, at once and for
// everybody who comes by a domain.
//
// A route names its revision by the destination's headers only. What a delegate
// sets on the route itself (rewrite, headers, timeout, retries, CORS) would
// replace what the root sets there.
func (d Delegate) Spec() *networking.VirtualService {
	d.Targets = merged(d.Targets)
	spec := &networking.VirtualService{}
	for _, rule := range d.Rules {
		spec.Http = append(spec.Http, d.ruleRoute(rule))
	}
	spec.Http = append(spec.Http, d.stickyRoutes()...)
	spec.Http = append(spec.Http, d.percentsRoute())
	return spec
}

// merged returns one target for each tag, at its first place, with the percents
// of all and the version of the first.
func merged(targets []Target) []Target {
	var all []Target
	for _, target := range targets {
		at := slices.IndexFunc(all, func(other Target) bool { return other.Tag == target.Tag })
		if at < 0 {
			all = append(all, target)
			continue
		}
		all[at].Percent += target.Percent
	}
	return all
}

func percentsOf(targets []Target) []int {
	percents := make([]int, len(targets))
	for i, target := range targets {
		percents[i] = target.Percent
	}
	return percents
}

func (d Delegate) ruleRoute(rule Rule) *networking.HTTPRoute {
	route := &networking.HTTPRoute{Name: rule.Name, Route: []*networking.HTTPRouteDestination{d.destination(rule.Tag)}}
	for _, match := range rule.Matches {
		route.Match = append(route.Match, Expand(match))
	}
	return route
}

func (d Delegate) percentsRoute() *networking.HTTPRoute {
	route := &networking.HTTPRoute{Name: percentsRoute}
	for _, target := range d.Targets {
		if target.Percent > 0 {
			destination := d.destination(target.Tag)
			destination.Weight = int32(target.Percent)
			route.Route = append(route.Route, destination)
		}
	}
	return route
}

// stickyRoutes returns the routes of users with an id, and then of those that
// get one: those before have taken every request with a valid cookie.
func (d Delegate) stickyRoutes() []*networking.HTTPRoute {
	if d.Sticky == nil {
		return nil
	}
	var known, fresh []*networking.HTTPRoute
	for i, slots := range Slots(percentsOf(d.Targets), d.Sticky.slots()) {
		if slots.Low == slots.High {
			continue
		}
		tag := d.Targets[i].Tag
		header, expression := d.Sticky.idMatch(slots)
		known = append(known, headerRoute(stickyRoute+tag, header, expression, d.destination(tag)))
		if d.Sticky.suffixed() {
			continue
		}
		destination := d.destination(tag)
		if destination.Headers.Response == nil {
			destination.Headers.Response = &networking.Headers_HeaderOperations{}
		}
		// Added, not set: the application's own cookies stay.
		destination.Headers.Response.Add = map[string]string{"set-cookie": d.Sticky.setCookie()}
		fresh = append(fresh, headerRoute(newStickyRoute+tag, requestIDHeader, HexRange(slots)+restOfID, destination))
	}
	return slices.Concat(known, fresh)
}

func headerRoute(name, header, expression string, destination *networking.HTTPRouteDestination) *networking.HTTPRoute {
	return &networking.HTTPRoute{
		Name:  name,
		Match: []*networking.HTTPMatchRequest{{Headers: map[string]*networking.StringMatch{header: StringMatch{Regex, expression}.expand()}}},
		Route: []*networking.HTTPRouteDestination{destination},
	}
}

func (d Delegate) destination(tag string) *networking.HTTPRouteDestination {
	destination := &networking.HTTPRouteDestination{
		Destination: &networking.Destination{Host: d.Gateway.Host, Port: &networking.PortSelector{Number: d.Gateway.Port}},
		Headers: &networking.Headers{Request: &networking.Headers_HeaderOperations{
			Set: map[string]string{authorityHeader: TagHost(tag, d.Application.Name, d.Application.Namespace, d.ClusterDomain)},
		}},
	}
	if d.VersionHeader != "" {
		destination.Headers.Response = &networking.Headers_HeaderOperations{
			Set: map[string]string{d.VersionHeader: escapeFormat(d.version(tag))},
		}
	}
	return destination
}

func (d Delegate) version(tag string) string {
	at := slices.IndexFunc(d.Targets, func(target Target) bool { return target.Tag == tag })
	if at < 0 {
		return ""
	}
	return d.Targets[at].Version
}

// fixedHeaders are response headers that mean something to those who carry the
// response.
var fixedHeaders = strings.Fields("connection content-encoding content-length content-type date keep-alive location server set-cookie te trailer transfer-encoding upgrade")

// Validate returns what is wrong with the rules, the sticky percents and the
// version header.
func (d Delegate) Validate() []Problem {
	all := ValidateRules(d.Rules)
	if d.Sticky != nil {
		all = append(all, ValidateSticky(*d.Sticky, percentsOf(merged(d.Targets)))...)
	}
	return append(all, ValidateVersionHeader(d.VersionHeader)...)
}

// ValidateVersionHeader returns what is wrong with the version header's name; an
// empty one is none.
func ValidateVersionHeader(name string) []Problem {
	lower := strings.ToLower(name)
	switch {
	case name == "":
		return nil
	case !token.MatchString(name) || lower == "host":
		return problem(fmt.Sprintf("%q can't be a response header's name: use one such as %q.", name, "x-version"), "version_header")
	case slices.Contains(fixedHeaders, lower):
		return problem(fmt.Sprintf("The header %q has a meaning of its own: use another, such as %q.", name, "x-version"), "version_header")
	}
	return nil
}
