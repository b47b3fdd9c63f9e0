package routing

import (
	"reflect"
	"strings"
	"testing"
)

// beta is a rule with a name and that match.
func beta(m ...Match) []Rule { return []Rule{{Name: "beta", Matches: m, Tag: "v2"}} }

func headers(name string, m StringMatch) Match { return Match{Headers: matches{name: m}} }
func cookies(name string, m StringMatch) Match { return Match{Cookies: matches{name: m}} }
func query(name string, m StringMatch) Match   { return Match{Query: matches{name: m}} }
func path(m StringMatch) Match                 { return Match{Path: &m} }
func method(m StringMatch) Match               { return Match{Method: &m} }
func withoutHeaders(name string, m StringMatch) Match {
	return Match{WithoutHeaders: matches{name: m}}
}

func withoutCookies(name string, m StringMatch) Match {
	return Match{WithoutCookies: matches{name: m}}
}

func TestValidateAccepts(t *testing.T) {
	for name, m := range map[string]Match{
		"header":                     headers("X-User", is("a b")),
		"header of all tokens":       headers("!#$%&'*+-.^_`|~0aZ", anything()),
		"header in UTF-8":            headers("x-user", is("日本")),
		"header, long prefix":        headers("x-user", begins(strings.Repeat("a", 2000))),
		"header's trailing space":    headers("x-user", begins("a ")),
		"header, expression":         headers("x-user", like(`(?i)^a+\.b{2,5}[[:alpha:]]\pL\p{Greek}\Q?\E$`)),
		"escaped backslash before p": headers("x-user", like(`\\p{Foo}`)),
		"longest expression":         headers("x-user", like(strings.Repeat("a", 1024))),
		"cookie":                     cookies("uid", is(`a=b,"c" d`)),
		"cookie, expression":         cookies("uid", like("^.*[a-z]$")),
		"three cookies":              {Cookies: matches{"a": anything(), "b": is("1"), "c": begins("x")}},
		"query":                      query("v", is("a%20b+c=d")),
		"query in brackets":          query("a[b]", anything()),
		"path":                       path(is("/")),
		"path, prefix":               path(begins("/a/b.c/%2F")),
		"path, expression":           path(like(`/v[0-9]+/.*`)),
		"path, expression, any":      path(like(`.*\.html`)),
		"method":                     method(is("M-SEARCH")),
		"method, expression":         method(like("GET|HEAD")),
		"without header":             withoutHeaders("x-bot", like(".+")),
		"without cookie":             withoutCookies("uid", like(".*")),
		"header and without":         {Headers: matches{"a": anything()}, WithoutHeaders: matches{"A": is("1")}},
	} {
		if problems := ValidateRules(beta(m)); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	if problems := ValidateRules(nil); problems != nil {
		t.Errorf("no rules: %v", problems)
	}
}

func TestValidateRefuses(t *testing.T) {
	for want, m := range map[string]Match{
		": An empty match is true of every request":                                                                                                        {},
		`.headers["Cookie"]: All cookies of a request are in this one header: use cookies`:                                                                 headers("Cookie", anything()),
		`.without_headers["cookie"]: All cookies of a request are in this one header: use without_cookies`:                                                 withoutHeaders("cookie", anything()),
		`.headers["method"]: Istio takes "method"`:                                                                                                         headers("method", is("GET")),
		`.headers["URI"]: Istio takes "uri"`:                                                                                                               headers("URI", is("/")),
		`.headers["scheme"]: Istio takes`:                                                                                                                  headers("scheme", is("http")),
		`.headers["authority"]: Istio takes`:                                                                                                               headers("authority", is("a")),
		`.headers["Host"]: Istio takes`:                                                                                                                    headers("Host", is("a")),
		`.headers[":path"]: Istio takes`:                                                                                                                   headers(":path", is("a")),
		`.headers["@request.auth.claims.sub"]: Istio takes`:                                                                                                headers("@request.auth.claims.sub", is("a")),
		`.headers[""]: "" can't be a header's name`:                                                                                                        headers("", anything()),
		`.headers["x user"]: "x user" can't be a header's name`:                                                                                            headers("x user", anything()),
		`.headers["x-user:"]: "x-user:" can't be`:                                                                                                          headers("x-user:", anything()),
		`.headers["x-ü"]: "x-ü" can't be`:                                                                                                                  headers("x-ü", anything()),
		`.headers["x-a"]: It is the same header as "X-A"`:                                                                                                  {Headers: matches{"x-a": is("1"), "X-A": is("1")}},
		`.headers["a"].exact: It must not be empty: use present`:                                                                                           headers("a", is("")),
		`.headers["a"].prefix: It must not be empty`:                                                                                                       headers("a", begins("")),
		`.headers["a"].regex: It must not be empty`:                                                                                                        headers("a", like("")),
		`.headers["a"]: Use exactly one of exact, prefix, regex and present`:                                                                               headers("a", StringMatch{}),
		`.headers["a"].exact: Spaces around`:                                                                                                               headers("a", is("b ")),
		`.headers["a"].prefix: Spaces around`:                                                                                                              headers("a", begins(" b")),
		`.headers["a"].exact: It holds a control character`:                                                                                                headers("a", is("b\nc")),
		`.headers["a"].regex: It holds a control character`:                                                                                                headers("a", like("b\x00")),
		`.headers["a"].regex: It comes to a regular expression of 1025`:                                                                                    headers("a", like(strings.Repeat("a", 1025))),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: missing closing ): \"(\"":                                     headers("a", like("(")),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: missing argument":                                             headers("a", like("*")),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: invalid or unsupported Perl":                                  headers("a", like("(?=a)")),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: invalid escape":                                               headers("a", like(`(a)\1`)),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: invalid repeat count":                                         headers("a", like("a{1001}")),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: the gateway may not know the class \\p{Letter}":               headers("a", like(`\p{Letter}`)),
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: it would take the gateway too large":                          headers("a", like(`\pL{900}`)),
		`.cookies["a;b"]: "a;b" can't be a cookie's name`:                                                                                                  cookies("a;b", anything()),
		`.cookies["a=b"]: "a=b" can't be a cookie's name`:                                                                                                  cookies("a=b", anything()),
		`.cookies[""]: "" can't be a cookie's name`:                                                                                                        cookies("", anything()),
		`.cookies["a"].exact: It can't be used for a cookie: a cookie's value can't contain a semicolon`:                                                   cookies("a", is("b;c")),
		`.cookies["a"].prefix: It can't be used for a cookie: a cookie's value can't contain a semicolon`:                                                  cookies("a", begins("b;")),
		`.cookies["a"].regex: It can't be used for a cookie: a cookie's value can't contain a semicolon`:                                                   cookies("a", like("b;c")),
		`.cookies["a"].regex: It can't be used for a cookie: ^ and $ can only stand`:                                                                       cookies("a", like("a|^b")),
		`.cookies["a"].exact: Spaces around`:                                                                                                               cookies("a", is(" b")),
		`.cookies["a"].exact: It must not be empty`:                                                                                                        cookies("a", is("")),
		`.cookies: It comes to a regular expression of`:                                                                                                    cookies("a", is(strings.Repeat("b", 1020))),
		`.cookies: A match can ask for 3 cookies at most, and this one asks for 4`:                                                                         {Cookies: matches{"a": anything(), "b": anything(), "c": anything(), "d": anything()}},
		`.cookies: Together they come to a regular expression that the gateway can't use: it would take the gateway too large`:                             {Cookies: matches{"a": like(".{50}"), "b": like(".{50}"), "c": like(".{50}")}},
		".headers[\"a\"].regex: It is no regular expression of RE2 that the gateway can use: it would take":                                                headers("a", like("(.{0,30}){0,30}")),
		".headers[\"b\"].regex: It is no regular expression of RE2 that the gateway can use: invalid repeat":                                               headers("b", like("((a{50}){50}){50}")),
		`.without_cookies["a b"]: `:                                                                                                                        withoutCookies("a b", anything()),
		`.query[""]: A query parameter needs a name`:                                                                                                       query("", anything()),
		`.query["a&b"]: The gateway compares names and values as they are sent, so this would never match: write it as the URL has it, usually "a%26b".`:   query("a&b", anything()),
		`.query["a"].exact: The gateway compares names and values as they are sent, so this would never match: write it as the URL has it, usually "b+c".`: query("a", is("b c")),
		`.query["a"].prefix: The gateway compares`:                                                                                                         query("a", begins("ü")),
		`.query["a"].exact: It must not be empty`:                                                                                                          query("a", is("")),
		`.path.present: Every request has a path`:                                                                                                          path(anything()),
		`.path.exact: Paths begin with a slash: "/a".`:                                                                                                     path(is("a")),
		`.path.prefix: Paths begin with a slash: "/a/".`:                                                                                                   path(begins("a/")),
		`.path.regex: Paths begin with a slash`:                                                                                                            path(like("^a.*")),
		`.path.exact: The query is no part of the path`:                                                                                                    path(is("/a?b=c")),
		`.path.prefix: The query is no part of the path`:                                                                                                   path(begins("/a#b")),
		`.path.exact: The gateway compares paths as they are sent, so this would never match: write "/a%20b".`:                                             path(is("/a b")),
		`.path.exact: The gateway resolves . and ..`:                                                                                                       path(is("/a/../b")),
		`.path.prefix: The gateway resolves . and ..`:                                                                                                      path(begins("/a/.")),
		`.path.exact: It must not be empty`:                                                                                                                path(is("")),
		`.method.prefix: Use exact or regex`:                                                                                                               method(begins("P")),
		`.method.present: Use exact or regex`:                                                                                                              method(anything()),
		`.method.exact: "post" is no method`:                                                                                                               method(is("post")),
		`.without_headers["a"].regex: It is true of an empty value`:                                                                                        withoutHeaders("a", like("b*")),
	} {
		problems := ValidateRules(beta(headers("x-other", anything()), m))
		if len(problems) != 1 {
			t.Errorf("%s: got %v", want, problems)
			continue
		}
		if got := problems[0].String(); !strings.HasPrefix(got, "rules[0].match[1]"+want) {
			t.Errorf("got  %s\nwant rules[0].match[1]%s", got, want)
		}
	}
}

func TestValidateRuleNames(t *testing.T) {
	m := []Match{headers("a", anything())}
	rules := []Rule{{"a", m, "v"}, {"a", []Match{headers("b", anything())}, "v"}, {"traffic.percents", m, "v"}, {"", m, "v"}, {strings.Repeat("a", 64), m, "v"}, {"-a", m, "v"}, {"b", nil, "v"}}
	var got []string
	for _, problem := range ValidateRules(rules) {
		text, _, _ := strings.Cut(problem.String(), ": ")
		got = append(got, text)
	}
	want := []string{"rules[1].name", "rules[2].name", "rules[3].name", "rules[4].name", "rules[5].name", "rules[6].match"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestVersionHeader(t *testing.T) {
	for name, ok := range map[string]bool{"": true, "X-Version": true, "host": false, "a b": false, ":status": false, "Set-Cookie": false, "content-length": false} {
		if problems := ValidateVersionHeader(name); (len(problems) == 0) != ok {
			t.Errorf("%q: %v", name, problems)
		}
	}
}
