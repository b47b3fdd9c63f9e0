package routing_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	. "github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// asksStickyUsers: a user stays where the first request went, by nothing but
// the cookie, and what is no id of ours counts as none.
func (s *site) asksStickyUsers(t *testing.T) {
	t.Parallel()
	d := s.delegate()
	d.Targets = []Target{{"v1", 70, "v1"}, {"v2", 20, "v2"}, {"v3", 10, "v3"}}
	d.Sticky = &Sticky{Cookie: "u.d", TTL: time.Hour}
	host := s.open(t, "sticky", "/", d)
	slots := Slots([]int{70, 20, 10}, 4096)
	ask := func(request string) reply {
		t.Helper()
		got, err := s.send(host, request)
		if err != nil {
			t.Fatalf("%q: %s", request, err)
		}
		return got
	}

	// Old ids: each row's comment names the wrong implementation that it is there
	// to catch.
	id := func(slot int) string { return fmt.Sprintf("%03x0c1de-0b1e-4d8a-b0aa-0123456789ab", slot) }
	for _, r := range []row{
		{"GET /\nCookie: u.d=" + id(slots[1].Low), "v2"},
		{"GET /\nCookie: u.d=" + id(slots[1].High-1), "v2"}, // ranges of less than three digits
		{"GET /\nCookie: u.d=" + id(slots[0].Low), "v1"},    // ranges that overlap
		{"GET /\nCookie: u.d=" + id(slots[0].High-1), "v1"},
		{"GET /\nCookie: u.d=" + id(slots[2].Low), "v3"}, // ranges with a gap
		{"GET /\nCookie: u.d=" + id(slots[2].High-1), "v3"},
		{"GET /\nCookie: a=1; u.d=" + id(0) + "; b=2", "v2"},                  // the whole header
		{"GET /\nCookie: u.d=" + strings.ReplaceAll(id(0), "-", ""), "v2"},    // ids of other proxies refused
		{"GET /\nX-Request-Id: " + id(4095) + "\nCookie: u.d=" + id(0), "v2"}, // the request's id before the user's
	} {
		got := ask(r.request)
		if got.version != r.want || got.served != r.want {
			t.Errorf("%q: answered by %s, version header %s, want %s", r.request, got.version, got.served, r.want)
		}
		if len(got.cookies) > 0 {
			t.Errorf("%q: a user with an id gets another: %q", r.request, got.cookies)
		}
	}

	// New users, some with what is no id.
	count := map[string]int{}
	const users = 300
	for i := range users {
		request := []string{
			"GET /", "GET /\nCookie: a=1", "GET /\nCookie: u.d=", "GET /\nCookie: u.d=zzz", "GET /\nCookie: xu.d=" + id(0), "GET /\nCookie: uxd=" + id(0),
			"GET /\nCookie: u.d=" + id(0)[1:], "GET /\nCookie: u.d=" + id(0) + "0", "GET /\nCookie: u.d=" + strings.ToUpper("abc"+id(0)[3:]), "GET /\nCookie: u.d=\"" + id(0) + "\"",
		}[i%10]
		first := ask(request)
		count[first.version]++
		if len(first.cookies) != 1 {
			t.Fatalf("%q: a new user gets %d cookies: %q", request, len(first.cookies), first.cookies)
		}
		pair, attributes, _ := strings.Cut(first.cookies[0], ";")
		if attributes != " Path=/; Max-Age=3600; HttpOnly; SameSite=Lax" || !strings.HasPrefix(pair, "u.d=") {
			t.Fatalf("the cookie is %q", first.cookies[0])
		}
		if i >= 60 {
			continue
		}
		for range 2 {
			if again := ask("GET /\nCookie: " + pair); again.version != first.version || len(again.cookies) > 0 {
				t.Fatalf("%s: first answered by %s, then by %s with the cookies %q", pair, first.version, again.version, again.cookies)
			}
		}
	}
	for i, target := range d.Targets {
		share := float64(target.Percent) / 100
		// Five standard deviations: one run in a million fails by chance.
		if limit := 5 * math.Sqrt(users*share*(1-share)); math.Abs(float64(count[target.Tag])-users*share) > limit {
			t.Errorf("%s serves %d of %d users, not about %d %%, of %v", target.Tag, count[target.Tag], users, target.Percent, slots[i])
		}
	}
	t.Logf("first requests: %v", count)

	// A request id that is none leaves the request to the percents: it is served,
	// and nothing of it reaches a cookie.
	for _, forged := range []string{"x", "a; Domain=example.org", id(0) + "; Secure", strings.ToUpper("abc" + id(0)[3:])} {
		got := ask("GET /\nX-Request-Id: " + forged)
		if got.status != http.StatusOK {
			t.Errorf("%q: %d", forged, got.status)
		}
		for _, cookie := range got.cookies {
			if pair, _, _ := strings.Cut(cookie, "; Path="); strings.HasSuffix(pair, "="+forged) {
				t.Errorf("%q: the cookie is %q", forged, cookie)
			}
		}
	}
}

// asksStickySuffix: users by the last digits of an id that they have.
func (s *site) asksStickySuffix(t *testing.T) {
	t.Parallel()
	for name, sticky := range map[string]Sticky{"cookie": {Cookie: "uid", SuffixDigits: 2}, "header": {Header: "X-Account", SuffixDigits: 2}} {
		d := s.delegate()
		d.Targets = []Target{{"v1", 70, "v1"}, {"v2", 20, "v2"}, {"v3", 10, "v3"}}
		d.Sticky = &sticky
		host := s.open(t, "suffix-"+name, "/", d)
		for value, want := range map[string]string{
			"1700":     "v2",
			"user-19":  "v2", // an id that has to be digits alone
			"user-20":  "v1", // ranges that overlap
			"7":        "v2", // a shorter id refused
			"u7":       "v2",
			"42-7":     "v2", // digits of two numbers joined
			"1042":     "v1",
			"89":       "v1",
			"90":       "v3", // ranges with a gap
			"1234599":  "v3",
			"99-":      "", // digits anywhere
			"none":     "",
			"４２":       "", // what only looks like digits
			"\"1700\"": "",
		} {
			request := "GET /\nX-Account: " + value
			if name == "cookie" {
				request = "GET /\nCookie: a=99; uid=" + value + "; b=99"
			}
			got, err := s.send(host, request)
			if err != nil {
				t.Fatal(err)
			}
			if want != "" && got.version != want || got.status != http.StatusOK {
				t.Errorf("%q: answered by %s, want %s", request, got, want)
			}
			if len(got.cookies) > 0 {
				t.Errorf("%q: a cookie is set: %q", request, got.cookies)
			}
		}
	}
}

// asksCookieCrumbs: HTTP/2 sends each cookie as a header of its own, and the
// rules are about all of them.
func (s *site) asksCookieCrumbs(t *testing.T) {
	t.Parallel()
	d := s.delegate()
	d.Rules = on(Match{Cookies: matches{"a": is("1"), "b": is("2")}, WithoutCookies: matches{"out": anything()}})
	host := s.open(t, "crumbs", "/", d)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}, Timeout: time.Minute}
	for cookies, want := range map[string]string{"b=2; x=1; a=1": "v2", "a=1": "v1", "a=1; b=2; out=": "v1"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, acctest.Gateway(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		request.Header.Set("Cookie", cookies)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(response)
		if err != nil || got.version != want || response.ProtoMajor != 2 {
			t.Errorf("%q: answered by %s in %s, %v; want %s", cookies, got, response.Proto, err, want)
		}
	}
}
