package traffic

import (
	"cmp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// defaultTTL is how long a browser keeps its random id.
const defaultTTL = 30 * 24 * time.Hour

// delegateOf returns the delegate of an application without anything that the
// configuration says.
func delegateOf(namespace, application string, ingress lifecycle.Ingress) routing.Delegate {
	return routing.Delegate{
		Application:   routing.Application{Namespace: namespace, Name: application},
		ClusterDomain: ingress.ClusterDomain,
		Gateway:       routing.Gateway{Host: ingress.LocalGatewayHost, Port: uint32(ingress.LocalGatewayPort)},
	}
}

// expandDelegate returns the delegate that the configuration wants. live is the
// Service's traffic: where a tag is on another revision still, the delegate uses
// the one that is not.
func expandDelegate(c *configuration, ts targets, live []share, of routing.Delegate) routing.Delegate {
	d := of
	d.Rules, d.Sticky, d.VersionHeader = expandRules(c.rules), expandSticky(c.sticky), c.VersionHeader.ValueString()
	d.Targets = nil
	hosts := map[string]string{} // by the user's tag
	for i, t := range ts {
		if t.tag != "" {
			hosts[t.tag] = ts.host(i, live)
		}
		if t.percent > 0 {
			d.Targets = append(d.Targets, routing.Target{Tag: ts.host(i, live), Percent: int(t.percent), Version: t.shownVersion()})
		}
	}
	for i := range d.Rules {
		d.Rules[i].Tag = cmp.Or(hosts[d.Rules[i].Tag], d.Rules[i].Tag)
	}
	for _, rule := range c.rules { // those that only rules send to
		for i, t := range ts {
			if t.percent == 0 && t.tag != "" && t.tag == rule.Target.ValueString() && !hasTarget(d.Targets, ts.host(i, live)) {
				d.Targets = append(d.Targets, routing.Target{Tag: ts.host(i, live), Version: t.shownVersion()})
			}
		}
	}
	return d
}

func hasTarget(targets []routing.Target, tag string) bool {
	for _, t := range targets {
		if t.Tag == tag {
			return true
		}
	}
	return false
}

// shownVersion is what the version header says of a target.
func (t target) shownVersion() string {
	if t.revision == "" {
		return latestTag // another version with the next deployment
	}
	return cmp.Or(t.version, t.revision)
}

func expandRules(rules []Rule) []routing.Rule {
	var expanded []routing.Rule
	for _, rule := range rules {
		r := routing.Rule{Name: rule.Name.ValueString(), Tag: rule.Target.ValueString()}
		for _, match := range rule.Match {
			r.Matches = append(r.Matches, expandMatch(match))
		}
		expanded = append(expanded, r)
	}
	return expanded
}

func expandMatch(m Match) routing.Match {
	expanded := routing.Match{
		Headers: expandValues(m.Headers), Cookies: expandValues(m.Cookies), Query: expandValues(m.Query),
		WithoutHeaders: expandValues(m.WithoutHeaders), WithoutCookies: expandValues(m.WithoutCookies),
	}
	if m.Path != nil {
		expanded.Path = expandWay(StringMatch{Exact: m.Path.Exact, Prefix: m.Path.Prefix, Regex: m.Path.Regex})
	}
	if m.Method != nil {
		expanded.Method = expandWay(StringMatch{Exact: m.Method.Exact, Regex: m.Method.Regex})
	}
	return expanded
}

func expandValues(values map[string]StringMatch) map[string]routing.StringMatch {
	if values == nil {
		return nil
	}
	expanded := map[string]routing.StringMatch{}
	for name, value := range values {
		expanded[name] = *expandWay(value)
	}
	return expanded
}

// expandWay returns the one way that is given; validation has seen to it that
// there is one.
func expandWay(s StringMatch) *routing.StringMatch {
	switch {
	case !s.Exact.IsNull():
		return &routing.StringMatch{Operator: routing.Exact, Text: s.Exact.ValueString()}
	case !s.Prefix.IsNull():
		return &routing.StringMatch{Operator: routing.Prefix, Text: s.Prefix.ValueString()}
	case !s.Regex.IsNull():
		return &routing.StringMatch{Operator: routing.Regex, Text: s.Regex.ValueString()}
	}
	return &routing.StringMatch{Operator: routing.Present}
}

func expandSticky(s *Sticky) *routing.Sticky {
	if s == nil {
		return nil
	}
	expanded := &routing.Sticky{
		Cookie: s.Cookie.ValueString(), Domain: s.Domain.ValueString(), Header: s.Header.ValueString(),
		SuffixDigits: int(s.SuffixDigits.ValueInt64()),
	}
	if expanded.SuffixDigits == 0 {
		expanded.TTL = durationOf(s.TTL, defaultTTL)
	}
	return expanded
}

// durationOf returns a duration that validation has accepted.
func durationOf(text types.String, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(text.ValueString())
	if err != nil {
		return otherwise
	}
	return d
}
