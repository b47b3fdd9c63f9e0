package traffic

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	networking "istio.io/api/networking/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// flattenRevisions returns the entries that the Service's traffic is, in its
// order. An entry that stands for the revision it stood for before keeps its
// form; of any other, the revision is shown.
func flattenRevisions(live []share, prior []Revision, stoodFor []Target) []Revision {
	used := make([]bool, len(prior))
	formOf := func(at int, revision string) int {
		fits := func(i int) bool {
			return i < len(prior) && i < len(stoodFor) && !used[i] && stoodFor[i].Revision.ValueString() == revision
		}
		if fits(at) {
			return at
		}
		return slices.IndexFunc(indices(len(prior)), fits)
	}
	entries := make([]Revision, 0, len(live))
	for i, s := range live {
		entry := Revision{Revision: lifecycle.NullIfEmpty(s.revision)}
		if s.revision == "" {
			entry.Latest = types.BoolValue(true)
		}
		form := formOf(i, s.revision)
		if form >= 0 {
			used[form] = true
			entry.Version, entry.Revision, entry.Latest, entry.MinScale = prior[form].Version, prior[form].Revision, prior[form].Latest, prior[form].MinScale
		}
		entry.Percent = types.Int64Value(s.percent)
		if s.tag != automaticTag(s.revision) || (form >= 0 && prior[form].Tag.ValueString() == s.tag) {
			entry.Tag = lifecycle.NullIfEmpty(s.tag)
		}
		entries = append(entries, entry)
	}
	return entries
}

func indices(count int) []int {
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	return all
}

// targetsOf returns what the entries stand for, as a state remembers it.
func targetsOf(entries []Revision, stoodFor []Target) (ts targets) {
	for i, entry := range entries {
		t := target{
			share:    share{percent: entry.Percent.ValueInt64(), tag: entry.Tag.ValueString()},
			minScale: entry.MinScale.ValueInt64(),
		}
		if i < len(stoodFor) {
			t.revision, t.version = stoodFor[i].Revision.ValueString(), stoodFor[i].Version.ValueString()
		}
		ts = append(ts, t)
	}
	return ts
}

// flattenTargets returns the computed attribute targets.
func flattenTargets(ts targets, status []servingv1.TrafficTarget) []Target {
	flat := make([]Target, 0, len(ts))
	for i, t := range ts {
		to := Target{
			Revision: lifecycle.NullIfEmpty(t.revision), Version: lifecycle.NullIfEmpty(t.version),
			Percent: types.Int64Value(t.percent),
		}
		if t.percent > 0 || t.tag != "" {
			to.Tag = types.StringValue(ts.tag(i))
		}
		for _, s := range status {
			if s.Tag != "" && s.Tag == to.Tag.ValueString() && s.URL != nil {
				to.URL = types.StringValue(s.URL.String())
			}
		}
		flat = append(flat, to)
	}
	return flat
}

// found is what a delegate on the cluster says, in HCL.
type found struct {
	rules         []Rule
	sticky        *Sticky
	versionHeader types.String
	drift         []string // what HCL can't say
}

// flattenDelegate returns what the delegate on the cluster says. want is the one
// that the state stands for; when the two are the same, so are the attributes.
func flattenDelegate(live *networking.VirtualService, want routing.Delegate, prior *configuration, name string) found {
	same := found{prior.rules, prior.sticky, prior.VersionHeader, nil}
	if live != nil && routing.Equal(live, want.Spec()) {
		return same
	}
	if live == nil {
		same.drift = []string{fmt.Sprintf("The VirtualService %s is missing: domains go by the Service's percents alone.", name)}
		return same
	}
	parsed, problems := routing.Parse(live, routing.Delegate{Application: want.Application, ClusterDomain: want.ClusterDomain, Gateway: want.Gateway})
	f := found{
		rules: flattenRules(parsed.Rules, prior.rules), sticky: flattenSticky(parsed.Sticky, prior.sticky),
		versionHeader: lifecycle.NullIfEmpty(parsed.VersionHeader),
	}
	for _, problem := range problems {
		f.drift = append(f.drift, fmt.Sprintf("The VirtualService %s: %s", name, problem))
	}
	if is, should := percents(parsed.Targets), percents(want.Targets); !maps.Equal(is, should) {
		for _, tag := range slices.Sorted(maps.Keys(merged(is, should))) {
			if is[tag] != should[tag] {
				f.drift = append(f.drift, fmt.Sprintf("The VirtualService %s sends %d %% to %s, not %d %%.", name, is[tag], tag, should[tag]))
			}
		}
	}
	parsed.Targets = want.Targets // told already
	if len(f.drift) == 0 && equalDelegates(parsed, want) {
		f.drift = []string{fmt.Sprintf("The VirtualService %s is not what this provider writes: somebody has changed it.", name)}
	}
	return f
}

func equalDelegates(a, b routing.Delegate) bool { return routing.Equal(a.Spec(), b.Spec()) }

func percents(targets []routing.Target) map[string]int {
	of := map[string]int{}
	for _, t := range targets {
		if t.Percent > 0 {
			of[t.Tag] += t.Percent
		}
	}
	return of
}

func merged(a, b map[string]int) map[string]int {
	m := maps.Clone(a)
	maps.Copy(m, b)
	return m
}

// flattenRules keeps those rules as they were written that mean the same: names
// of headers are read back in lower case.
func flattenRules(parsed []routing.Rule, prior []Rule) []Rule {
	if len(parsed) == 0 {
		return prior[:0] // null stays null, and an empty list one
	}
	var rules []Rule
	for i, rule := range parsed {
		flat := Rule{Name: types.StringValue(rule.Name), Target: types.StringValue(rule.Tag)}
		for j, match := range rule.Matches {
			m := flattenMatch(match)
			if i < len(prior) && j < len(prior[i].Match) && sameMatch(prior[i].Match[j], m) {
				m = prior[i].Match[j]
			}
			flat.Match = append(flat.Match, m)
		}
		rules = append(rules, flat)
	}
	return rules
}

// sameMatch reports whether two matches say the same to the gateway.
func sameMatch(a, b Match) bool {
	spec := func(m Match) *networking.VirtualService {
		return &networking.VirtualService{Http: []*networking.HTTPRoute{{Match: []*networking.HTTPMatchRequest{routing.Expand(expandMatch(m))}}}}
	}
	return routing.Equal(spec(a), spec(b))
}

func flattenMatch(m routing.Match) Match {
	flat := Match{
		Headers: flattenValues(m.Headers), Cookies: flattenValues(m.Cookies), Query: flattenValues(m.Query),
		WithoutHeaders: flattenValues(m.WithoutHeaders), WithoutCookies: flattenValues(m.WithoutCookies),
	}
	if m.Path != nil {
		way := flattenWay(*m.Path)
		flat.Path = &PathMatch{Exact: way.Exact, Prefix: way.Prefix, Regex: way.Regex}
	}
	if m.Method != nil {
		way := flattenWay(*m.Method)
		flat.Method = &MethodMatch{Exact: way.Exact, Regex: way.Regex}
	}
	return flat
}

func flattenValues(values map[string]routing.StringMatch) map[string]StringMatch {
	if len(values) == 0 {
		return nil
	}
	flat := map[string]StringMatch{}
	for name, value := range values {
		flat[name] = flattenWay(value)
	}
	return flat
}

func flattenWay(s routing.StringMatch) (flat StringMatch) {
	switch s.Operator {
	case routing.Exact:
		flat.Exact = types.StringValue(s.Text)
	case routing.Prefix:
		flat.Prefix = types.StringValue(s.Text)
	case routing.Regex:
		flat.Regex = types.StringValue(s.Text)
	case routing.Present:
		flat.Present = types.BoolValue(true)
	}
	return flat
}

func flattenSticky(s *routing.Sticky, prior *Sticky) *Sticky {
	if s == nil {
		return nil
	}
	if prior != nil && *expandSticky(prior) == *s {
		return prior
	}
	flat := &Sticky{
		Cookie: lifecycle.NullIfEmpty(s.Cookie), Domain: lifecycle.NullIfEmpty(s.Domain), Header: lifecycle.NullIfEmpty(s.Header),
	}
	if s.SuffixDigits > 0 {
		flat.SuffixDigits = types.Int64Value(int64(s.SuffixDigits))
		return flat
	}
	if ttl := cmp.Or(s.TTL, defaultTTL); ttl != defaultTTL {
		flat.TTL = types.StringValue(ttl.Round(time.Second).String())
	}
	return flat
}
