package routing

import (
	"fmt"
	"slices"
	"strings"
)

// Covers reports whether every request that the later match is true of is one
// that the earlier is true of. It may fail to see that, and never claims it
// wrongly. Both are valid.
func Covers(earlier, later Match) bool {
	return allImplied(lowered(earlier.Headers), lowered(later.Headers)) &&
		allImplied(earlier.Cookies, later.Cookies) &&
		allImplied(earlier.Query, later.Query) &&
		pathCovers(earlier.Path, later.Path) &&
		methodCovers(earlier.Method, later.Method) &&
		// That the request has another value excludes nothing: it can have several.
		withoutCovers(lowered(earlier.WithoutHeaders), lowered(later.WithoutHeaders)) &&
		withoutCovers(earlier.WithoutCookies, later.WithoutCookies)
}

func lowered(headers map[string]StringMatch) map[string]StringMatch {
	lower := make(map[string]StringMatch, len(headers))
	for name, match := range headers {
		lower[strings.ToLower(name)] = match
	}
	return lower
}

// allImplied reports whether each earlier condition follows from a later one.
func allImplied(earlier, later map[string]StringMatch) bool {
	for name, match := range earlier {
		stricter, there := later[name]
		if !there || !implies(stricter, match) {
			return false
		}
	}
	return true
}

// implies reports whether every text that the narrow condition is true of is one
// that the wide one is true of.
func implies(narrow, wide StringMatch) bool {
	if narrow == wide || wide.Operator == Present {
		return true
	}
	switch wide.Operator {
	case Prefix:
		switch narrow.Operator {
		case Exact, Prefix:
			return strings.HasPrefix(narrow.Text, wide.Text)
		case Regex:
			return strings.HasPrefix(beginning(narrow.Text), wide.Text)
		}
	case Regex:
		return matchesAll(wide.Text) || narrow.Operator == Exact && whole(wide.Text).MatchString(narrow.Text)
	}
	return false
}

func pathCovers(earlier, later *StringMatch) bool {
	switch {
	case earlier == nil, earlier.Operator == Prefix && earlier.Text == "/", earlier.Operator == Regex && matchesAll(earlier.Text):
		return true
	case later == nil:
		return false
	}
	return implies(*later, *earlier)
}

func methodCovers(earlier, later *StringMatch) bool {
	return earlier == nil || earlier.Operator == Regex && matchesAll(earlier.Text) || later != nil && implies(*later, *earlier)
}

// withoutCovers reports whether each earlier exclusion follows from a later one
// that excludes at least as much.
func withoutCovers(earlier, later map[string]StringMatch) bool {
	for name, match := range earlier {
		if wider, there := later[name]; !there || !implies(match, wider) {
			return false
		}
	}
	return true
}

// unreachable returns the rules whose every match an earlier rule covers.
func unreachable(rules []Rule) []Problem {
	var all []Problem
	for i, rule := range rules {
		var by []string
		for _, match := range rule.Matches {
			covering := slices.IndexFunc(rules[:i], func(earlier Rule) bool {
				return slices.ContainsFunc(earlier.Matches, func(m Match) bool { return Covers(m, match) })
			})
			if covering < 0 {
				by = nil
				break
			}
			if name := fmt.Sprintf("%q", rules[covering].Name); !slices.Contains(by, name) {
				by = append(by, name)
			}
		}
		if len(by) > 0 {
			all = append(all, problem(fmt.Sprintf("The rule %q is never reached: the first rule that matches decides, and %s before it takes all of its requests. Move it up, or make the earlier one narrower.",
				rule.Name, strings.Join(by, " and ")), "rules", i)...)
		}
	}
	return all
}
