package traffic_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// Many applications with ten rules each: what an apply costs grows with them,
// what a plan without changes asks does not.
func TestAccRevisionTrafficRequests(t *testing.T) {
	t.Parallel()
	counts := []int{1, 10}
	if os.Getenv("SLS_LOAD") != "" { // it keeps Knative's controllers busy for minutes
		counts = append(counts, 50)
	}
	for _, count := range counts {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			audit := acctest.NewAudit(t)
			tf := acctest.NewTerraform(t)
			configure := func(percent int) {
				tf.Configure(t, acctest.ProviderBlockFor(audit.Kubeconfig)+acctest.Render(t, `
resource "sls_application" "many" {
  count     = {{.count}}
  name      = "web-${count.index}"
  namespace = {{quote .namespace}}
  version   = "1"
  image     = {{quote .image}}
  rollout   = "manual"
  scaling   = { initial = 0 }
}

resource "sls_revision_traffic" "many" {
  count       = {{.count}}
  application = sls_application.many[count.index].name
  namespace   = {{quote .namespace}}
  drain       = "1s"
  revisions   = [
    { version = "1", percent = {{.percent}}, tag = "one" },
    { latest = true, percent = 100 - {{.percent}}, tag = "new" },
  ]
  rules = [for i in range(10) : {
    name   = "rule-${i}"
    target = i % 2 == 0 ? "one" : "new"
    match  = [{ headers = { x-group = { exact = "g${i}" } } }, { cookies = { group = { exact = "g${i}" } } }]
  }]
}
`, acctest.Values{"namespace": namespace, "count": count, "image": acctest.Image(t, "HELLO_V1"), "percent": percent}))
			}
			apply := func(what string, most int) {
				began := time.Now()
				tf.Apply(t)
				took := time.Since(began)
				// Looks at the namespace's pods go by time, not by applications.
				looks := int(took/(3*time.Second)) + 1
				requests := audit.Requests(t)
				t.Logf("%s of %d: %s, %d requests: %s", what, count, took.Round(time.Millisecond), len(requests), requests)
				if most = most*count + 10 + looks; len(requests) > most {
					t.Errorf("%s of %d applications with traffic took %d requests, at most %d are due: %s", what, count, len(requests), most, requests)
				}
			}
			configure(90)
			apply("create", 10)
			configure(50)
			apply("change of the percents", 12)

			began := time.Now()
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan is not empty")
			}
			took := time.Since(began)
			planned := audit.Requests(t)
			t.Logf("empty plan of %d: %s, %d requests: %s", count, took.Round(time.Millisecond), len(planned), planned)
			// For each kind one GET and, for more than one, one LIST; and the
			// cluster's ID.
			if most := 12; len(planned) > most {
				t.Errorf("an empty plan of %d applications with traffic took %d requests, at most %d are due: %s", count, len(planned), most, planned)
			}
			tf.Destroy(t)
		})
	}
}

// Knative routes anew for each write of a Service: a first release to a few writes it
// twice, to make the new version reachable and to send requests there.
func TestAccRevisionTrafficWrites(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	audit := acctest.NewAudit(t)
	tf := acctest.NewTerraform(t)
	apply := func(configuration string) {
		tf.Configure(t, acctest.ProviderBlockFor(audit.Kubeconfig)+configuration)
		tf.Apply(t)
	}
	apply(appOf(t, namespace, "v1"))
	apply(appOf(t, namespace, "v2"))
	audit.Requests(t) // of before

	apply(appOf(t, namespace, "v2") + trafficOf(t, namespace, `revisions = [{ version = "v1", percent = 90 }, { version = "v2", percent = 10 }]`))
	requests, writes := audit.Requests(t), 0
	for _, request := range requests {
		if request.Verb == "patch" && request.Resource == "services.serving.knative.dev" {
			writes++
		}
	}
	if writes != 2 {
		t.Errorf("the Service is written %d times, want 2: %s", writes, requests)
	}
	tf.Destroy(t)
}
