package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var discard = log.New(io.Discard, "", 0)

// strike does to a request what the fault is, with p.pass if it is to reach the
// API server at all.
type strike func(w http.ResponseWriter, r *http.Request, p *Proxy)

// Fault is one way in which an API server, or the way to it, fails.
type Fault struct {
	Name string
	// Says is what an error about it has to say, a regular expression: the cause.
	Says string
	// Harmless says that a run must succeed in spite of it.
	Harmless bool

	about   func(Request) bool // which requests it strikes; nil: any
	strike  strike
	atStart func(*Proxy) error // in place of a strike: before the run's first request
}

func writes(r Request) bool  { return r.Write }
func reads(r Request) bool   { return !r.Write && !r.Watch }
func watches(r Request) bool { return r.Watch }

// HTTP are the faults of an API server that can be reached.
var HTTP = []Fault{
	{Name: "429 with Retry-After", Says: `429`, strike: refuse(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, 1)},
	{Name: "409 to writes", Says: `changed meanwhile|conflict`, about: writes, strike: refuse(http.StatusConflict, metav1.StatusReasonConflict, 0)},
	{Name: "500", Says: `500`, strike: refuse(http.StatusInternalServerError, metav1.StatusReasonInternalError, 0)},
	{Name: "503 of a load balancer", Says: `503`, strike: page(http.StatusServiceUnavailable)},
	{Name: "504 of a load balancer", Says: `504`, strike: page(http.StatusGatewayTimeout)},
	{Name: "504, the write done", Says: `504`, about: writes, strike: doneBut(page(http.StatusGatewayTimeout))},
	{Name: "answer lost, the write done", Says: `ended the connection|got no answer`, about: writes, strike: doneBut(abort)},
	{Name: "truncated answer", Says: `ended the connection`, strike: truncate},
	{Name: "expired watch", Harmless: true, about: watches, strike: expire},
	{Name: "resourceVersion too old", Says: `410|time to wait is over`, about: func(r Request) bool { return r.Watch || (!r.Write && r.Name == "") }, strike: refuse(http.StatusGone, metav1.StatusReasonExpired, 0)},
	{Name: "token expired (401)", Says: `401`, strike: refuse(http.StatusUnauthorized, metav1.StatusReasonUnauthorized, 0)},
	{Name: "rights withdrawn (403)", Says: `403`, strike: refuse(http.StatusForbidden, metav1.StatusReasonForbidden, 0)},
	{Name: "certificate expired", Says: `out of date`, atStart: func(p *Proxy) error { p.pki.use(p.pki.expired); return nil }},
	{Name: "certificate not valid yet", Says: `out of date`, atStart: func(p *Proxy) error { p.pki.use(p.pki.early); return nil }},
}

// Silence are the faults of one that takes requests and does not answer them: each
// costs the time that the provider waits for an answer.
var Silence = []Fault{
	{Name: "no answer to reads", Says: `time is up|time to wait is over|does not answer`, about: reads, strike: silence},
	{Name: "no answer to writes", Says: `time is up|does not answer`, about: writes, strike: silence},
}

// Network are the faults of the way to the API server.
var Network = []Fault{
	{Name: "latency of 300 ms", Harmless: true, atStart: toxic("latency", map[string]any{"latency": 300, "jitter": 100})},
	{Name: "bandwidth of 64 KB/s", Harmless: true, atStart: toxic("bandwidth", map[string]any{"rate": 64})},
	{Name: "slow close", Harmless: true, atStart: toxic("slow_close", map[string]any{"delay": 1000})},
	{Name: "connection reset", Says: `ended the connection|got no answer|cannot be reached|refuses`, strike: spoil("reset_peer", map[string]any{"timeout": 0})},
	{Name: "connection goes silent", Says: `does not answer|got no answer|time is up|cannot be reached`, strike: spoil("timeout", map[string]any{"timeout": 0})},
	{Name: "server down", Says: `refuses connections|ended the connection|got no answer|cannot be reached`, strike: down},
}

// Call is a fault of the test's own: before the request goes on, or after it was
// answered, action is called.
func Call(name string, after bool, action func()) Fault {
	return Fault{Name: name, strike: func(w http.ResponseWriter, r *http.Request, p *Proxy) {
		if !after {
			action()
		}
		p.pass(w, r)
		if after {
			action()
		}
	}}
}

// refuse answers as an API server does.
func refuse(code int, reason metav1.StatusReason, retryAfter int) strike {
	return func(w http.ResponseWriter, r *http.Request, _ *Proxy) {
		request := newRequest(r)
		status := metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
			Code: int32(code), Reason: reason, Message: "the fault of a test",
			Details: &metav1.StatusDetails{Kind: request.Resource, Name: request.Name, RetryAfterSeconds: int32(retryAfter)},
		}
		body, err := json.Marshal(status)
		if err != nil {
			panic(err)
		}
		if retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write(body)
	}
}

// page answers as what stands before API servers does.
func page(code int) strike {
	return func(w http.ResponseWriter, _ *http.Request, _ *Proxy) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(code)
		_, _ = fmt.Fprintf(w, "<html><body><h1>%d %s</h1></body></html>", code, http.StatusText(code))
	}
}

// doneBut has the API server do what is asked, and gives another answer.
func doneBut(answer strike) strike {
	return func(w http.ResponseWriter, r *http.Request, p *Proxy) {
		p.pass(httptest.NewRecorder(), r)
		answer(w, r, p)
	}
}

// abort ends the request without an answer.
func abort(http.ResponseWriter, *http.Request, *Proxy) { panic(http.ErrAbortHandler) }

// truncate gives half of the API server's answer.
func truncate(w http.ResponseWriter, r *http.Request, p *Proxy) {
	if newRequest(r).Watch { // it has no half
		p.pass(w, r)
		return
	}
	whole := httptest.NewRecorder()
	r.Header.Del("Accept-Encoding")
	p.pass(whole, r)
	for name, values := range whole.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(whole.Body.Len()))
	w.WriteHeader(whole.Code)
	_, _ = io.CopyN(w, bytes.NewReader(whole.Body.Bytes()), int64(whole.Body.Len()/2))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// expire begins a watch, and tells that its place is forgotten.
func expire(w http.ResponseWriter, _ *http.Request, _ *Proxy) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",`+
		`"message":"too old resource version: 1 (2)","reason":"Expired","code":410}}`+"\n")
}

// silence takes the request and never answers.
func silence(_ http.ResponseWriter, r *http.Request, _ *Proxy) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// About is the fault for requests of a test's own choice.
func (f Fault) About(requests func(Request) bool) Fault {
	f.about = requests
	return f
}

// Refusal is an API server's answer to a request: a code, and a reason of
// Kubernetes.
func Refusal(code int, reason metav1.StatusReason) Fault {
	return Fault{Name: strconv.Itoa(code), strike: refuse(code, reason, 0)}
}
