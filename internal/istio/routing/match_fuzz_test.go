package routing

import (
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// holdsOf is what a condition says of a text, told without the expressions that the
// gateway gets.
func holdsOf(m StringMatch, text string) bool {
	switch m.Operator {
	case Exact:
		return text == m.Text
	case Prefix:
		return strings.HasPrefix(text, m.Text)
	case Regex:
		longest := regexp.MustCompile(m.Text)
		longest.Longest()
		at := longest.FindStringIndex(text)
		// The leftmost match need not be the longest of all: only the whole counts.
		return at != nil && at[0] == 0 && at[1] == len(text) || regexp.MustCompile(`\A(?:`+m.Text+`)\z`).MatchString(text)
	}
	return true
}

// A rule that is accepted is one that the gateway can have; what is read back of it
// is the rule; and the expression over the header of all cookies is true of exactly
// those requests of which the rule is.
func FuzzMatch(f *testing.F) {
	operators := []Operator{Exact, Prefix, Regex, Present}
	f.Add(uint8(0), "uid", "42", "uid", "42", "b", "1")
	f.Add(uint8(1), "uid", "4", "a", "1", "uid", "42")
	f.Add(uint8(2), "uid", "4.*|z", "uid", "5", "a", "z")
	f.Add(uint8(2), "u.d", "^[^a]+$", "uxd", "b", "u.d", "b")
	f.Add(uint8(2), "uid", `\Qa;b\E`, "uid", "a", "b", "")
	f.Add(uint8(3), "uid", "", "xuid", "1", "uid", "")
	f.Fuzz(func(t *testing.T, operator uint8, name, text, firstName, first, secondName, second string) {
		condition := StringMatch{operators[int(operator)%len(operators)], text}
		if condition.Operator == Present {
			condition.Text = ""
		}
		for where, m := range map[string]Match{
			"header":          {Headers: map[string]StringMatch{strings.ToLower(name): condition}},
			"cookie":          {Cookies: map[string]StringMatch{name: condition}},
			"two cookies":     {Cookies: map[string]StringMatch{name: condition, "other": {Exact, "x"}}},
			"without cookies": {WithoutCookies: map[string]StringMatch{name: condition, "other": {Exact, "x"}}},
			"query":           {Query: map[string]StringMatch{name: condition}},
			"path":            {Path: &condition},
		} {
			if len(ValidateRules([]Rule{{Name: "it", Tag: "it", Matches: []Match{m}}})) > 0 {
				continue
			}
			expanded := Expand(m)
			for header, has := range expanded.Headers {
				expression := has.GetRegex()
				if _, err := regexp.Compile(expression); err != nil || len(expression) > maxExpression {
					t.Errorf("%s: %s is no expression for the gateway: %d bytes, %v", where, header, len(expression), err)
				}
			}
			back, ok := ParseMatch(expanded)
			if !ok {
				t.Errorf("%s: %+v can't be read back", where, m)
			}
			// A cookie's expression may come back in other words.
			if again := Expand(back); ok && !reflect.DeepEqual(again.String(), expanded.String()) {
				t.Errorf("%s: %+v comes back as %+v", where, m, back)
			}
		}

		// A cookie is what RFC 6265 has, but for its quotes.
		for _, part := range []string{firstName, first, secondName, second} {
			if strings.ContainsAny(part, "; \t\r\n\x00") || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r > '~' }) {
				return
			}
		}
		if firstName == "" || secondName == "" || strings.Contains(firstName+secondName, "=") {
			return
		}
		m := Match{Cookies: map[string]StringMatch{name: condition}}
		if len(ValidateRules([]Rule{{Name: "it", Tag: "it", Matches: []Match{m}}})) > 0 {
			return
		}
		want := firstName == name && holdsOf(condition, first) || secondName == name && holdsOf(condition, second)
		header := http.Header{"Cookie": {firstName + "=" + first + "; " + secondName + "=" + second}}
		// The oracle knows nothing of the header's name, which Matches asks in lower case.
		header["cookie"] = header["Cookie"]
		if got := m.Matches(http.MethodGet, "/", header); got != want {
			t.Errorf("%+v of %q: %t, want %t (%s)", condition, header["Cookie"], got, want, allCookies(m.Cookies))
		}
		if got := (Match{WithoutCookies: m.Cookies}).Matches(http.MethodGet, "/", header); got == want {
			t.Errorf("without %+v of %q: %t", condition, header["Cookie"], got)
		}
	})
}
