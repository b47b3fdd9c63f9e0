package traffic_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// Routes that become ready just before an apply could see it happen, as those of an
// apply that was killed a moment ago, are not waited for until the time is over.
func TestAccTrafficReadyMeanwhile(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	traffic := func(lines string) string {
		return strings.Replace(trafficOf(t, namespace, onlyV1+lines), "sls_application.web.name", `"web"`, 1)
	}
	application, tf := acctest.NewTerraform(t), acctest.NewTerraform(t)
	application.Configure(t, acctest.ProviderBlock(t)+appOf(t, namespace, "v1"))
	application.Apply(t)
	tf.Configure(t, acctest.ProviderBlock(t)+traffic(""))
	tf.Apply(t)
	tf.Configure(t, acctest.ProviderBlock(t)+traffic(`  version_header = "x-v"`))
	tf.Apply(t) // from now on changes of rules write nothing to the Service

	// Until events are watched, the Service is as it was while the gateways were asked.
	const services = "/apis/serving.knative.dev/v1/namespaces/"
	var watched, told atomic.Bool
	earlier := acctest.NewProxy(t, func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		if strings.HasPrefix(r.URL.Path, services+namespace+"/services") && r.URL.Query().Has("watch") {
			watched.Store(true)
		}
		if r.Method != http.MethodGet || r.URL.Path != services+namespace+"/services/web" || watched.Load() {
			pass.ServeHTTP(w, r)
			return
		}
		told.Store(true)
		now := httptest.NewRecorder()
		pass.ServeHTTP(now, r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(now.Code)
		_, _ = w.Write(unrouted(t, now.Body.Bytes()))
	})
	tf.Configure(t, earlier+traffic(`
  version_header = "x-version"
  timeouts       = { update = "20s" }
`))
	tf.Apply(t)
	if !told.Load() || !watched.Load() {
		t.Errorf("the Service was read before it was watched: %t; it was watched: %t", told.Load(), watched.Load())
	}
	_ = answers(t, address, "v1")(nil)
}

// unrouted returns a Service whose routes are not ready.
func unrouted(t *testing.T, service []byte) []byte {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(service, &object); err != nil {
		t.Error(err)
		return service
	}
	conditions, _, _ := unstructured.NestedFieldNoCopy(object, "status", "conditions")
	all, _ := conditions.([]any)
	for _, condition := range all {
		if fields, ok := condition.(map[string]any); ok && fields["type"] != "ConfigurationsReady" {
			fields["status"], fields["reason"], fields["message"] = "Unknown", "Uninitialized", "Waiting for load balancer to be ready"
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Error(err)
	}
	return text
}
