package application_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// An application is told from its namesake on another cluster, and imported, by
// its identity. Terraform knows identities from 1.12 on.
func TestAccApplicationIdentity(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	system, err := acctest.OnCluster(t).Core.Namespaces().Get(t.Context(), "kube-system", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	created := webStep(t, namespace, "one", "a", 0)
	created.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectIdentity(web, map[string]knownvalue.Check{
		"cluster_id": knownvalue.StringExact(string(system.UID)),
		"namespace":  knownvalue.StringExact(namespace),
		"name":       knownvalue.StringExact("web"),
	})}
	imported := resource.TestStep{
		ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop),
		}},
	}
	elsewhere := webStep(t, namespace, "one", "a", 0)
	elsewhere.Config = acctest.ProviderBlock(t, `cluster_id = "another"`) + elsewhere.Config
	elsewhere.ExpectError = acctest.ErrorSays("connected to another cluster", string(system.UID))
	acctest.TestFrom(t, tfversion.Version1_12_0, created, imported, elsewhere)
}
