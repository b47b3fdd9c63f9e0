package chaos_test

import (
	"net/http"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
)

// A destroy that fails at any one of the objects leaves a state with which the next
// destroy removes the rest: none is forgotten.
func TestAccFailedRemoval(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	proxy := fault.Start(t, acctest.Owner(t).Kubeconfig)
	tf := acctest.NewTerraform(t)
	proxy.Kubeconfig(t, acctest.Owner(t).Kubeconfig, tf.Path("kubeconfig"))
	at := slices.IndexFunc(subjects, func(s subject) bool { return s.typ == "sls_external_service" })
	internal := acctest.Render(t, `
resource "sls_domain" "it" {
  host      = "web-api.{{.namespace}}.svc.cluster.local"
  namespace = {{quote .namespace}}
  scope     = "internal"
  routes    = [{ application = "web" }]
}
`, acctest.Values{"namespace": namespace})
	external := acctest.Render(t, subjects[at].config, acctest.Values{"namespace": namespace, "version": "one"})
	tf.Configure(t, acctest.ProviderBlockFor(tf.Path("kubeconfig"))+internal+external)
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
		if left := owned(t, namespace); len(left) > 0 {
			t.Errorf("after a failure at %s: %v", kind, left)
		}
	}
}
