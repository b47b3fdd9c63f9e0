package application_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// A plan that changes nothing reads many applications with few requests. A create
// and a destroy cost three requests each, whatever else there is.
func TestAccApplicationRequests(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 10, 100} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			audit := acctest.NewAudit(t)
			tf := acctest.NewTerraform(t)
			tf.Configure(t, acctest.ProviderBlockFor(audit.Kubeconfig)+acctest.Render(t, `
resource "sls_application" "many" {
  count     = {{.count}}
  name      = "web-${count.index}"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  scaling   = { initial = 0 }
}
`, values(t, namespace, acctest.Values{"count": count})))
			began := time.Now()
			tf.Apply(t)
			looks := int(time.Since(began)/(3*time.Second)) + 1
			applied := audit.Requests(t)
			t.Logf("create of %d: %d requests: %s", count, len(applied), applied)
			if patches := applied.Count("patch"); patches != count {
				t.Errorf("a create of %d applications wrote %d times", count, patches)
			}
			// Besides: the cluster's ID, the shared watch and where it begins, and a
			// look at all pods every three seconds.
			if most := 3*count + 3 + looks; len(applied) > most {
				t.Errorf("a create of %d applications took %d requests, at most %d are due: %s", count, len(applied), most, applied)
			}

			if !tf.PlanIsEmpty(t) {
				t.Error("the plan is not empty")
			}
			planned := audit.Requests(t)
			t.Logf("empty plan of %d: %d requests: %s", count, len(planned), planned)
			// For each of two kinds one GET and, for more than one, one LIST; and
			// the cluster's ID.
			if most := 5; len(planned) > most {
				t.Errorf("an empty plan of %d applications took %d requests, at most %d are due: %s", count, len(planned), most, planned)
			}
			tf.Destroy(t)
			destroyed := audit.Requests(t)
			t.Logf("destroy of %d: %d requests: %s", count, len(destroyed), destroyed)
			// For each one look at its Service, its removal, and one look at its routes.
			// Besides: a plan, the cluster's ID, and two shared watches with where they
			// begin.
			if most := 3*count + 5 + 1 + 4; len(destroyed) > most {
				t.Errorf("a destroy of %d applications took %d requests, at most %d are due: %s", count, len(destroyed), most, destroyed)
			}
		})
	}
}
