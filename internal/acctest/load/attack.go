// Package load sends requests through the platform's gateway, many a second,
// while a test changes what answers them, and tells afterwards who got what.
//
//	attack := load.Start(t, load.Options{}, load.Get("http://shop.example.com/"))
//	tf.Apply(t)
//	applied := time.Now()
//	attack.For(t, 10*time.Second)
//	report := attack.Stop()
//	if failed := report.Failed(); len(failed) > 0 {
//		t.Errorf("%s", failed)
//	}
//	if last, ok := report.LastOf("v1"); ok && last.Sub(applied) > time.Second { … }
package load

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// Options are how requests are sent.
type Options struct {
	// Rate is the number of requests a second, 100 by default. They are sent
	// whether or not earlier ones are answered.
	Rate int
	// Fresh is the share of requests, of each target, that open a connection of
	// their own; the others share connections that stay open. Half by default;
	// negative is none, 1 is all.
	Fresh float64
	// Timeout is how long an answer may take, to its last byte. 30 s by default.
	Timeout time.Duration
	// Gateway is where all requests go, whatever the host in their URL. By
	// default it is the platform's, SLS_GATEWAY.
	Gateway string
}

func (o Options) withDefaults(t testing.TB) Options {
	t.Helper()
	if o.Rate == 0 {
		o.Rate = 100
	}
	switch {
	case o.Fresh == 0:
		o.Fresh = 0.5
	case o.Fresh < 0:
		o.Fresh = 0
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Gateway == "" {
		o.Gateway = acctest.Gateway(t)
	}
	return o
}

// Target is a request that is sent again and again.
type Target struct {
	// URL has the host that the request is for, such as http://shop.example.com/.
	URL string
	// Kind tells this target's answers from others' in the report.
	Kind string
	// Method is GET by default.
	Method string
	// Header goes with every request.
	Header http.Header
	// Each returns further headers for the target's n-th request, from 0 on. It
	// may be called several times at once.
	Each func(n int) http.Header
	// Body goes with every request.
	Body []byte
	// Jar keeps the cookies that answers set, for the requests after. Without
	// one every request comes from a stranger.
	Jar http.CookieJar
	// Status is what the answer should have; 200 by default.
	Status int
}

// Get is the target of plain requests for url; headers are pairs of name and
// value.
func Get(url string, headers ...string) Target {
	target := Target{URL: url, Header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		target.Header.Set(headers[i], headers[i+1])
	}
	return target
}

// As returns the target with another kind.
func (t Target) As(kind string) Target {
	t.Kind = kind
	return t
}

func (t Target) status() int {
	if t.Status == 0 {
		return http.StatusOK
	}
	return t.Status
}

// Attack is load that goes on until it is stopped.
type Attack struct {
	attacker *vegeta.Attacker
	done     chan struct{} // closed when no request is under way any more

	mu     sync.Mutex
	report Report
}

// Start begins to send requests to the targets in turn. It goes on until Stop,
// or the end of the test.
func Start(t testing.TB, options Options, targets ...Target) *Attack {
	t.Helper()
	return start(t, options, targets, 0)
}

// Once sends one request to each target, at the options' rate, and returns
// what was answered.
func Once(t testing.TB, options Options, targets ...Target) Report {
	t.Helper()
	attack := start(t, options, targets, len(targets))
	<-attack.done
	return attack.Stop()
}

// start sends limit requests, or any number if that is 0.
func start(t testing.TB, options Options, targets []Target, limit int) *Attack {
	t.Helper()
	if len(targets) == 0 {
		t.Fatal("load: there is no target")
	}
	options = options.withDefaults(t)
	connections, err := newConnections(options.Gateway, targets)
	if err != nil {
		t.Fatalf("load: %s", err)
	}
	client := &http.Client{
		Transport:     connections,
		Timeout:       options.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	attack := &Attack{
		attacker: vegeta.NewAttacker(vegeta.Client(client)),
		done:     make(chan struct{}),
	}
	results := attack.attacker.Attack(inTurn(targets, options.Fresh, limit), vegeta.Rate{Freq: options.Rate, Per: time.Second}, 0, "")
	go func() {
		defer close(attack.done)
		defer connections.close()
		for result := range results {
			if result.URL == "" {
				continue // the one after the limit, which was not sent
			}
			answer := newAnswer(result, targets)
			attack.mu.Lock()
			attack.report = append(attack.report, answer)
			attack.mu.Unlock()
		}
	}()
	t.Cleanup(func() { attack.Stop() })
	return attack
}

// Stop sends no more requests, waits for the answers of those under way, and
// returns all answers in the order of their requests.
func (a *Attack) Stop() Report {
	a.attacker.Stop()
	<-a.done
	return a.SoFar()
}

// SoFar returns the answers until now, in the order of their requests.
func (a *Attack) SoFar() Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	report := slices.Clone(a.report)
	slices.SortStableFunc(report, func(x, y Answer) int { return x.Sent.Compare(y.Sent) })
	return report
}

// For lets the load go on for some time.
func (a *Attack) For(t testing.TB, some time.Duration) {
	t.Helper()
	timer := time.NewTimer(some)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.done:
		t.Fatal("load: it was stopped")
	case <-t.Context().Done():
		t.Fatal("load: the test's time is up")
	}
}

// errLimit ends an attack: enough requests were sent.
var errLimit = errors.New("that was the last request")

// inTurn makes the requests, the targets' one after the other.
func inTurn(targets []Target, fresh float64, limit int) vegeta.Targeter {
	var sent atomic.Int64
	return func(request *vegeta.Target) error {
		i := int(sent.Add(1) - 1)
		if limit > 0 && i >= limit {
			return errLimit
		}
		of, n := i%len(targets), i/len(targets)
		target := targets[of]
		// The targets take turns at fresh connections, too: else two targets
		// and every other connection would make all of one's fresh.
		turn := float64(n + of)
		request.Method = target.Method
		if request.Method == "" {
			request.Method = http.MethodGet
		}
		request.URL = target.URL + "#" + mark{target: of, fresh: int((turn+1)*fresh) > int(turn*fresh)}.String()
		request.Body = target.Body
		request.Header = http.Header{}
		maps.Copy(request.Header, target.Header.Clone())
		if target.Each != nil {
			maps.Copy(request.Header, target.Each(n))
		}
		return nil
	}
}

// mark is what must be known of a request when it is sent, and when it is
// answered. It goes along as the URL's fragment, which is never sent.
type mark struct {
	target int
	fresh  bool
}

func (m mark) String() string { return fmt.Sprintf("%d,%t", m.target, m.fresh) }

func parseMark(fragment string) (mark, error) {
	target, fresh, _ := strings.Cut(fragment, ",")
	var m mark
	var err error
	if m.target, err = strconv.Atoi(target); err != nil {
		return m, err
	}
	m.fresh, err = strconv.ParseBool(fresh)
	return m, err
}
