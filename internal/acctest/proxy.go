package acctest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"k8s.io/client-go/rest"
)

// NewProxy opens a way to the tests' API server on which handle does something to some
// requests and has the others pass, and returns the configuration of a provider that
// takes it. It acts as who runs the tests.
func NewProxy(t testing.TB, handle func(w http.ResponseWriter, r *http.Request, pass http.Handler)) (provider string) {
	t.Helper()
	config := OnCluster(t).Config
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Transport: transport, FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(w, r, pass) }))
	t.Cleanup(server.CloseClientConnections)
	return "provider \"sls\" {\n  host = \"" + server.URL + "\"\n}\n"
}
