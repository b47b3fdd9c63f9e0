package traffic

import (
	"regexp"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// meets reports whether the gateway takes the request for one that the match is
// about.
func (r request) meets(m routing.Match) bool {
	header := func(name string) (string, bool) {
		for key, value := range r.headers {
			if strings.EqualFold(key, name) {
				return value, true
			}
		}
		return "", false
	}
	cookie := func(name string) (string, bool) {
		value, ok := r.cookies[name]
		return value, ok
	}
	parameter := func(name string) (string, bool) { return r.query.Get(name), r.query.Has(name) }
	return allMeet(m.Headers, header) && allMeet(m.Cookies, cookie) && allMeet(m.Query, parameter) &&
		!anyMeets(m.WithoutHeaders, header) && !anyMeets(m.WithoutCookies, cookie) &&
		(m.Path == nil || meets(*m.Path, r.path)) && (m.Method == nil || meets(*m.Method, r.method))
}

func allMeet(of map[string]routing.StringMatch, get func(name string) (string, bool)) bool {
	for name, way := range of {
		if value, there := get(name); !there || !meets(way, value) {
			return false
		}
	}
	return true
}

func anyMeets(of map[string]routing.StringMatch, get func(name string) (string, bool)) bool {
	for name, way := range of {
		if value, there := get(name); there && meets(way, value) {
			return true
		}
	}
	return false
}

func meets(way routing.StringMatch, value string) bool {
	switch way.Operator {
	case routing.Exact:
		return value == way.Text
	case routing.Prefix:
		return strings.HasPrefix(value, way.Text)
	case routing.Present:
		return true
	}
	expression, err := regexp.Compile(`^(?:` + way.Text + `)$`)
	return err == nil && expression.MatchString(value)
}
