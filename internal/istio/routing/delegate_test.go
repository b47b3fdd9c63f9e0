package routing

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// release is a delegate with something of everything.
func release() Delegate {
	return Delegate{
		Application:   Application{"prod", "web"},
		ClusterDomain: "cluster.local",
		Gateway:       Gateway{"knative-local-gateway.istio-system.svc.cluster.local", 80},
		Targets:       []Target{{"v1", 70, "1.0"}, {"v2", 20, "100%"}, {"v3", 10, "3.0"}, {"old", 0, "0.9"}},
		Rules: []Rule{
			{"staff", []Match{
				{Cookies: matches{"uid": is("4.2"), "beta": anything()}, WithoutHeaders: matches{"X-Bot": anything()}},
				{Headers: matches{"X-User": like("a.+")}, Path: pointer(begins("/api/")), Query: matches{"v": is("2")}},
			}, "v2"},
			{"archive", []Match{{Path: pointer(is("/")), Method: pointer(is("POST"))}}, "old"},
		},
		Sticky:        &Sticky{Cookie: "sls-uid", TTL: 24 * time.Hour, Domain: "example.com"},
		VersionHeader: "x-version",
	}
}

// The whole VirtualService, to the letter: a change of it is a change of every
// application's routes at the next apply.
func TestSpecGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/delegate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := yaml.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	got, err := Fields(release().Spec())
	if err != nil {
		t.Fatal(err)
	}
	out, _ := yaml.Marshal(got)
	if again, _ := yaml.Marshal(want); string(out) != string(again) {
		t.Errorf("got\n%s", out)
	}
}

// shapes are delegates of every kind.
func shapes() map[string]Delegate {
	with := func(change func(*Delegate)) Delegate {
		d := release()
		change(&d)
		return d
	}
	return map[string]Delegate{
		"everything": release(),
		"percents":   with(func(d *Delegate) { d.Rules, d.Sticky, d.VersionHeader = nil, nil, "" }),
		"one": with(func(d *Delegate) {
			d.Targets, d.Rules, d.Sticky = []Target{{"v1", 100, "1.0"}}, nil, nil
		}),
		"one, sticky":   with(func(d *Delegate) { d.Targets, d.Rules = []Target{{"v1", 100, "1.0"}}, nil }),
		"suffix":        with(func(d *Delegate) { d.Sticky = &Sticky{Cookie: "u.d", SuffixDigits: 2} }),
		"header suffix": with(func(d *Delegate) { d.Sticky = &Sticky{Header: "x-account", SuffixDigits: 3} }),
		"without names": with(func(d *Delegate) { d.VersionHeader = "" }),
	}
}

// What Spec writes, Parse reads, also after the way through the API server.
func TestParse(t *testing.T) {
	for name, want := range shapes() {
		if problems := want.Validate(); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		fields, err := Fields(want.Spec())
		if err != nil {
			t.Fatal(err)
		}
		spec, err := Decode(&kube.Object{Object: map[string]any{"spec": fields}})
		if err != nil {
			t.Fatal(err)
		}
		got, drift := Parse(spec, Delegate{Application: want.Application, ClusterDomain: want.ClusterDomain, Gateway: want.Gateway})
		if len(drift) > 0 {
			t.Errorf("%s: drift %q", name, drift)
		}
		if !Equal(got.Spec(), want.Spec()) {
			t.Errorf("%s: got %+v", name, got)
		}
		if name != "everything" {
			continue
		}
		want.Rules[0].Matches[0].WithoutHeaders = matches{"x-bot": anything()}
		want.Rules[0].Matches[1].Headers = matches{"x-user": like("a.+")}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// What a hand edit did that the attributes can't say is told in words.
func TestParseDrift(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*networking.VirtualService)
		want string
	}{
		"no percents": {func(s *networking.VirtualService) { s.Http = s.Http[:len(s.Http)-1] }, `The route "traffic.percents" is missing`},
		"elsewhere": {func(s *networking.VirtualService) {
			last(s).Route[0].Headers.Request.Set[":authority"] = "v1-web.test.svc.cluster.local"
		}, `The route "traffic.percents" leads to something else`},
		"no tag": {func(s *networking.VirtualService) {
			last(s).Route[0].Headers.Request.Set[":authority"] = "web.prod.svc.cluster.local"
		}, `The route "traffic.percents" leads to something else`},
		"another gateway":      {func(s *networking.VirtualService) { last(s).Route[0].Destination.Host = "other" }, `The route "traffic.percents" leads to something else`},
		"another port":         {func(s *networking.VirtualService) { last(s).Route[0].Destination.Port.Number = 81 }, `The route "traffic.percents" leads to something else`},
		"percents of a path":   {func(s *networking.VirtualService) { last(s).Match = PrefixMatches("/a") }, `The route "traffic.percents" does more`},
		"percents, another":    {func(s *networking.VirtualService) { last(s).Route[1].Weight++ }, `The routes of sticky users don't fit the percents`},
		"rule elsewhere":       {func(s *networking.VirtualService) { s.Http[1].Route[0].Headers = nil }, `The route "archive" leads to something else`},
		"rule of two":          {func(s *networking.VirtualService) { s.Http[1].Route = append(s.Http[1].Route, s.Http[0].Route...) }, `The route "archive" leads to something else`},
		"rule's match":         {func(s *networking.VirtualService) { s.Http[1].Match[0].Port = 80 }, `The route "archive" has a condition that can't be written`},
		"rule's rewrite":       {func(s *networking.VirtualService) { s.Http[1].Rewrite = &networking.HTTPRewrite{Uri: "/"} }, `The route "archive" is more than a rule can express`},
		"rule's header":        {func(s *networking.VirtualService) { s.Http[1].Route[0].Headers.Request.Set["a"] = "b" }, `The route "archive" is more than a rule can express`},
		"rule for all":         {func(s *networking.VirtualService) { s.Http[1].Match = nil }, `The route "archive" is more than a rule can express`},
		"rule without a name":  {func(s *networking.VirtualService) { s.Http[1].Name = "" }, `A route without a name is more than a rule can express`},
		"rule with a dot":      {func(s *networking.VirtualService) { s.Http[1].Name = "a.b" }, `The route "a.b" is more than a rule can express`},
		"sticky range":         {func(s *networking.VirtualService) { s.Http[2].Match[0].Headers["cookie"] = is("a").expand() }, `The routes of sticky users`},
		"sticky route missing": {func(s *networking.VirtualService) { s.Http = append(s.Http[:2:2], s.Http[3:]...) }, `The routes of sticky users`},
		"sticky cookie":        {func(s *networking.VirtualService) { s.Http[5].Route[0].Headers.Response.Add["set-cookie"] = "a" }, `The routes of sticky users`},
		"rules last": {func(s *networking.VirtualService) {
			s.Http = append(s.Http[1:], s.Http[0])
		}, `The route "traffic.sticky.v1" stands where it has another meaning`},
		"version header": {func(s *networking.VirtualService) {
			s.Http[0].Route[0].Headers.Response.Set = map[string]string{"x-other": "1.0"}
		}, `The route "staff" is more than a rule can express`},
		"hosts": {func(s *networking.VirtualService) { s.Hosts = []string{"a.example.com"} }, `The VirtualService has more than routes`},
	} {
		d := release()
		spec := d.Spec()
		test.edit(spec)
		_, drift := Parse(spec, d)
		if !strings.HasPrefix(strings.Join(drift, "\n"), test.want) {
			t.Errorf("%s: got %q", name, drift)
		}
	}
}

func last(spec *networking.VirtualService) *networking.HTTPRoute { return spec.Http[len(spec.Http)-1] }

// What can be said of a hand edit is said in the attributes.
func TestParseEdited(t *testing.T) {
	d := release()
	d.Sticky = nil
	spec := d.Spec()
	last(spec).Route[0].Weight, last(spec).Route[1].Weight = 60, 30
	spec.Http = spec.Http[1:]
	got, drift := Parse(spec, d)
	if len(drift) > 0 || len(got.Rules) != 1 || got.Targets[0].Percent != 60 || got.Targets[1].Percent != 30 || got.Sticky != nil {
		t.Errorf("got %+v, %q", got, drift)
	}
}

// Entries with one tag are one target: the same revision given twice, or percents
// that were collapsed onto it.
func TestSpecMergesTags(t *testing.T) {
	d := release()
	d.Targets = []Target{{"v1", 40, "1.0"}, {"v2", 20, "100%"}, {"v1", 30, "other"}, {"v3", 10, "3.0"}, {"old", 0, "0.9"}}
	if problems := d.Validate(); len(problems) > 0 {
		t.Error(problems)
	}
	if !Equal(d.Spec(), release().Spec()) {
		t.Errorf("got %v", d.Spec())
	}
}

func TestEqual(t *testing.T) {
	one := shapes()["one"].Spec()
	other := proto.CloneOf(one)
	other.Http[0].Route[0].Weight = 0
	if !Equal(one, other) || one.Http[0].Route[0].Weight != 100 {
		t.Error("the weight of a single destination counts")
	}
	for name, d := range shapes() {
		if (name == "one") != Equal(one, d.Spec()) {
			t.Errorf("equal to %s", name)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, spec := range []any{nil, "text", map[string]any{"routes": []any{}}} {
		object := &kube.Object{Object: map[string]any{"metadata": map[string]any{"namespace": "prod", "name": "web"}, "spec": spec}}
		if _, err := Decode(object); err == nil || !strings.HasPrefix(err.Error(), "decoding VirtualService prod/web: ") {
			t.Errorf("%v: got %v", spec, err)
		}
	}
}

func TestRebase(t *testing.T) {
	rule := func(m ...Match) *networking.VirtualService {
		d := shapes()["one"]
		d.Rules = []Rule{{"beta", m, "v1"}}
		return d.Spec()
	}
	both := Match{Headers: matches{"a": is("1")}, Path: pointer(is("/"))}
	for name, test := range map[string]struct {
		prefix   string
		from, to []Match
	}{
		"no prefix":     {"", []Match{path(is("/a"))}, []Match{path(is("/a"))}},
		"root":          {"/", []Match{path(like("/a"))}, []Match{path(like("/a"))}},
		"exact":         {"/shop", []Match{path(is("/a"))}, []Match{path(is("/shop/a"))}},
		"slash":         {"/shop/", []Match{path(is("/a"))}, []Match{path(is("/shop/a"))}},
		"prefix":        {"/shop", []Match{path(begins("/a"))}, []Match{path(begins("/shop/a"))}},
		"exact root":    {"/shop", []Match{both}, []Match{{Headers: both.Headers, Path: pointer(is("/shop"))}, {Headers: both.Headers, Path: pointer(is("/shop/"))}}},
		"prefix root":   {"/shop", []Match{path(begins("/"))}, []Match{{}}},
		"without paths": {"/shop", []Match{headers("a", is("1"))}, []Match{headers("a", is("1"))}},
		"several":       {"/s", []Match{path(is("/a")), headers("a", is("1")), path(begins("/b/"))}, []Match{path(is("/s/a")), headers("a", is("1")), path(begins("/s/b/"))}},
	} {
		spec := rule(test.from...)
		got, err := Rebase(spec, test.prefix)
		if err != nil || !Equal(got, rule(test.to...)) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
		if !Equal(spec, rule(test.from...)) {
			t.Errorf("%s: what was given has changed", name)
		}
	}
	d := shapes()["one"]
	d.Rules = []Rule{{"a", []Match{path(like("/a"))}, "v1"}, {"b", []Match{path(is("/b"))}, "v1"}, {"c", []Match{path(is("/c")), path(like("/d"))}, "v1"}}
	_, err := Rebase(d.Spec(), "/shop")
	var failed *RebaseError
	if !errors.As(err, &failed) || failed.Prefix != "/shop" || !reflect.DeepEqual(failed.Routes, []string{"a", "c"}) {
		t.Errorf("got %v", err)
	}
}

func TestPrefixMatches(t *testing.T) {
	if PrefixMatches("/") != nil || StripRewrite("") != nil {
		t.Error("the whole host has a condition")
	}
	if got := PrefixMatches("/shop/"); len(got) != 2 || got[0].Uri.GetExact() != "/shop" || got[1].Uri.GetPrefix() != "/shop/" {
		t.Errorf("got %v", got)
	}
	rewrite := StripRewrite("/a.b").UriRegexRewrite
	if rewrite.Match != `^/a\.b/?(.*)$` || rewrite.Rewrite != `/\1` {
		t.Errorf("got %v", rewrite)
	}
}
