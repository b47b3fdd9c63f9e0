package domain_test

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// A VirtualService of another provider becomes a domain by a moved block: it is the
// same object before and after, and what the domain is made of besides is told as
// drift, and written with the first apply without a conflict.
func TestAccDomainMoved(t *testing.T) {
	t.Parallel()
	from := acctest.Predecessors["kubernetes_manifest of another manager"]
	tf, namespace := acctest.NewTerraform(t), acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	object := rootOf(namespace, host, host, publicGateway, toApplication(namespace, "web", ""))
	from.Make(t, routing.VirtualServices, object)
	uid := virtualService(t, namespace, host).GetUID()
	from.Holds(t, tf, map[string]map[string]any{"shop": object})
	tf.Configure(t, acctest.ProviderBlock(t)+"moved {\n  from = kubernetes_manifest.shop\n  to   = sls_domain.shop\n}\n"+config(t, namespace, shopConfig))
	planned := tf.Run(t, "plan", "-no-color")
	if !strings.Contains(planned.Output, "(moved from kubernetes_manifest.shop)") ||
		!strings.Contains(planned.Output, "1 to add, 1 to change, 0 to destroy") { // the application is new
		t.Fatalf("the plan came to %d:\n%s", planned.ExitCode, planned.Output)
	}
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the move is not empty")
	}
	if now := virtualService(t, namespace, host).GetUID(); now != uid {
		t.Errorf("the VirtualService was replaced: it was %s and is %s", uid, now)
	}
	_ = answers(t, "http://"+host+"/", told{Version: "v1", ForwardedHost: host})(nil) // fails the test by itself
	tf.Destroy(t)
}
