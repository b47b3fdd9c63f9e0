package routing

import (
	"maps"
	"strings"

	networking "istio.io/api/networking/v1"
)

// Operator says how a text is compared. Its values are the attributes' names.
type Operator string

// The operators.
const (
	Exact   Operator = "exact"
	Prefix  Operator = "prefix"
	Regex   Operator = "regex"   // RE2; it has to match the whole text
	Present Operator = "present" // whatever the text is, also an empty one
)

// StringMatch is a condition on a text. Present has no Text of its own.
type StringMatch struct {
	Operator Operator
	Text     string
}

// Match is a condition on a request: all that it names must be so.
type Match struct {
	Headers map[string]StringMatch
	Cookies map[string]StringMatch
	Query   map[string]StringMatch
	Path    *StringMatch
	Method  *StringMatch

	// The request must not have these: a header or cookie that is missing is as
	// good as one with another value.
	WithoutHeaders map[string]StringMatch
	WithoutCookies map[string]StringMatch
}

// Rule sends requests that any of its Matches is true of to the revision with
// the tag.
type Rule struct {
	Name    string
	Matches []Match
	Tag     string
}

const cookieHeader = "cookie"

// Expand returns a valid Match in Istio's terms.
func Expand(m Match) *networking.HTTPMatchRequest {
	request := &networking.HTTPMatchRequest{
		Headers:        expandMap(m.Headers, strings.ToLower),
		WithoutHeaders: expandMap(m.WithoutHeaders, strings.ToLower),
		QueryParams:    expandMap(m.Query, nil),
	}
	if len(m.Cookies) > 0 {
		set(&request.Headers, cookieHeader, StringMatch{Regex, allCookies(m.Cookies)}.expand())
	}
	if len(m.WithoutCookies) > 0 {
		set(&request.WithoutHeaders, cookieHeader, StringMatch{Regex, anyCookie(m.WithoutCookies)}.expand())
	}
	if m.Path != nil {
		request.Uri = m.Path.expand()
	}
	if m.Method != nil {
		request.Method = m.Method.expand()
	}
	return request
}

func set(all *map[string]*networking.StringMatch, name string, match *networking.StringMatch) {
	if *all == nil {
		*all = map[string]*networking.StringMatch{}
	}
	(*all)[name] = match
}

func expandMap(in map[string]StringMatch, name func(string) string) map[string]*networking.StringMatch {
	var out map[string]*networking.StringMatch
	for key, match := range in {
		if name != nil {
			key = name(key)
		}
		set(&out, key, match.expand())
	}
	return out
}

// expand returns the condition in Istio's terms, where one without a text is
// that of presence.
func (m StringMatch) expand() *networking.StringMatch {
	switch m.Operator {
	case Exact:
		return &networking.StringMatch{MatchType: &networking.StringMatch_Exact{Exact: m.Text}}
	case Prefix:
		return &networking.StringMatch{MatchType: &networking.StringMatch_Prefix{Prefix: m.Text}}
	case Regex:
		return &networking.StringMatch{MatchType: &networking.StringMatch_Regex{Regex: m.Text}}
	}
	return &networking.StringMatch{}
}

func parseString(m *networking.StringMatch) (StringMatch, bool) {
	switch match := m.GetMatchType().(type) {
	case *networking.StringMatch_Exact:
		return StringMatch{Exact, match.Exact}, match.Exact != ""
	case *networking.StringMatch_Prefix:
		return StringMatch{Prefix, match.Prefix}, match.Prefix != ""
	case *networking.StringMatch_Regex:
		if match.Regex == "*" { // Istio's other way to say present
			return StringMatch{Operator: Present}, true
		}
		return StringMatch{Regex, match.Regex}, match.Regex != ""
	}
	return StringMatch{Operator: Present}, true
}

// ParseMatch is Expand's inverse. It returns false for what a Match can't
// express. A regular expression for a cookie may come back in other words that
// mean the same.
func ParseMatch(request *networking.HTTPMatchRequest) (Match, bool) {
	if !onlyKnown(request) {
		return Match{}, false
	}
	headers, without := maps.Clone(request.Headers), maps.Clone(request.WithoutHeaders)
	var m Match
	ok := true
	if cookie, there := headers[cookieHeader]; there {
		delete(headers, cookieHeader)
		m.Cookies, ok = parseAllCookies(cookie.GetRegex())
	}
	if cookie, there := without[cookieHeader]; there && ok {
		delete(without, cookieHeader)
		m.WithoutCookies, ok = parseAnyCookie(cookie.GetRegex())
	}
	for _, part := range []struct {
		to   *map[string]StringMatch
		from map[string]*networking.StringMatch
	}{{&m.Headers, headers}, {&m.WithoutHeaders, without}, {&m.Query, request.QueryParams}} {
		for name, condition := range part.from {
			match, expressible := parseString(condition)
			ok = ok && expressible
			if *part.to == nil {
				*part.to = map[string]StringMatch{}
			}
			(*part.to)[name] = match
		}
	}
	for _, part := range []struct {
		to   **StringMatch
		from *networking.StringMatch
	}{{&m.Path, request.Uri}, {&m.Method, request.Method}} {
		if part.from == nil {
			continue
		}
		match, expressible := parseString(part.from)
		ok = ok && expressible && match.Operator != Present
		*part.to = &match
	}
	// What may be written is what may be read: a hand edit can have made what
	// Istio takes and the attributes refuse.
	if !ok || len(m.problems()) > 0 {
		return Match{}, false
	}
	return m, true
}

// onlyKnown reports whether the request names nothing that a Match has no word
// for.
func onlyKnown(r *networking.HTTPMatchRequest) bool {
	return r != nil && r.Name == "" && r.Scheme == nil && r.Authority == nil && r.Port == 0 && len(r.SourceLabels) == 0 &&
		len(r.Gateways) == 0 && !r.IgnoreUriCase && r.SourceNamespace == "" && r.StatPrefix == ""
}
