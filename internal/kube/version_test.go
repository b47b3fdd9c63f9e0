package kube

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
)

func TestVersion(t *testing.T) {
	for name, test := range map[string]struct {
		code    int
		body    string
		want    string
		refused func(error) bool
	}{
		"told":      {200, `{"major":"1","minor":"35","gitVersion":"v1.35.4"}`, "v1.35.4", nil},
		"forbidden": {403, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`, "", apierrors.IsForbidden},
		"not JSON":  {200, `hello`, "", func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/version" {
					t.Errorf("it asks for %s", r.URL.Path)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.code)
				_, _ = io.WriteString(w, test.body)
			}))
			defer server.Close()
			cluster, err := Open(&rest.Config{Host: server.URL, QPS: -1}, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := cluster.Version(t.Context())
			if got != test.want || (test.refused == nil) != (err == nil) || (err != nil && !test.refused(err)) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
