package routing

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCovers(t *testing.T) {
	for name, test := range map[string]struct {
		earlier, later Match
		want           bool
	}{
		"same":                        {headers("a", is("1")), headers("a", is("1")), true},
		"names by case":               {headers("X-A", is("1")), headers("x-a", is("1")), true},
		"another value":               {headers("a", is("1")), headers("a", is("2")), false},
		"fewer conditions":            {headers("a", is("1")), Match{Headers: matches{"a": is("1"), "b": is("1")}, Path: pointer(is("/"))}, true},
		"more conditions":             {Match{Headers: matches{"a": is("1"), "b": is("1")}}, headers("a", is("1")), false},
		"present":                     {headers("a", anything()), headers("a", like("x.*")), true},
		"present of a missing one":    {headers("a", anything()), headers("b", is("1")), false},
		"prefix of exact":             {headers("a", begins("x")), headers("a", is("xy")), true},
		"prefix of prefix":            {headers("a", begins("x")), headers("a", begins("xy")), true},
		"longer prefix":               {headers("a", begins("xy")), headers("a", begins("x")), false},
		"prefix of expression":        {headers("a", begins("x")), headers("a", like("^xy+")), true},
		"prefix of alternatives":      {headers("a", begins("x")), headers("a", like("xy|z")), false},
		"prefix of any case":          {headers("a", begins("x")), headers("a", like("(?i)xy")), false},
		"expression of exact":         {headers("a", like("x.z")), headers("a", is("xyz")), true},
		"expression of longer exact":  {headers("a", like("xy")), headers("a", is("xyz")), false},
		"same expression":             {headers("a", like("x+")), headers("a", like("x+")), true},
		"another expression":          {headers("a", like("x+")), headers("a", like("xx")), false},
		"any expression":              {headers("a", like("^.*$")), headers("a", begins("x")), true},
		"expression of some":          {headers("a", like("[a-z]*")), headers("a", anything()), false},
		"any expression with lines":   {headers("a", like("(?s).*")), headers("a", anything()), true},
		"expression of a character":   {headers("a", like(".+")), headers("a", anything()), false},
		"cookies":                     {cookies("a", anything()), cookies("a", is("1")), true},
		"cookies' case":               {cookies("A", anything()), cookies("a", is("1")), false},
		"cookie and header":           {cookies("a", anything()), headers("a", is("1")), false},
		"query":                       {query("a", anything()), query("a", is("1")), true},
		"root path":                   {path(begins("/")), headers("a", anything()), true},
		"root path with method":       {Match{Path: pointer(begins("/")), Method: pointer(is("GET"))}, headers("a", anything()), false},
		"any path expression":         {path(like(".*")), headers("a", anything()), true},
		"path prefix":                 {path(begins("/a")), path(begins("/ab")), true},
		"path and prefix":             {path(is("/a")), path(begins("/a")), false},
		"path of any":                 {path(begins("/a")), headers("a", anything()), false},
		"method of expression":        {method(like("GET|HEAD")), method(is("GET")), true},
		"any method":                  {method(like(".*")), path(is("/")), true},
		"method of any":               {method(is("GET")), path(is("/")), false},
		"without":                     {withoutHeaders("a", is("1")), withoutHeaders("a", is("1")), true},
		"without of wider without":    {withoutHeaders("a", is("1")), withoutHeaders("a", anything()), true},
		"without of narrower without": {withoutHeaders("a", anything()), withoutHeaders("a", is("1")), false},
		"without of another value":    {withoutHeaders("a", is("1")), headers("A", is("2")), false}, // a: 2, a: 1
		"without of that value":       {withoutHeaders("a", is("1")), headers("a", is("1")), false},
		"without of unknown value":    {withoutHeaders("a", is("1")), headers("a", anything()), false},
		"without of anything":         {withoutHeaders("a", is("1")), path(is("/")), false},
		"without cookie":              {withoutCookies("a", is("1")), withoutCookies("a", begins("1")), true},
		"without one of two cookies":  {withoutCookies("a", is("1")), cookies("a", is("2")), false}, // a=2; a=1
	} {
		if got := Covers(test.earlier, test.later); got != test.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

// request is what conditions are about, for a judge that knows nothing of how
// they are compared.
type request struct {
	headers map[string][]string
	cookies [][2]string
	query   map[string]string
	path    string
	method  string
}

func holds(m StringMatch, text string) bool {
	switch m.Operator {
	case Exact:
		return text == m.Text
	case Prefix:
		return strings.HasPrefix(text, m.Text)
	case Regex:
		return regexp.MustCompile(`^(?:` + m.Text + `)$`).MatchString(text)
	}
	return true
}

func (r request) satisfies(m Match) bool {
	cookie := func(name string, condition StringMatch) bool {
		for _, pair := range r.cookies {
			if pair[0] == name && holds(condition, pair[1]) {
				return true
			}
		}
		return false
	}
	for name, condition := range m.Headers {
		if !slices.ContainsFunc(r.headers[strings.ToLower(name)], func(value string) bool { return holds(condition, value) }) {
			return false
		}
	}
	for name, condition := range m.WithoutHeaders {
		if slices.ContainsFunc(r.headers[strings.ToLower(name)], func(value string) bool { return holds(condition, value) }) {
			return false
		}
	}
	for name, condition := range m.Cookies {
		if !cookie(name, condition) {
			return false
		}
	}
	for name, condition := range m.WithoutCookies {
		if cookie(name, condition) {
			return false
		}
	}
	for name, condition := range m.Query {
		if value, there := r.query[name]; !there || !holds(condition, value) {
			return false
		}
	}
	return (m.Path == nil || holds(*m.Path, r.path)) && (m.Method == nil || holds(*m.Method, r.method))
}

// No rule is called unreachable that a request reaches.
func TestCoversIsSound(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	texts := []string{"a", "ab", "abc", "b", "ba"}
	expressions := []string{"a", "a.*", ".*", "ab?", "(a|b)+", "^ab", "(?i)A.*", ".+", "b|a", "a*b"}
	condition := func() StringMatch {
		switch random.IntN(4) {
		case 0:
			return like(expressions[random.IntN(len(expressions))])
		case 1:
			return anything()
		case 2:
			return begins(texts[random.IntN(len(texts))])
		}
		return is(texts[random.IntN(len(texts))])
	}
	some := func() matches {
		out := matches{}
		for range random.IntN(3) {
			out[[]string{"x", "y"}[random.IntN(2)]] = condition()
		}
		return out
	}
	anyMatch := func() Match {
		m := Match{}
		for _, part := range []*map[string]StringMatch{&m.Headers, &m.Cookies, &m.Query, &m.WithoutHeaders, &m.WithoutCookies} {
			if random.IntN(3) == 0 {
				*part = some()
			}
		}
		if random.IntN(3) == 0 {
			m.Path = pointer([]StringMatch{begins("/"), begins("/a"), is("/a"), is("/ab"), like("/a.*"), like(".*")}[random.IntN(6)])
		}
		if random.IntN(4) == 0 {
			m.Method = pointer([]StringMatch{is("GET"), is("PUT"), like("GET|PUT"), like(".*")}[random.IntN(4)])
		}
		return m
	}
	value := func() string { return append(texts, "", "c")[random.IntN(7)] }
	anyRequest := func() request {
		r := request{headers: map[string][]string{}, query: map[string]string{}, path: []string{"/", "/a", "/ab", "/b"}[random.IntN(4)], method: []string{"GET", "PUT", "POST"}[random.IntN(3)]}
		for _, name := range []string{"x", "y"} {
			for range random.IntN(3) {
				r.headers[name], r.query[name] = append(r.headers[name], value()), value()
				r.cookies = append(r.cookies, [2]string{name, value()})
			}
		}
		return r
	}
	covered := 0
	for range 4000 {
		earlier, later := anyMatch(), anyMatch()
		if !Covers(earlier, later) {
			continue
		}
		covered++
		for range 60 {
			if r := anyRequest(); r.satisfies(later) && !r.satisfies(earlier) {
				t.Fatalf("%+v is said to cover %+v, but not %+v", earlier, later, r)
			}
		}
	}
	if covered < 200 {
		t.Errorf("only %d pairs were covered", covered)
	}
}

func TestUnreachable(t *testing.T) {
	all := []Rule{
		{"ios", []Match{headers("x-os", is("ios")), headers("x-os", begins("mac"))}, "v2"},
		{"staff", []Match{cookies("staff", anything())}, "v2"},
		{"mac", []Match{{Headers: matches{"x-os": is("macos")}, Path: pointer(is("/"))}, headers("x-os", is("ios"))}, "v3"},
		{"partly", []Match{headers("x-os", is("ios")), headers("x-os", is("linux"))}, "v3"},
		{"joined", []Match{headers("x-os", is("ios")), {Cookies: matches{"staff": is("1")}}}, "v3"},
	}
	problems := ValidateRules(all)
	var got []string
	for _, problem := range problems {
		got = append(got, problem.String())
	}
	if len(got) != 2 || !strings.HasPrefix(got[0], `rules[2]: The rule "mac" is never reached: the first rule that matches decides, and "ios" before it`) ||
		!strings.HasPrefix(got[1], `rules[4]: The rule "joined" is never reached: the first rule that matches decides, and "ios" and "staff" before it`) {
		t.Errorf("got %q", got)
	}
}
