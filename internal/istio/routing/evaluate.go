package routing

import (
	"net/http"
	"slices"
	"strings"
)

// Matches tells what the gateway makes of a request: whether the valid match is
// true of it. The target is the path and the query as they are sent; . and .. in
// it are not resolved, as the gateway does before.
func (m Match) Matches(method, target string, header http.Header) bool {
	path, query, _ := strings.Cut(target, "?")
	anyOf := func(name string, match StringMatch) bool {
		return slices.ContainsFunc(header.Values(name), match.holds)
	}
	for name, match := range m.Headers {
		if !anyOf(name, match) {
			return false
		}
	}
	for name, match := range m.WithoutHeaders {
		if anyOf(name, match) {
			return false
		}
	}
	if len(m.Cookies) > 0 && !anyOf(cookieHeader, StringMatch{Regex, allCookies(m.Cookies)}) {
		return false
	}
	if len(m.WithoutCookies) > 0 && anyOf(cookieHeader, StringMatch{Regex, anyCookie(m.WithoutCookies)}) {
		return false
	}
	for name, match := range m.Query {
		if value, there := firstParameter(query, name); !there || !match.holds(value) {
			return false
		}
	}
	return (m.Path == nil || m.Path.holds(path)) && (m.Method == nil || m.Method.holds(method))
}

func (m StringMatch) holds(text string) bool {
	switch m.Operator {
	case Exact:
		return text == m.Text
	case Prefix:
		return strings.HasPrefix(text, m.Text)
	case Regex:
		return whole(m.Text).MatchString(text)
	}
	return true
}

// firstParameter returns the value of the first query parameter of that name.
func firstParameter(query, name string) (value string, there bool) {
	for part := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(part, "="); key == name {
			return value, true
		}
	}
	return "", false
}
