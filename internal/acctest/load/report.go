package load

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Answer is what came of one request.
type Answer struct {
	Hello
	Kind    string        // the target's
	Sent    time.Time     // when the request began
	Latency time.Duration // from then to the answer's last byte
	Fresh   bool          // the connection was the request's own
	Status  int           // 0 if no answer came
	Header  http.Header   // the answer's
	Body    []byte
	Err     string // why no answer came

	want int
}

// Hello is what the sandbox's test application tells of itself and of the
// request; empty where something else answered.
type Hello struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Pod      string `json:"pod"`
	Host     string `json:"host"`
	Path     string `json:"path"`
	Query    string `json:"query"`
	// Request has the request's headers as they reached the application.
	Request http.Header `json:"headers"`
}

func newAnswer(result *vegeta.Result, targets []Target) Answer {
	answer := Answer{
		Sent: result.Timestamp, Latency: result.Latency,
		Status: int(result.Code), Header: result.Headers, Body: result.Body,
	}
	_, fragment, _ := strings.Cut(result.URL, "#")
	if answer.Status == 0 {
		answer.Err = strings.Replace(result.Error, "#"+fragment, "", 1)
	}
	// Every request has one.
	if mark, err := parseMark(fragment); err == nil {
		answer.Kind, answer.Fresh, answer.want = targets[mark.target].Kind, mark.fresh, targets[mark.target].status()
	}
	// What is no JSON is of another application, or of the gateway.
	_ = json.Unmarshal(answer.Body, &answer.Hello)
	return answer
}

// Received is when the answer was there.
func (a Answer) Received() time.Time { return a.Sent.Add(a.Latency) }

// Failed reports whether no answer came, or one with another status than the
// target should have.
func (a Answer) Failed() bool { return a.Status != a.want }

func (a Answer) String() string {
	connection := "kept"
	if a.Fresh {
		connection = "fresh"
	}
	text := fmt.Sprintf("%s %s after %s on a %s connection: ", a.Sent.Format("15:04:05.000"), a.Kind, a.Latency.Round(time.Millisecond), connection)
	switch {
	case a.Err != "":
		return text + a.Err
	case a.Version != "":
		return text + fmt.Sprintf("%d from %s (%s)", a.Status, a.Version, a.Revision)
	default:
		const most = 200
		return text + fmt.Sprintf("%d %.*q", a.Status, most, a.Body)
	}
}

// Report is answers in the order of their requests. Its methods choose from
// them, and count.
type Report []Answer

// Where returns the answers that keep reports true for.
func (r Report) Where(keep func(Answer) bool) Report {
	var kept Report
	for _, answer := range r {
		if keep(answer) {
			kept = append(kept, answer)
		}
	}
	return kept
}

// Failed returns the answers that are not as they should be.
func (r Report) Failed() Report { return r.Where(Answer.Failed) }

// Kind returns the answers of the targets of a kind.
func (r Report) Kind(kind string) Report {
	return r.Where(func(a Answer) bool { return a.Kind == kind })
}

// Of returns the answers of a version.
func (r Report) Of(version string) Report {
	return r.Where(func(a Answer) bool { return a.Version == version })
}

// Since returns what was sent at that time or after.
func (r Report) Since(from time.Time) Report {
	return r.Where(func(a Answer) bool { return !a.Sent.Before(from) })
}

// Before returns what was answered before that time.
func (r Report) Before(to time.Time) Report {
	return r.Where(func(a Answer) bool { return a.Received().Before(to) })
}

// Between returns what was sent and answered within that time. What was under
// way at its beginning or end could have seen the state before or after.
func (r Report) Between(from, to time.Time) Report { return r.Since(from).Before(to) }

// Versions counts the answers by version. Answers without one count under "".
func (r Report) Versions() map[string]int {
	counts := map[string]int{}
	for _, answer := range r {
		counts[answer.Version]++
	}
	return counts
}

// Share is how many of the answers a version gave.
func (r Report) Share(version string) Share { return Share{Count: len(r.Of(version)), Total: len(r)} }

// LastOf returns when the last answer of a version was there.
func (r Report) LastOf(version string) (last time.Time, ok bool) {
	for _, answer := range r.Of(version) {
		if received := answer.Received(); received.After(last) {
			last, ok = received, true
		}
	}
	return last, ok
}

// FirstOf returns when the first request was sent that a version answered.
func (r Report) FirstOf(version string) (first time.Time, ok bool) {
	of := r.Of(version)
	if len(of) == 0 {
		return first, false
	}
	return of[0].Sent, true
}

// Kinds returns the answers of each kind. With Users, a kind is a user.
func (r Report) Kinds() map[string]Report {
	kinds := map[string]Report{}
	for _, answer := range r {
		kinds[answer.Kind] = append(kinds[answer.Kind], answer)
	}
	return kinds
}

// Sequence returns the versions that answered, one after the other, each
// mentioned once for all the answers that it gave in a row.
func (r Report) Sequence() []string {
	var versions []string
	for _, answer := range r {
		versions = append(versions, answer.Version)
	}
	return slices.Compact(versions)
}

// Latency returns the time within which that share of the answers came: 0.5 is
// the median, 1 the slowest.
func (r Report) Latency(share float64) time.Duration {
	if len(r) == 0 {
		return 0
	}
	var all []time.Duration
	for _, answer := range r {
		all = append(all, answer.Latency)
	}
	slices.Sort(all)
	return all[min(max(int(share*float64(len(all)))-1, 0), len(all)-1)]
}

// Rate is the number of requests that were sent a second.
func (r Report) Rate() float64 {
	if len(r) < 2 {
		return 0
	}
	return float64(len(r)-1) / r[len(r)-1].Sent.Sub(r[0].Sent).Seconds()
}

// pause is what parts failures from the next ones.
const pause = time.Second

// Spells returns failures that belong together: within a second of one another.
func (r Report) Spells() []Report {
	var spells []Report
	var last time.Time
	for _, answer := range r.Failed() {
		if len(spells) == 0 || answer.Sent.Sub(last) > pause {
			spells = append(spells, nil)
		}
		spells[len(spells)-1] = append(spells[len(spells)-1], answer)
		last = answer.Sent
	}
	return spells
}

// String sums the report up, with the first failure of each spell.
func (r Report) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d requests, %.0f a second, latency %s (half), %s (99 %%), %s (all)", len(r), r.Rate(),
		r.Latency(0.5).Round(time.Millisecond), r.Latency(0.99).Round(time.Millisecond), r.Latency(1).Round(time.Millisecond))
	versions := r.Versions()
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		name := version
		if name == "" {
			name = "no version"
		}
		fmt.Fprintf(&text, "\n  %s: %s", name, Share{versions[version], len(r)})
	}
	const shown = 20
	spells := r.Spells()
	for i, spell := range spells {
		if i == shown {
			fmt.Fprintf(&text, "\n  … and %d more spells of failures", len(spells)-shown)
			break
		}
		fmt.Fprintf(&text, "\n  %d failed until %s, the first: %s", len(spell), spell[len(spell)-1].Sent.Format("15:04:05.000"), spell[0])
	}
	return text.String()
}
