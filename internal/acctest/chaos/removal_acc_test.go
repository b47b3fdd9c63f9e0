package chaos_test

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
)

// A destroy that fails at any one of the objects leaves a state with which the next
// destroy removes the rest: none is forgotten.
func TestAccFailedRemoval(t *testing.T) {
	t.Parallel()
	tf, proxy, p := external(t, `
resource "sls_domain" "it" {
  host      = "web-api.{{.namespace}}.svc.cluster.local"
  namespace = {{quote .namespace}}
  scope     = "internal"
  routes    = [{ application = "web" }]
}
`)
	for _, kind := range []string{"virtualservices", "services", "destinationrules", "serviceentries"} {
		tf.Apply(t)
		plan := fault.Plan{Fault: fault.Refusal(http.StatusInternalServerError, metav1.StatusReasonInternalError).About(
			func(r fault.Request) bool { return r.Write && r.Resource == kind })}
		if err := proxy.Begin(&plan); err != nil {
			t.Fatal(err)
		}
		if result := tf.Run(t, "destroy", "-auto-approve", "-no-color"); result.ExitCode == 0 || proxy.Struck() == 0 {
			t.Fatalf("%s could be deleted:\n%s", kind, result.Output)
		}
		if err := proxy.End(); err != nil {
			t.Fatal(err)
		}
		tf.Destroy(t)
		if left := owned(t, p, all); len(left) > 0 {
			t.Errorf("after a failure at %s: %v", kind, left)
		}
	}
}
