package kube

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

func TestServed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/apis/example.com/v1":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"kind":"APIResourceList","resources":[{"name":"things/status","kind":"Thing"},{"name":"things","kind":"Thing","namespaced":true}]}`))
		case "/apis/broken.com/v1":
			http.Error(w, "the aggregated API's server is away", http.StatusServiceUnavailable)
		default: // as an API server does of a group that it doesn't have, in plain text
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	cluster, err := Open(&rest.Config{Host: server.URL, QPS: -1}, "")
	if err != nil {
		t.Fatal(err)
	}
	kind := func(group, name string) schema.GroupVersionKind {
		return schema.GroupVersionKind{Group: group, Version: "v1", Kind: name}
	}
	served, namespaced, err := cluster.Served(t.Context(), kind("example.com", "Thing"))
	if err != nil || served == nil || served.Resource != "things" || !namespaced {
		t.Errorf("a kind: got %v, %v, %v", served, namespaced, err)
	}
	for _, absent := range []schema.GroupVersionKind{kind("example.com", "Other"), kind("absent.com", "Thing")} {
		if served, _, err := cluster.Served(t.Context(), absent); served != nil || err != nil {
			t.Errorf("%s, which is not served: got %v, %v", absent, served, err)
		}
	}
	if _, _, err := cluster.Served(t.Context(), kind("broken.com", "Thing")); err == nil {
		t.Error("an API that does not answer passes for one that is not there")
	}
}
