package kube

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// The answers are those of a real API server, and of a web server that is none.
func TestWhatIsNotServedIsNamed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		contentType, body := "text/plain; charset=utf-8", "404 page not found\n"
		if r.URL.Path == "/apis/serving.knative.dev/v1/namespaces/prod/services/shop" {
			contentType = "application/json"
			body = `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"NotFound",` +
				`"details":{"name":"shop","group":"serving.knative.dev","kind":"services"},"code":404}`
		}
		if r.URL.Path != "/web/apis/serving.knative.dev/v1/services" {
			w.Header().Set("Audit-Id", "1")
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(http.StatusNotFound)
		if _, err := fmt.Fprint(w, body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)

	services := schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}
	ask := func(host string, namespace, name string) error {
		client, err := dynamic.NewForConfig(Connection{Host: host}.mustResolve(t))
		if err != nil {
			t.Fatal(err)
		}
		if name == "" {
			_, err = client.Resource(services).List(t.Context(), metav1.ListOptions{})
		} else {
			_, err = client.Resource(services).Namespace(namespace).Get(t.Context(), name, metav1.GetOptions{})
		}
		return err
	}

	for name, test := range map[string]struct {
		err         error
		summary     string
		objectIsOut bool
	}{
		"the kind, asked for one":  {ask(server.URL, "test", "shop"), "Knative Serving is not installed on the cluster", false},
		"the kind, asked for all":  {ask(server.URL, "", ""), "Knative Serving is not installed on the cluster", false},
		"the kind, below a path":   {ask(server.URL+"/k8s/clusters/c1", "", ""), "Knative Serving is not installed on the cluster", false},
		"the object":               {ask(server.URL, "prod", "shop"), `services.serving.knative.dev "shop" does not exist`, true},
		"an API server, elsewhere": {ask(server.URL+"/web", "", ""), "this is not a Kubernetes API server", false},
	} {
		if !apierrors.IsNotFound(test.err) {
			t.Errorf("%s: got %v", name, test.err)
		}
		if problem := Diagnose(test.err); problem.Summary != test.summary {
			t.Errorf("%s: summary is %q, want %q", name, problem.Summary, test.summary)
		}
		if IsObjectNotFound(test.err) != test.objectIsOut {
			t.Errorf("%s: the object is gone: %t", name, !test.objectIsOut)
		}
	}
}

func TestResourceInPath(t *testing.T) {
	for path, want := range map[string]string{
		"/apis/serving.knative.dev/v1/services":                          "services.serving.knative.dev",
		"/apis/serving.knative.dev/v1/namespaces/prod/services":          "services.serving.knative.dev",
		"/apis/serving.knative.dev/v1/namespaces/prod/services/a":        "services.serving.knative.dev",
		"/apis/serving.knative.dev/v1/namespaces/prod/services/a/status": "services.serving.knative.dev",
		"/k8s/c1/apis/velero.io/v1/namespaces/velero/backups":            "backups.velero.io",
		"/apis/serving.knative.dev/v1":                                   "",
		"/apis":                                                          "",
		"/api/v1/namespaces/prod/pods":                                   "",
		"/":                                                              "",
	} {
		got, ok := resourceInPath(path)
		if ok != (want != "") || got.String() != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
