package domain_test

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// Whatever kills an apply, and whenever, the next one converges: no orphan, no
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
	for moment, reach := range map[string]func(t *testing.T, namespace string){
		"before the write": func(*testing.T, string) {},
		"after the Service": func(t *testing.T, namespace string) {
			acctest.Eventually(t, answerTime, func(ctx context.Context) error {
				_, err := acctest.OnCluster(t).Core.Services(namespace).Get(ctx, "web-api", metav1.GetOptions{})
				return err
			})
		},
		"after the VirtualService": func(t *testing.T, namespace string) {
			acctest.Eventually(t, answerTime, func(ctx context.Context) error {
				_, err := istio(t, "virtualservices", namespace).Get(ctx, "web-api."+namespace+".svc.cluster.local", metav1.GetOptions{})
				return err
			})
		},
	} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			tf := acctest.NewTerraform(t)
			tf.Configure(t, acctest.ProviderBlock(t)+config(t, namespace, text))
			run := tf.Start(t, "apply", "-auto-approve", "-no-color")
			run.WaitFor(t, "Creating...")
			reach(t, namespace)
			run.Kill(t)
			t.Logf("the killed apply:\n%s", run.Wait(t).Output)
			tf.Apply(t)
			if instance := tf.State(t, shop); instance == nil || instance.Tainted {
				t.Errorf("the state is %+v", instance)
			}
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the apply is not empty")
			}
			tf.Destroy(t)
			isGone(t, istio(t, "virtualservices", namespace), "web-api."+namespace+".svc.cluster.local")
		})
	}
}
