package load

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// application is a stand-in for the test application behind the gateway. It
// lets the tests choose what each request is answered.
type application struct {
	*httptest.Server
	opened atomic.Int64 // connections
	handle func(w http.ResponseWriter, r *http.Request) (version string)
}

func newApplication(t *testing.T, handle func(w http.ResponseWriter, r *http.Request) string) *application {
	t.Helper()
	a := &application{handle: handle}
	a.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		version := a.handle(w, r)
		_ = json.NewEncoder(w).Encode(map[string]any{"version": version, "revision": "shop-" + version, "host": r.Host, "path": r.URL.Path, "headers": r.Header})
	}))
	a.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			a.opened.Add(1)
		}
	}
	a.Start()
	t.Cleanup(a.Close)
	return a
}

const shop = "http://shop.example.com/cart?page=1"

func TestAttackTellsWhenVersionsChanged(t *testing.T) {
	var released atomic.Bool
	app := newApplication(t, func(http.ResponseWriter, *http.Request) string {
		if released.Load() {
			return "v2"
		}
		return "v1"
	})
	attack := Start(t, Options{Gateway: app.URL, Rate: 200}, Get(shop, "X-Team", "a").As("plain"))
	attack.For(t, 500*time.Millisecond)
	released.Store(true)
	switched := time.Now()
	attack.For(t, 500*time.Millisecond)
	report := attack.Stop()

	if failed := report.Failed(); len(failed) > 0 {
		t.Errorf("%s", failed)
	}
	if got := report.Sequence(); !slices.Equal(got, []string{"v1", "v2"}) {
		t.Errorf("the versions were %v", got)
	}
	if rate := report.Rate(); rate < 180 || rate > 220 {
		t.Errorf("%.0f requests a second instead of 200", rate)
	}
	if counts := report.Before(switched).Versions(); counts["v1"] == 0 || counts["v2"] > 0 {
		t.Errorf("before: %v", counts)
	}
	if counts := report.Since(switched).Versions(); counts["v2"] == 0 || counts["v1"] > 0 {
		t.Errorf("after: %v", counts)
	}
	last, lastOK := report.LastOf("v1")
	first, firstOK := report.FirstOf("v2")
	if !lastOK || !firstOK || last.Sub(switched).Abs() > 100*time.Millisecond || first.Sub(switched).Abs() > 100*time.Millisecond {
		t.Errorf("switched %s; last v1 %s, first v2 %s", switched, last, first)
	}
	if _, ok := report.LastOf("v3"); ok {
		t.Error("a version that never answered has a last answer")
	}
	answer := report[0]
	if answer.Kind != "plain" || answer.Host != "shop.example.com" || answer.Path != "/cart" || answer.Revision != "shop-v1" ||
		answer.Request.Get("X-Team") != "a" || answer.Request.Get("X-Vegeta-Seq") != "" || answer.Latency <= 0 {
		t.Errorf("got %+v", answer)
	}
	if more := attack.Stop(); len(more) != len(report) {
		t.Errorf("stopped again: %d answers instead of %d", len(more), len(report))
	}
}

// Half of each target's requests open a connection, by default.
func TestFreshConnections(t *testing.T) {
	for _, test := range []struct {
		fresh float64
		want  int
	}{{0, 50}, {-1, 0}, {1, 100}, {0.2, 20}} {
		t.Run(fmt.Sprint(test.fresh), func(t *testing.T) {
			var closed atomic.Int64
			app := newApplication(t, func(_ http.ResponseWriter, r *http.Request) string {
				if r.Close {
					closed.Add(1)
				}
				return "v1"
			})
			var targets []Target
			for i := range 100 {
				targets = append(targets, Get(shop).As([]string{"a", "b"}[i%2]))
			}
			report := Once(t, Options{Gateway: app.URL, Rate: 200, Fresh: test.fresh}, targets...)
			if len(report) != 100 || len(report.Failed()) > 0 {
				t.Fatalf("%s", report)
			}
			fresh := report.Where(func(a Answer) bool { return a.Fresh })
			if len(fresh) != test.want || int(closed.Load()) != test.want {
				t.Errorf("%d are marked, and %d were meant to be the only one of their connection", len(fresh), closed.Load())
			}
			// Kept ones are as many as requests are under way at once.
			if opened := int(app.opened.Load()); opened < test.want || test.want < 100 && opened > test.want+50 {
				t.Errorf("%d connections were opened", opened)
			}
		})
	}
	t.Run("two targets", func(t *testing.T) {
		app := newApplication(t, func(http.ResponseWriter, *http.Request) string { return "v1" })
		attack := Start(t, Options{Gateway: app.URL, Rate: 400}, Get(shop).As("a"), Get(shop).As("b"))
		attack.For(t, 200*time.Millisecond)
		for kind, report := range attack.Stop().Kinds() {
			fresh := report.Where(func(a Answer) bool { return a.Fresh })
			if share := float64(len(fresh)) / float64(len(report)); share < 0.45 || share > 0.55 {
				t.Errorf("%s: %d of %d are fresh", kind, len(fresh), len(report))
			}
		}
	})
}

func TestFailures(t *testing.T) {
	app := newApplication(t, func(w http.ResponseWriter, r *http.Request) string {
		switch r.URL.Path {
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		case "/broken":
			panic(http.ErrAbortHandler)
		case "/slow":
			<-r.Context().Done()
		case "/away":
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
		}
		return "v1"
	})
	target := func(path string, status int) Target {
		return Target{URL: "http://shop.example.com" + path, Kind: fmt.Sprint(path, status), Status: status}
	}
	report := Once(t, Options{Gateway: app.URL, Timeout: 200 * time.Millisecond},
		target("/", 0), target("/missing", 0), target("/missing", 404), target("/broken", 0), target("/slow", 0), target("/away", 302), target("/away", 0))
	var failed []string
	for _, answer := range report.Failed() {
		failed = append(failed, answer.Kind)
		if (answer.Status == 0) != (answer.Err != "") {
			t.Errorf("status %d with error %q", answer.Status, answer.Err)
		}
	}
	if want := []string{"/missing0", "/broken0", "/slow0", "/away0"}; !slices.Equal(failed, want) {
		t.Errorf("failed: %v, want %v", failed, want)
	}
	text := report.String()
	for _, want := range []string{"7 requests", "4 failed until ", "/missing0 after ", "404"} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
}

func TestEveryRequestMayDiffer(t *testing.T) {
	app := newApplication(t, func(_ http.ResponseWriter, r *http.Request) string {
		return r.Header.Get("X-N") + r.Header.Get("X-Same")
	})
	target := Get(shop, "X-Same", "s")
	target.Each = func(n int) http.Header { return http.Header{"X-N": {strconv.Itoa(n)}} }
	attack := Start(t, Options{Gateway: app.URL, Rate: 500}, target)
	attack.For(t, 50*time.Millisecond)
	for version, n := range attack.Stop().Versions() {
		if n != 1 || !strings.HasSuffix(version, "s") {
			t.Errorf("%d requests had %q", n, version)
		}
	}
}

// Users keep their own cookies, and nobody else's.
func TestUsers(t *testing.T) {
	var mu sync.Mutex
	next := 0
	app := newApplication(t, func(w http.ResponseWriter, r *http.Request) string {
		cookie, err := r.Cookie("uid")
		if err != nil {
			mu.Lock()
			defer mu.Unlock()
			next++
			http.SetCookie(w, &http.Cookie{Name: "uid", Value: strconv.Itoa(next)})
			return strconv.Itoa(next)
		}
		return cookie.Value
	})
	options := Options{Gateway: app.URL, Rate: 1000}
	users := Users(t, 50, shop, func(i int) http.Header { return http.Header{"X-User": {User(i)}} })
	first := Once(t, options, users...)
	second := Once(t, options, users...)
	if len(first) != 50 || first.Set("uid") != 50 || second.Set("uid") != 0 {
		t.Errorf("cookies were set %d times, then %d times", first.Set("uid"), second.Set("uid"))
	}
	for user, report := range append(first, second...).Kinds() {
		if len(report) != 2 || len(report.Sequence()) != 1 || report[0].Request.Get("X-User") != user {
			t.Errorf("%s got %v", user, report.Sequence())
		}
	}
	if on := second.On(); len(on) != 50 || len(on["1"]) != 1 {
		t.Errorf("users by version: %v", on)
	}
}

func TestSpells(t *testing.T) {
	begun := time.Unix(0, 0)
	var report Report
	for _, second := range []int{0, 1, 2, 5, 6, 9} {
		report = append(report, Answer{Sent: begun.Add(time.Duration(second) * time.Second), Status: 503, want: 200}, Answer{Sent: begun, Status: 200, want: 200})
	}
	var lengths []int
	for _, spell := range report.Spells() {
		lengths = append(lengths, len(spell))
	}
	if !slices.Equal(lengths, []int{3, 2, 1}) {
		t.Errorf("spells of %v failures", lengths)
	}
}

func TestLatency(t *testing.T) {
	var report Report
	for i := range 100 {
		report = append(report, Answer{Latency: time.Duration(100-i) * time.Millisecond})
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := report.Latency(share); got != want*time.Millisecond {
			t.Errorf("%v: %s", share, got)
		}
	}
	if got := Report(nil).Latency(1); got != 0 {
		t.Errorf("of none: %s", got)
	}
}

func TestBetweenLeavesOutWhatWasUnderWay(t *testing.T) {
	at := func(second float64) time.Time {
		return time.Unix(0, 0).Add(time.Duration(second * float64(time.Second)))
	}
	sent := func(from, to float64) Answer { return Answer{Sent: at(from), Latency: at(to).Sub(at(from))} }
	report := Report{sent(0, 1.5), sent(1, 2), sent(2, 3.5), sent(4, 5)}
	if got := report.Between(at(1), at(3)); len(got) != 1 || !got[0].Sent.Equal(at(1)) {
		t.Errorf("got %v", got)
	}
}

func TestWithinBinomial(t *testing.T) {
	for _, test := range []struct {
		k, n int
		p    float64
		want bool
	}{
		{0, 100, 0, true},
		{1, 100, 0, false},
		{100, 100, 1, true},
		{99, 100, 1, false},
		{500, 1000, 0.5, true},
		{421, 1000, 0.5, true},
		{579, 1000, 0.5, true},
		{419, 1000, 0.5, false},
		{581, 1000, 0.5, false},
		{300, 3000, 0.1, true},
		{222, 3000, 0.1, true},
		{210, 3000, 0.1, false},
		{395, 3000, 0.1, false},
		{0, 10, 0.5, true}, // 1 in 1024 happens
		{0, 25, 0.5, false},
		{0, 0, 0.5, true},
		{-1, 10, 0.5, false},
		{11, 10, 0.5, false},
	} {
		if got := WithinBinomial(test.k, test.n, test.p); got != test.want {
			least, most := BinomialBounds(test.n, test.p)
			t.Errorf("%d of %d with %v: %t (bounds %d to %d)", test.k, test.n, test.p, got, least, most)
		}
	}
	if !(Share{30, 100}).Within(0.3) || (Share{90, 100}).Within(0.3) {
		t.Error("shares are judged otherwise")
	}
}

func TestUnusableTargets(t *testing.T) {
	for name, test := range map[string]struct{ gateway, url string }{
		"gateway without scheme": {"203.0.113.7:80", shop},
		"target without host":    {"http://203.0.113.7", "/cart"},
		"target with fragment":   {"http://203.0.113.7", shop + "#top"},
	} {
		if _, err := newConnections(test.gateway, []Target{{URL: test.url}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
