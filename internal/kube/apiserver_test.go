package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// things is the one kind that the test's API server serves.
var things = Kind{GroupVersionResource: schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "things"}, Name: "Thing"}

// apiServer speaks as much of the Kubernetes API as this package asks for, of
// one kind in one namespace, "shop". It counts what it is asked.
type apiServer struct {
	*httptest.Server

	mu       sync.Mutex
	version  int64
	objects  map[string]*Object
	events   []watchEvent
	since    int64         // a watch that begins before this version gets 410
	sent     int64         // the newest version that a watcher was told
	news     chan struct{} // closed at every change, and then a new one
	cut      chan struct{} // closed to end all watches, and then a new one
	counts   map[string]int
	refusals map[string]*refusal // by verb
	before   map[string]func()   // called, once, before a verb is answered
}

type watchEvent struct {
	version int64
	Type    string  `json:"type"`
	Object  *Object `json:"object"`
}

// refusal is an answer in the place of what was asked for; times below zero is
// for ever.
type refusal struct {
	code   int
	reason metav1.StatusReason
	times  int
	end    bool // begin to answer, and end at once
	hang   bool // say nothing until the client gives up
}

func startAPI(t *testing.T) *apiServer {
	t.Helper()
	a := &apiServer{
		version: 100, objects: map[string]*Object{}, news: make(chan struct{}), cut: make(chan struct{}),
		counts: map[string]int{}, refusals: map[string]*refusal{}, before: map[string]func(){},
	}
	a.Server = httptest.NewServer(a)
	t.Cleanup(func() {
		a.CloseClientConnections()
		a.Close()
	})
	return a
}

// open returns a connection to the server that closes its watches with the test.
func (a *apiServer) open(t *testing.T) *Cluster {
	t.Helper()
	c, err := Open(&rest.Config{Host: a.URL, QPS: -1}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.watches.mu.Lock()
		defer c.watches.mu.Unlock()
		for _, s := range c.watches.open {
			s.cancel()
		}
	})
	return c
}

// put makes or changes an object, as somebody would, and returns it.
func (a *apiServer) put(name string, spec any) *Object {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.store(name, spec)
}

func (a *apiServer) store(name string, spec any) *Object {
	a.version++
	old, object := a.objects[name], &Object{Object: map[string]any{"apiVersion": things.APIVersion(), "kind": things.Name}}
	object.SetNamespace("shop")
	object.SetName(name)
	object.SetUID(types.UID("uid-" + strconv.FormatInt(a.version, 10)))
	object.SetCreationTimestamp(metav1.NewTime(time.Unix(1_700_000_000, 0)))
	kind := "ADDED"
	if old != nil {
		kind = "MODIFIED"
		object.SetUID(old.GetUID())
	}
	object.SetResourceVersion(strconv.FormatInt(a.version, 10))
	object.Object["spec"] = spec
	a.objects[name] = object
	a.tell(kind, object)
	return object.DeepCopy()
}

func (a *apiServer) drop(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version++
	object := a.objects[name].DeepCopy()
	object.SetResourceVersion(strconv.FormatInt(a.version, 10))
	delete(a.objects, name)
	a.tell("DELETED", object)
}

func (a *apiServer) tell(kind string, object *Object) {
	a.events = append(a.events, watchEvent{a.version, kind, object})
	close(a.news)
	a.news = make(chan struct{})
}

// bookmark tells watchers the version, without an object, and forgets what was
// before it.
func (a *apiServer) bookmark(t *testing.T) {
	t.Helper()
	defer eventually(t, "the watcher is told", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.sent == a.version
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version++
	mark := &Object{Object: map[string]any{"apiVersion": things.APIVersion(), "kind": things.Name}}
	mark.SetResourceVersion(strconv.FormatInt(a.version, 10))
	a.tell("BOOKMARK", mark)
	a.since = a.version
}

// compact forgets what was before now: older places in a watch are gone.
func (a *apiServer) compact() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.version++
	a.since = a.version
	a.events = nil
}

// endWatches ends them in good order, as a server does after a while.
func (a *apiServer) endWatches() {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.cut)
	a.cut = make(chan struct{})
}

// refuse answers a verb that way from now on; nil ends that.
func (a *apiServer) refuse(verb string, r *refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusals[verb] = r
}

// onNext runs a function before the next answer to a verb.
func (a *apiServer) onNext(verb string, do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.before[verb] = do
}

// asked returns how often each verb was asked since the last call.
func (a *apiServer) asked() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := a.counts
	a.counts = map[string]int{}
	return asked
}

func (a *apiServer) count(verb string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts[verb]
}

// ServeHTTP implements http.Handler.
func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const of = "/apis/example.com/v1/namespaces/shop/things"
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, of), "/")
	verb := map[string]string{http.MethodPatch: "patch", http.MethodDelete: "delete"}[r.Method]
	switch {
	case r.URL.Path == "/api/v1/namespaces/kube-system":
		verb = "id"
	case !strings.HasPrefix(r.URL.Path, of):
		http.NotFound(w, r)
		return
	case verb != "":
	case r.URL.Query().Get("watch") != "":
		verb = "watch"
	case name != "":
		verb = "get"
	default:
		verb = "list"
	}
	a.mu.Lock()
	a.counts[verb]++
	do := a.before[verb]
	delete(a.before, verb)
	a.mu.Unlock()
	if do != nil {
		do()
	}
	if a.refused(w, r, verb, name) {
		return
	}
	switch verb {
	case "id":
		answer(w, http.StatusOK, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "kube-system", "uid": "the-cluster"}})
	case "list":
		a.list(w, r)
	case "watch":
		a.watch(w, r)
	default:
		a.one(w, r, verb, name)
	}
}

func (a *apiServer) refused(w http.ResponseWriter, r *http.Request, verb, name string) bool {
	a.mu.Lock()
	refusal := a.refusals[verb]
	if refusal == nil || refusal.times == 0 {
		a.mu.Unlock()
		return false
	}
	refusal.times--
	a.mu.Unlock()
	switch {
	case refusal.end:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
	case refusal.hang:
		<-r.Context().Done()
	default:
		fail(w, refusal.code, refusal.reason, name)
	}
	return true
}

func (a *apiServer) one(w http.ResponseWriter, r *http.Request, verb, name string) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	live := a.objects[name]
	if live == nil && verb != "patch" {
		fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, name)
		return
	}
	switch verb {
	case "patch":
		var sent Object
		if err := json.Unmarshal(body, &sent.Object); err != nil {
			fail(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, name)
			return
		}
		live = a.store(name, sent.Object["spec"])
	case "delete":
		var options metav1.DeleteOptions
		if err := json.Unmarshal(body, &options); err != nil || *options.Preconditions.UID != live.GetUID() {
			fail(w, http.StatusConflict, metav1.StatusReasonConflict, name)
			return
		}
		delete(a.objects, name)
		a.version++
		a.tell("DELETED", live)
	}
	answer(w, http.StatusOK, live.Object)
}

// list answers page by page, with the place to go on from as the token.
func (a *apiServer) list(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	version, from := a.version, 0
	if token := r.URL.Query().Get("continue"); token != "" {
		if _, err := fmt.Sscanf(token, "%d-%d", &version, &from); err != nil || version < a.since {
			fail(w, http.StatusGone, metav1.StatusReasonExpired, "")
			return
		}
	}
	names := slices.Sorted(maps.Keys(a.objects))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	metadata := map[string]any{"resourceVersion": strconv.FormatInt(version, 10)}
	if limit == 0 || from+limit >= len(names) {
		limit = len(names) - from
	} else {
		metadata["continue"] = fmt.Sprintf("%d-%d", version, from+limit)
	}
	items := []any{}
	for _, name := range names[from : from+limit] {
		items = append(items, a.objects[name].Object)
	}
	answer(w, http.StatusOK, map[string]any{"apiVersion": things.APIVersion(), "kind": "ThingList", "metadata": metadata, "items": items})
}

func (a *apiServer) watch(w http.ResponseWriter, r *http.Request) {
	from, _ := strconv.ParseInt(r.URL.Query().Get("resourceVersion"), 10, 64)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	stream := json.NewEncoder(w)
	a.mu.Lock()
	cut, gone := a.cut, from < a.since
	a.mu.Unlock()
	if gone {
		_ = stream.Encode(map[string]any{"type": "ERROR", "object": status(http.StatusGone, metav1.StatusReasonExpired, "")})
		return
	}
	for {
		a.mu.Lock()
		news, events := a.news, slices.Clone(a.events)
		a.mu.Unlock()
		for _, event := range events {
			if event.version <= from {
				continue
			}
			from = event.version
			if stream.Encode(event) != nil {
				return
			}
		}
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		a.mu.Lock()
		a.sent = max(a.sent, from)
		a.mu.Unlock()
		select {
		case <-news:
		case <-cut:
			return
		case <-r.Context().Done():
			return
		}
	}
}

func status(code int, reason metav1.StatusReason, name string) *metav1.Status {
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: int32(code), Reason: reason, Message: string(reason),
		Details: &metav1.StatusDetails{Group: things.Group, Kind: things.Resource, Name: name},
	}
}

func fail(w http.ResponseWriter, code int, reason metav1.StatusReason, name string) {
	answer(w, code, status(code, reason, name))
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for !holds() {
		select {
		case <-deadline:
			t.Fatal("never: " + what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func thing(name string, spec any) *Object {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": things.APIVersion(), "kind": things.Name, "spec": spec}}
	object.SetNamespace("shop")
	object.SetName(name)
	return object
}

func expectAsked(t *testing.T, api *apiServer, want map[string]int) {
	t.Helper()
	if got := api.asked(); !maps.Equal(got, want) {
		t.Errorf("the API server was asked %v, want %v", got, want)
	}
}

// endsPromptly checks that what is called ends with its context's error although
// the server says nothing.
func endsPromptly(t *testing.T, call func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- call(ctx) }()
	select {
	case err := <-ended:
		t.Fatalf("ended by itself: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(2 * time.Second):
		t.Error("does not end")
	}
}
