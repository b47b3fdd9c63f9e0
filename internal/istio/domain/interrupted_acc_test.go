package domain_test

import (
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// However far a killed apply has come, the next one converges: no orphan, no
// 'already exists', no taint.
func TestAccDomainKilled(t *testing.T) {
	t.Parallel()
	const text = `
resource "sls_domain" "shop" {
  host      = "web-api.{{.namespace}}.svc.cluster.local"
  namespace = {{quote .namespace}}
  scope     = "internal"
  routes    = [{ application = "web" }]
}
`
	for moment, undo := range map[string]func(t *testing.T, namespace string){
		"before the state was kept": func(*testing.T, string) {},
		"before the VirtualService": func(t *testing.T, namespace string) {
			client := istio(t, "virtualservices", namespace)
			if err := client.Delete(t.Context(), "web-api."+namespace+".svc.cluster.local", metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			tf := acctest.NewTerraform(t)
			tf.Configure(t, acctest.ProviderBlock(t)+config(t, namespace, text))
			// What a killed apply leaves: objects, and a state that knows nothing of them.
			if lost := tf.Run(t, "apply", "-auto-approve", "-no-color", "-state=lost.tfstate"); lost.ExitCode != 0 {
				t.Fatal(lost.Output)
			}
			undo(t, namespace)
			tf.Apply(t)
			if instance := tf.State(t, shop); instance == nil || instance.Tainted {
				t.Errorf("the state is %+v", instance)
			}
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the apply is not empty")
			}
			tf.Destroy(t)
			isGone(t, istio(t, "virtualservices", namespace), "web-api."+namespace+".svc.cluster.local")
			if _, err := acctest.OnCluster(t).Core.Services(namespace).Get(t.Context(), "web-api", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				t.Errorf("the Service is left: %v", err)
			}
		})
	}
}
