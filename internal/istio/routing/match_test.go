package routing

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"

	networking "istio.io/api/networking/v1"
)

func is(text string) StringMatch         { return StringMatch{Exact, text} }
func begins(text string) StringMatch     { return StringMatch{Prefix, text} }
func like(text string) StringMatch       { return StringMatch{Regex, text} }
func anything() StringMatch              { return StringMatch{Operator: Present} }
func pointer(m StringMatch) *StringMatch { return &m }

type matches = map[string]StringMatch

func TestExpand(t *testing.T) {
	for name, test := range map[string]struct {
		match Match
		want  string
	}{
		"headers": {
			Match{Headers: matches{"X-User": is("a b"), "x-beta": anything(), "x-p": begins("p"), "x-r": like("a|b")}},
			`{"headers":{"x-beta":{},"x-p":{"prefix":"p"},"x-r":{"regex":"a|b"},"x-user":{"exact":"a b"}}}`,
		},
		"without": {
			Match{WithoutHeaders: matches{"X-Bot": anything()}, WithoutCookies: matches{"a": is("1"), "b": anything()}},
			`{"withoutHeaders":{"cookie":{"regex":"(?:.*; *)?(?:a=1|b=[^;]*)(?:;.*)?"},"x-bot":{}}}`,
		},
		"query, path, method": {
			Match{Query: matches{"Debug": anything(), "v": is("2")}, Path: pointer(begins("/a")), Method: pointer(like("GET|HEAD"))},
			`{"method":{"regex":"GET|HEAD"},"queryParams":{"Debug":{},"v":{"exact":"2"}},"uri":{"prefix":"/a"}}`,
		},
		"cookie exact":  {Match{Cookies: matches{"uid": is("4.2")}}, `{"headers":{"cookie":{"regex":"(?:.*; *)?uid=4\\.2(?:;.*)?"}}}`},
		"cookie prefix": {Match{Cookies: matches{"u.d": begins("4")}}, `{"headers":{"cookie":{"regex":"(?:.*; *)?u\\.d=4[^;]*(?:;.*)?"}}}`},
		"cookie regex":  {Match{Cookies: matches{"uid": like("^a|b.$")}}, ``},
		"cookie class":  {Match{Cookies: matches{"uid": like("[0-9]+")}}, `{"headers":{"cookie":{"regex":"(?:.*; *)?uid=(?:[0-9]+)(?:;.*)?"}}}`},
		"both kinds of cookies": {
			Match{Cookies: matches{"a": anything()}, WithoutCookies: matches{"b": anything()}},
			`{"headers":{"cookie":{"regex":"(?:.*; *)?a=[^;]*(?:;.*)?"}},"withoutHeaders":{"cookie":{"regex":"(?:.*; *)?b=[^;]*(?:;.*)?"}}}`,
		},
		"two cookies": {
			Match{Cookies: matches{"b": is("2"), "a": is("1")}},
			`{"headers":{"cookie":{"regex":"(?:.*; *)?(?:a=1(?:;.*)?; *b=2|b=2(?:;.*)?; *a=1)(?:;.*)?"}}}`,
		},
	} {
		if test.want == "" {
			if problems := test.match.problems(); len(problems) == 0 {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		text, err := Expand(test.match).MarshalJSON()
		var sorted any
		if err == nil {
			err = json.Unmarshal(text, &sorted)
		}
		if got, _ := json.Marshal(sorted); err != nil || string(got) != asJSON(t, test.want) {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

func asJSON(t *testing.T, text string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(value)
	return string(out)
}

// What the cookie expressions are true of, by Go's own engine. The acceptance
// test asks the gateway the same.
func TestCookieExpressions(t *testing.T) {
	for _, test := range []struct {
		cookies matches
		header  string
		want    bool
	}{
		{matches{"uid": is("42")}, "uid=42", true},
		{matches{"uid": is("42")}, "a=1; uid=42", true},
		{matches{"uid": is("42")}, "a=1;uid=42", true},
		{matches{"uid": is("42")}, "uid=42; b=2", true},
		{matches{"uid": is("42")}, "a=1; uid=42; b=2", true},
		{matches{"uid": is("42")}, "myuid=42", false},
		{matches{"uid": is("42")}, "my uid=42", false},
		{matches{"uid": is("42")}, "uid2=42", false},
		{matches{"uid": is("42")}, "uid=421", false},
		{matches{"uid": is("42")}, "uid=142", false},
		{matches{"uid": is("42")}, `uid="42"`, false},
		{matches{"uid": is("42")}, "UID=42", false},
		{matches{"uid": is("42")}, "a=uid=42", false},
		{matches{"uid": is("4.2")}, "uid=4x2", false},
		{matches{"uid": is("a+(b)|c")}, "uid=a+(b)|c", true},
		{matches{"uid": is("a=b")}, "x=1; uid=a=b", true},
		{matches{"uid": begins("4")}, "uid=42; b=1", true},
		{matches{"uid": begins("4")}, "uid=; b=4", false},
		{matches{"uid": anything()}, "uid=", true},
		{matches{"uid": anything()}, "uid", false},
		{matches{"uid": like("a.*z")}, "uid=abz; c=1", true},
		{matches{"uid": like("a.*z")}, "uid=a; b=z", false},
		{matches{"uid": like("[^0-9]*")}, "uid=a; b", true},
		{matches{"uid": like("[^0-9]+!")}, "uid=a; b!", false},
		{matches{"uid": like("^(1|2)$")}, "b=3; uid=2; c=4", true},
		{matches{"uid": like("(?i)abc")}, "uid=ABC", true},
		{matches{"uid": like(`\Qa|b\E`)}, "uid=a|b", true},
		{matches{"uid": like("a|b")}, "uid=b; c=1", true},
		{matches{"uid": like("a|b")}, "b", false},
		{matches{"a": is("1"), "b": is("2")}, "b=2; x=3; a=1", true},
		{matches{"a": is("1"), "b": is("2")}, "a=1;b=2", true},
		{matches{"a": is("1"), "b": is("2")}, "a=1", false},
		{matches{"a": is("1"), "b": is("2"), "c": is("3")}, "c=3; a=1; b=2", true},
		{matches{"a": is("1"), "b": is("2"), "c": is("3")}, "c=3; a=1; b=1", false},
	} {
		if problems := (Match{Cookies: test.cookies}).problems(); len(problems) > 0 {
			t.Errorf("%v: %v", test.cookies, problems)
			continue
		}
		expression := regexp.MustCompile(`^(?:` + allCookies(test.cookies) + `)$`)
		if got := expression.MatchString(test.header); got != test.want {
			t.Errorf("%v, %q: %t by %s", test.cookies, test.header, got, expression)
		}
	}
}

// What is written is read back; an expression for a cookie once more in the form
// that it was given, which then stays.
func TestMatchRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 11))
	texts := []string{"a", "4.2", `\d+`, "a|b", "(x)", "[^;]*", "x=[y]", `"q"`, "a,b", "%41", "(?:a)", "[|]", `\Q|\E`, "[^a]+", ".*", "[[:alpha:]|]", "(?i)b.", "$", "(?:.*; *)?"}
	names := []string{"a", "x-User", "u.d", "$b", "a|b", "c+"}
	condition := func() StringMatch {
		return StringMatch{[]Operator{Exact, Prefix, Regex, Present}[random.IntN(4)], texts[random.IntN(len(texts))]}
	}
	some := func(most int) matches {
		out := matches{}
		for range random.IntN(most + 1) {
			match := condition()
			if match.Operator == Present {
				match.Text = ""
			}
			out[names[random.IntN(len(names))]] = match
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	tried := 0
	for range 800 {
		m := Match{Headers: some(1), Cookies: some(3), Query: some(1), WithoutHeaders: some(1), WithoutCookies: some(3)}
		if random.IntN(2) == 0 {
			m.Path = pointer(StringMatch{Prefix, "/" + names[random.IntN(2)]})
		}
		if random.IntN(2) == 0 {
			m.Method = pointer(is("GET"))
		}
		if len(m.problems()) > 0 {
			continue
		}
		tried++
		request := Expand(m)
		got, ok := ParseMatch(request)
		if !ok {
			t.Fatalf("%+v is not read back from %v", m, request)
		}
		again := Expand(got)
		if !equalRoutes(&networking.HTTPRoute{Match: []*networking.HTTPMatchRequest{request}}, &networking.HTTPRoute{Match: []*networking.HTTPMatchRequest{again}}) {
			t.Fatalf("%+v comes back as %+v: %v, %v", m, got, request, again)
		}
		if same, _ := ParseMatch(again); !reflect.DeepEqual(same, got) {
			t.Fatalf("%+v comes back as %+v", got, same)
		}
		for name, cookie := range got.Cookies {
			if cookie.Operator != m.Cookies[name].Operator || cookie.Operator != Regex && cookie != m.Cookies[name] {
				t.Fatalf("%+v comes back as %+v", m, got)
			}
		}
	}
	if tried < 150 {
		t.Errorf("only %d of the matches were valid", tried)
	}
}

func TestParseMatchRefuses(t *testing.T) {
	header := func(name, expression string) *networking.HTTPMatchRequest {
		return &networking.HTTPMatchRequest{Headers: map[string]*networking.StringMatch{name: like(expression).expand()}}
	}
	for name, request := range map[string]*networking.HTTPMatchRequest{
		"nothing":               nil,
		"empty":                 {},
		"name":                  {Name: "x", Method: is("GET").expand()},
		"port":                  {Port: 80, Method: is("GET").expand()},
		"scheme":                {Scheme: is("http").expand()},
		"authority":             {Authority: is("a").expand()},
		"gateways":              {Gateways: []string{"mesh"}, Method: is("GET").expand()},
		"case":                  {IgnoreUriCase: true, Uri: is("/a").expand()},
		"labels":                {SourceLabels: map[string]string{"a": "b"}, Method: is("GET").expand()},
		"namespace":             {SourceNamespace: "a", Method: is("GET").expand()},
		"statistics":            {StatPrefix: "a", Method: is("GET").expand()},
		"pseudo header":         header(":path", "/a"),
		"claim":                 header("@request.auth.claims.a", "b"),
		"any path":              {Uri: &networking.StringMatch{}},
		"method by prefix":      {Method: begins("G").expand()},
		"exact cookies":         {Headers: map[string]*networking.StringMatch{"cookie": is("a=1").expand()}},
		"another cookie regex":  header("cookie", "^(.*; *)?uid=42(;.*)?$"),
		"one order of cookies":  header("cookie", "(?:.*; *)?a=1(?:;.*)?; *b=2(?:;.*)?"),
		"unordered cookies":     header("cookie", "(?:.*; *)?(?:b=2(?:;.*)?; *a=1|a=1(?:;.*)?; *b=2)(?:;.*)?"),
		"same cookie twice":     {WithoutHeaders: map[string]*networking.StringMatch{"cookie": like("(?:.*; *)?(?:a=1|a=2)(?:;.*)?").expand()}},
		"unquoted":              header("cookie", "(?:.*; *)?a=1.2(?:;.*)?"),
		"across cookies":        header("cookie", "(?:.*; *)?a=(?:1.*2)(?:;.*)?"),
		"broken":                header("cookie", `(?:.*; *)?a=(?:\)(?:;.*)?`),
		"broken class":          header("cookie", `(?:.*; *)?(?:a=[)(?:;.*)?`),
		"empty prefix":          {Uri: begins("").expand()},
		"without a header's ''": {WithoutHeaders: map[string]*networking.StringMatch{"a": like(".*").expand()}},
	} {
		if got, ok := ParseMatch(request); ok {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestParsePresent(t *testing.T) {
	request := &networking.HTTPMatchRequest{WithoutHeaders: map[string]*networking.StringMatch{"a": like("*").expand(), "b": nil}}
	got, ok := ParseMatch(request)
	if want := (Match{WithoutHeaders: matches{"a": anything(), "b": anything()}}); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %t", got, ok)
	}
}

func TestConfine(t *testing.T) {
	for expression, want := range map[string]string{
		"[0-9]+":  "[0-9]+",
		"a|b":     "a|b",
		"^a$":     "a",
		"(?:^a$)": "a",
		"^$":      "(?:)",
		"(^a$)":   "a",
	} {
		if got, err := confine(expression); err != nil || got != want {
			t.Errorf("%s: got %s, %v", expression, got, err)
		}
	}
	for _, expression := range []string{".*", "[^a]+", "a.c", `\D`, `(?s:.)`, "(?i)x.", `\S{2}`, `[:-<]`, `\x3a-\x3c`, `\Qa.b\E.`} {
		confined, err := confine(expression)
		if err != nil {
			t.Errorf("%s: %s", expression, err)
			continue
		}
		if again, err := confine(confined); err != nil || again != confined {
			t.Errorf("%s: %s becomes %s, %v", expression, confined, again, err)
		}
		original := whole(expression)
		for _, text := range []string{"", "a", "abc", "a;c", ";", "b", "xX", "<:", "zz", "::", "Xy", "日", "a.bc", "a.b;"} {
			want := original.MatchString(text) && !strings.Contains(text, ";")
			if got := whole(confined).MatchString(text); got != want {
				t.Errorf("%s, confined %s, %q: got %t", expression, confined, text, got)
			}
		}
	}
	for _, expression := range []string{"a;b", "[;]", "a|^b", "a$b", `\x3b`, "(?m)^a", "("} {
		if got, err := confine(expression); err == nil {
			t.Errorf("%s: accepted as %s", expression, got)
		}
	}
}
