package routing_test

import (
	"strings"
	"testing"

	. "github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// row is a request and who has to answer it: a version, or a status, and behind
// it the path that the application sees, where that matters.
type row struct {
	request string
	want    string
}

// page is a host with rules, and what is asked there.
type page struct {
	name   string
	prefix string // "/" if empty
	rules  []Rule
	rows   []row

	// gatewayOnly marks what the gateway does before it looks at a rule.
	gatewayOnly bool
}

func is(text string) StringMatch     { return StringMatch{Operator: Exact, Text: text} }
func begins(text string) StringMatch { return StringMatch{Operator: Prefix, Text: text} }
func like(text string) StringMatch   { return StringMatch{Operator: Regex, Text: text} }
func anything() StringMatch          { return StringMatch{Operator: Present} }

type matches = map[string]StringMatch

func headers(name string, m StringMatch) Match        { return Match{Headers: matches{name: m}} }
func cookies(name string, m StringMatch) Match        { return Match{Cookies: matches{name: m}} }
func query(name string, m StringMatch) Match          { return Match{Query: matches{name: m}} }
func path(m StringMatch) Match                        { return Match{Path: &m} }
func method(m StringMatch) Match                      { return Match{Method: &m} }
func withoutHeaders(name string, m StringMatch) Match { return Match{WithoutHeaders: matches{name: m}} }

func withoutCookies(name string, m StringMatch) Match { return Match{WithoutCookies: matches{name: m}} }

func pointer(m StringMatch) *StringMatch { return &m }

// on returns the rules of a page with a single one: to v2, and all else to v1.
func on(m ...Match) []Rule { return []Rule{{Name: "rule", Matches: m, Tag: "v2"}} }

// pages are the rules' edge cases. The comment on a row names the wrong
// implementation that it is there to catch.
var pages = []page{
	{name: "header-exact", rules: on(headers("X-User", is("alice"))), rows: []row{
		{"GET /\nx-user: alice", "v2"}, // names compared by case
		{"GET /\nX-USER: alice", "v2"},
		{"GET /\nX-User: Alice", "v1"},              // values compared without case
		{"GET /\nX-User: alice2", "v1"},             // exact sent as a prefix
		{"GET /\nX-User: malice", "v1"},             // exact sent as an expression that isn't anchored
		{"GET /\nX-User: \t alice \t", "v2"},        // spaces around taken for a part of the value
		{"GET /\nX-User: alice\nX-User: bob", "v2"}, // several headers joined by commas, as older gateways do
		{"GET /\nX-User: bob\nX-User: alice", "v2"}, // the first of several headers compared alone
		{"GET /\nX-User: alice,bob", "v1"},          // lists split
		{"GET /\nX-User:", "v1"},                    // exact true of an empty value
		{"GET /", "v1"},                             // a missing header taken for a match
		{"GET /\nX-User2: alice", "v1"},             // the name compared as a prefix
		{"GET /\nCookie: X-User=alice", "v1"},       // headers and cookies mixed up
		{"GET /?X-User=alice", "v1"},                // headers and query mixed up
	}},
	{name: "header-present", rules: on(headers("X-Beta", anything())), rows: []row{
		{"GET /\nX-Beta: 1", "v2"},
		{"GET /\nX-Beta:", "v2"},      // present sent as the expression .+
		{"GET /\nX-Betamax: 1", "v1"}, // the name compared as a prefix
		{"GET /", "v1"},               // present sent as the expression .* of a header that may be missing
	}},
	{name: "header-prefix", rules: on(headers("x-plan", begins("gold."))), rows: []row{
		{"GET /\nX-Plan: gold.x", "v2"},
		{"GET /\nX-Plan: gold.", "v2"},  // a prefix that needs more than itself
		{"GET /\nX-Plan: goldxx", "v1"}, // a prefix sent as an expression without quoting
		{"GET /\nX-Plan: a gold.x", "v1"},
	}},
	{name: "header-regex", rules: on(headers("x-id", like("^[0-9]+|b$")), headers("x-name", like("(?i)bob"))), rows: []row{
		{"GET /\nX-Id: 42", "v2"},    // ^ and $ taken for characters
		{"GET /\nX-Id: a42", "v1"},   // an expression found anywhere in the value
		{"GET /\nX-Id: 42a", "v1"},   // an expression that need not reach the end
		{"GET /\nX-Id: xb", "v1"},    // ^ and $ put around the expression without a group: ^[0-9]+|b$ as it stands
		{"GET /\nX-Name: BOB", "v2"}, // flags lost
	}},
	{name: "cookie-exact", rules: on(cookies("u.d", is("a.b+c"))), rows: []row{
		{"GET /\nCookie: u.d=a.b+c", "v2"},
		{"GET /\nCookie: x=1; u.d=a.b+c; y=2", "v2"},    // an expression for the whole header
		{"GET /\nCookie: x=1; u.d=a.b+c", "v2"},         // a semicolon needed behind it
		{"GET /\nCookie: u.d=a.b+c; x=1", "v2"},         // a semicolon needed before it
		{"GET /\nCookie: x=1;u.d=a.b+c;y=2", "v2"},      // a space needed between cookies
		{"GET /\nCookie: x=1;  u.d=a.b+c", "v2"},        // exactly one space needed
		{"GET /\nCookie: myu.d=a.b+c", "v1"},            // a name found at the end of another
		{"GET /\nCookie: u.d2=a.b+c", "v1"},             // a name found at the beginning of another
		{"GET /\nCookie: uxd=a.b+c", "v1"},              // the name not quoted
		{"GET /\nCookie: u.d=axbbc", "v1"},              // the value not quoted
		{"GET /\nCookie: u.d=a.b+cd", "v1"},             // the value compared as a prefix
		{"GET /\nCookie: U.D=a.b+c", "v1"},              // names of cookies compared without case
		{"GET /\nCookie: u.d=\"a.b+c\"", "v1"},          // quotes taken away
		{"GET /\nCookie: x=u.d=a.b+c", "v1"},            // found in another cookie's value
		{"GET /\nCookie: u.d=no; u.d=a.b+c", "v2"},      // only the first cookie of a name looked at
		{"GET /\nCookie: x=1\nCookie: u.d=a.b+c", "v2"}, // several cookie headers joined by something else than a semicolon
		{"GET /\nCookie: u.d=a.b+c\nCookie: x=1", "v2"}, // only the last cookie header looked at
		{"GET /\ncookie: u.d=a.b+c", "v2"},              // the header's name by case
		{"GET /\nX-Cookie: u.d=a.b+c", "v1"},
	}},
	{name: "cookie-odd", rules: on(cookies("odd", is(`a=b,"c"(|`))), rows: []row{
		{"GET /\nCookie: odd=a=b,\"c\"(|; x=1", "v2"}, // the value cut at = or , or stripped of its quotes; ( and | not quoted
		{"GET /\nCookie: odd=a", "v1"},
	}},
	{name: "cookie-regex", rules: on(cookies("uid", like("b.*z")), cookies("aid", like("^c$"))), rows: []row{
		{"GET /\nCookie: x=1; uid=b1z; y=2", "v2"},
		{"GET /\nCookie: x=1; aid=c; y=2", "v2"}, // ^ and $ left where they can't match
		{"GET /\nCookie: uid=b; y=z", "v1"},      // .* reaching into the next cookie
		{"GET /\nCookie: uid=ab1z", "v1"},
	}},
	{name: "cookie-prefix", rules: on(cookies("uid", begins("4"))), rows: []row{
		{"GET /\nCookie: x=1; uid=42; y=2", "v2"},
		{"GET /\nCookie: uid=; y=4", "v1"}, // the prefix's rest reaching into the next cookie
	}},
	{name: "cookie-present", rules: on(cookies("uid", anything())), rows: []row{
		{"GET /\nCookie: x=1; uid=", "v2"},     // a cookie without a value taken for missing
		{"GET /\nCookie: uid", "v1"},           // the name alone taken for a cookie
		{"GET /\nCookie: x=\xe9; uid=1", "v2"}, // . not true of bytes that are no UTF-8
	}},
	{name: "cookies-both", rules: on(Match{Cookies: matches{"a": is("1"), "b": is("2"), "c": anything()}}), rows: []row{
		{"GET /\nCookie: a=1; b=2; c=", "v2"},
		{"GET /\nCookie: c=3; x=0; b=2; a=1", "v2"}, // one order only
		{"GET /\nCookie: a=1; b=2", "v1"},           // any of them for all
		{"GET /\nCookie: a=1; b=3; c=2", "v1"},
	}},
	{name: "query-exact", rules: on(query("v", is("2"))), rows: []row{
		{"GET /?v=2", "v2"},
		{"GET /?a=1&v=2", "v2"},
		{"GET /?v=2&v=3", "v2"}, // the last of several values
		{"GET /?v=3&v=2", "v1"}, // any of several values
		{"GET /?v=", "v1"},
		{"GET /?v", "v1"},
		{"GET /?V=2", "v1"}, // names compared without case
		{"GET /?xv=2", "v1"},
		{"GET /?v=22", "v1"},
		{"GET /?v=%32", "v1"}, // decoded before it is compared: the description says that it is not
		{"GET /v=2", "v1"},
	}},
	{name: "query-encoded", rules: on(query("q", is("a+b")), query("r", is("a%20b"))), rows: []row{
		{"GET /?q=a+b", "v2"},   // + taken for a space
		{"GET /?q=a%2Bb", "v1"}, // decoded
		{"GET /?r=a%20b", "v2"}, // decoded, so that the encoded text never matches
	}},
	{name: "query-present", rules: on(query("debug", anything())), rows: []row{
		{"GET /?debug", "v2"}, // a value needed
		{"GET /?debug=", "v2"},
		{"GET /?x=1&debug=1", "v2"},
		{"GET /?debugger=1", "v1"},
		{"GET /", "v1"},
	}},
	{name: "query-regex", rules: on(query("v", like("[0-9]+")), query("w", begins("x"))), rows: []row{
		{"GET /?v=42", "v2"},
		{"GET /?v=42x", "v1"}, // an expression found anywhere
		{"GET /?w=xy", "v2"},
	}},
	{name: "path-exact", rules: on(path(is("/cart"))), rows: []row{
		{"GET /cart", "v2"},
		{"GET /cart?x=/y", "v2"}, // the query compared too
		{"GET /cart/", "v1"},     // a slash at the end dropped
		{"GET /Cart", "v1"},      // compared without case
		{"GET /cart/x", "v1"},    // exact sent as a prefix
		{"GET //cart", "v1"},     // several slashes joined
		{"GET /cart%2F", "v1"},   // an encoded slash decoded
		{"GET /cart;a=b", "v1"},  // parameters of the path dropped
	}},
	{name: "path-resolved", gatewayOnly: true, rules: on(path(is("/cart"))), rows: []row{
		{"GET /x/../cart", "v2"},     // .. not resolved: the description says that it is
		{"GET /%63art", "v2"},        // an encoded letter not decoded: the gateway does
		{"GET /x/%2e%2e/cart", "v2"}, // dots not decoded before they are resolved
		{"GET /cart%2Fx", "v1"},      // an encoded slash decoded
	}},
	{name: "path-prefix", rules: on(path(begins("/a"))), rows: []row{
		{"GET /a", "v2"},
		{"GET /ab", "v2"}, // taken for whole segments: the description says that it is not
		{"GET /b/a", "v1"},
	}},
	{name: "path-segment", rules: on(path(begins("/a/"))), rows: []row{
		{"GET /a/", "v2"},
		{"GET /a", "v1"}, // the slash at the end dropped
		{"GET /ab/", "v1"},
		{"GET /a%2Fb", "v1"}, // an encoded slash decoded
	}},
	{name: "path-regex", rules: on(path(like("/v[0-9]+/x"))), rows: []row{
		{"GET /v12/x", "v2"},
		{"GET /v1/x?q=1", "v2"}, // the query compared too
		{"GET /v1/x/y", "v1"},   // not to the end
		{"GET /a/v1/x", "v1"},   // not from the beginning
	}},
	{name: "method", rules: on(method(is("POST")), method(like("PUT|PATCH"))), rows: []row{
		{"POST /\nContent-Length: 0", "v2"},
		{"PATCH /\nContent-Length: 0", "v2"}, // the expression's alternatives not grouped
		{"GET /", "v1"},
		{"GET /\nX-HTTP-Method-Override: POST", "v1"},
	}},
	{name: "without-header", rules: on(Match{Path: pointer(begins("/")), WithoutHeaders: matches{"X-Bot": is("1")}}), rows: []row{
		{"GET /", "v2"}, // a missing header taken for one that doesn't match either way
		{"GET /\nX-Bot: 2", "v2"},
		{"GET /\nX-Bot:", "v2"},
		{"GET /\nx-bot: 1", "v1"},
	}},
	{name: "without-present", rules: on(withoutHeaders("X-Bot", anything())), rows: []row{
		{"GET /", "v2"},
		{"GET /\nX-Bot:", "v1"}, // an empty header taken for a missing one
	}},
	{name: "without-regex", rules: on(withoutHeaders("X-Bot", like(".+"))), rows: []row{
		{"GET /", "v2"},
		{"GET /\nX-Bot:", "v2"},
		{"GET /\nX-Bot: a", "v1"},
	}},
	{name: "without-cookie", rules: on(Match{Cookies: matches{"uid": anything()}, WithoutCookies: matches{"out": is("1"), "bot": anything()}}), rows: []row{
		{"GET /\nCookie: uid=1", "v2"},
		{"GET /\nCookie: uid=1; out=0", "v2"}, // the name alone excluded
		{"GET /\nCookie: out=1; uid=1", "v1"}, // one condition on cookies replacing the other
		{"GET /\nCookie: uid=1; bot=", "v1"},  // all of the excluded needed
		{"GET /", "v1"},
	}},
	{name: "without-cookie-alone", rules: on(withoutCookies("out", is("1"))), rows: []row{
		{"GET /", "v2"}, // no cookie at all taken for no match
		{"GET /\nCookie: out=1", "v1"},
	}},
	{name: "first-wins", rules: []Rule{
		{Name: "zeta", Matches: []Match{headers("x-a", is("1"))}, Tag: "v2"},
		{Name: "alpha", Matches: []Match{headers("x-a", anything()), headers("x-b", anything())}, Tag: "v3"},
	}, rows: []row{
		{"GET /\nX-A: 1\nX-B: 1", "v2"}, // rules sorted by name, or the last one winning
		{"GET /\nX-A: 2", "v3"},         // a rule that ends the search where its header is there
		{"GET /\nX-B: 1", "v3"},         // any-of taken for all-of
	}},
	{name: "all-of", rules: on(Match{Headers: matches{"x-a": is("1"), "x-b": is("2")}, Query: matches{"c": is("3")}, Path: pointer(is("/p")), Method: pointer(is("GET"))}), rows: []row{
		{"GET /p?c=3\nX-A: 1\nX-B: 2", "v2"},
		{"GET /p?c=3\nX-A: 1", "v1"}, // all-of taken for any-of, for each condition
		{"GET /p\nX-A: 1\nX-B: 2", "v1"},
		{"GET /?c=3\nX-A: 1\nX-B: 2", "v1"},
		{"HEAD /p?c=3\nX-A: 1\nX-B: 2", "v1"},
	}},
	{name: "beneath", prefix: "/shop", gatewayOnly: true, rules: on(path(is("/")), path(begins("/api/")), Match{Headers: matches{"x-a": anything()}, Path: pointer(begins("/"))}), rows: []row{
		{"GET /shop", "v2 /"},                // the path / beneath a prefix with a slash only; Istio dropping the rule
		{"GET /shop/", "v2 /"},               // the path / beneath a prefix without a slash only
		{"GET /shop?x=1", "v2 /"},            // the query lost in the rewrite, or compared
		{"GET /shop/api/x?y=1", "v2 /api/x"}, // a rule that is not rebased
		{"GET /shop/other", "v1 /other"},
		{"GET /shop/other\nX-A: 1", "v2 /other"}, // the prefix / rebased to what /shop/other is not
		{"GET /shop//x", "v1"},                   // slashes joined, so that a rule for /x would be meant
		{"GET /shopping", "404"},                 // the prefix compared without segments
		{"GET /api/x", "404"},                    // the rule reaching beyond the prefix
	}},
}

// TestAccRouting asks the gateway itself. One platform serves all of it: to make
// one takes longer than all requests.
func TestAccRouting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	t.Run("sticky-users", s.asksStickyUsers)
	t.Run("sticky-suffix", s.asksStickySuffix)
	t.Run("cookie-crumbs", s.asksCookieCrumbs)
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			d := s.delegate()
			d.Rules = p.rules
			host := s.open(t, p.name, "/"+strings.TrimPrefix(p.prefix, "/"), d)
			for _, r := range p.rows {
				got, err := s.send(host, r.request)
				if err != nil {
					t.Errorf("%q: %s", r.request, err)
					continue
				}
				said := got.String()
				if strings.Contains(r.want, " ") {
					said += " " + got.path
				}
				if said != r.want {
					t.Errorf("%q: answered by %s, want %s", r.request, said, r.want)
				}
				if got.version != got.served {
					t.Errorf("%q: answered by %s, and the version header says %s", r.request, got.version, got.served)
				}
			}
		})
	}
}
