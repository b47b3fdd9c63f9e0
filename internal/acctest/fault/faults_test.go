package fault

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// what comes of a request: the status, 0 without one, and whether the answer came
// to its end.
func ask(t *testing.T, client *http.Client, method, target string) (status int, body string, whole bool) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", false
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err == nil
}

// Each fault does to the requests that it is about what it is named for, and to no
// others; what is said to be done has reached the API server.
func TestHTTPFaults(t *testing.T) {
	var reached atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(w, strings.Repeat("all is well\n", 100))
	}))
	defer api.Close()
	target, err := url.Parse(api.URL)
	if err != nil {
		t.Fatal(err)
	}
	follow := func(p *Proxy, plan Plan) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.plan, p.counted, p.struck, p.requests, p.written = &plan, 0, 0, nil, false
	}
	p := &Proxy{upstream: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}}
	server := httptest.NewUnstartedServer(p)
	server.Config.ErrorLog = discard
	server.Start()
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}

	const one = "/apis/serving.knative.dev/v1/namespaces/prod/services/shop"
	type want struct {
		status  int
		whole   bool
		reaches bool
	}
	well := want{200, true, true}
	for name, of := range map[string]struct{ read, write want }{
		"429 with Retry-After":        {want{429, true, false}, want{429, true, false}},
		"409 to writes":               {well, want{409, true, false}},
		"500":                         {want{500, true, false}, want{500, true, false}},
		"503 of a load balancer":      {want{503, true, false}, want{503, true, false}},
		"504, the write done":         {well, want{504, true, true}},
		"answer lost, the write done": {well, want{0, false, true}},
		"truncated answer":            {want{200, false, true}, want{200, false, true}},
		"token expired (401)":         {want{401, true, false}, want{401, true, false}},
		"no answer to writes":         {well, want{0, false, false}},
		"no answer to reads":          {want{0, false, false}, well},
	} {
		at := slices.IndexFunc(slices.Concat(HTTP, Silence), func(f Fault) bool { return f.Name == name })
		if at < 0 {
			t.Errorf("there is no fault %q", name)
			continue
		}
		for method, want := range map[string]want{http.MethodGet: of.read, http.MethodPatch: of.write} {
			reached.Store(0)
			follow(p, Plan{Fault: slices.Concat(HTTP, Silence)[at], Times: 1})
			status, _, whole := ask(t, client, method, server.URL+one)
			if status != want.status || whole != want.whole || (reached.Load() > 0) != want.reaches {
				t.Errorf("%s, %s: status %d, whole: %t, reached: %d", name, method, status, whole, reached.Load())
			}
			struck := p.Struck()
			if status, _, _ := ask(t, client, method, server.URL+one); struck > 0 && status != 200 {
				t.Errorf("%s, %s: it lasts longer than one request: %d", name, method, status)
			}
		}
	}

	follow(p, Plan{Fault: HTTP[2], AfterWrite: true, Skip: 1})
	var statuses []int
	for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodGet, http.MethodGet, http.MethodGet} {
		status, _, _ := ask(t, client, method, server.URL+one)
		statuses = append(statuses, status)
	}
	if !slices.Equal(statuses, []int{200, 200, 200, 500, 500}) {
		t.Errorf("from the second request after the write on, for good: %v", statuses)
	}
	if n := p.Log().Chances(HTTP[2], true); n != 3 {
		t.Errorf("the log has %d requests after the write", n)
	}
}

func TestRequest(t *testing.T) {
	for target, want := range map[string]Request{
		"/api/v1/namespaces/kube-system":                       {Resource: "namespaces", Name: "kube-system"},
		"/api/v1/namespaces/a/configmaps":                      {Resource: "configmaps"},
		"/apis/apps/v1/namespaces/a/deployments/b/status":      {Resource: "deployments/status", Name: "b"},
		"/apis/networking.istio.io/v1/virtualservices?watch=1": {Resource: "virtualservices", Watch: true},
		"/version": {},
	} {
		if got := newRequest(httptest.NewRequest(http.MethodGet, target, nil)); got != want {
			t.Errorf("%s is %+v", target, got)
		}
	}
	if !newRequest(httptest.NewRequest(http.MethodPatch, "/api/v1/namespaces/a", nil)).Write {
		t.Error("a patch is no write")
	}
	if newRequest(httptest.NewRequest(http.MethodPatch, "/api/v1/namespaces/a?dryRun=All", nil)).Write {
		t.Error("a dry run is a write")
	}
}
