package provider_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// A cluster without Knative is named as such, with what to do, by everything
// that asks it. What is in the state is not taken for deleted.
func TestAccClusterWithoutKnative(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	began := time.Now()
	bare := acctest.BareCluster(t, 2)
	t.Logf("the bare cluster came up within %s", time.Since(began).Round(time.Second))

	const application = `
resource "sls_application" "web" {
  name      = "web"
  namespace = %q
  image     = %q
}
`
	says := acctest.ErrorSays("Knative Serving is not installed on the cluster", "serving.knative.dev", "Install")
	on := func(kubeconfig, config string) resource.TestStep {
		return resource.TestStep{Config: acctest.ProviderBlockFor(kubeconfig) + config}
	}
	refused := func(config string) resource.TestStep {
		step := on(bare, config)
		step.ExpectError = says
		return step
	}
	elsewhere := fmt.Sprintf(application, namespace, acctest.Image(t, "HELLO_V1"))

	for name, config := range map[string]string{
		"sls_application":       fmt.Sprintf(application, "default", "registry.invalid/web"),
		"data.sls_application":  "data \"sls_application\" \"web\" {\n  name      = \"web\"\n  namespace = \"default\"\n}\n",
		"data.sls_applications": "data \"sls_applications\" \"all\" {\n  namespace = \"default\"\n}\n",
		"data.sls_revisions":    "data \"sls_revisions\" \"web\" {\n  application = \"web\"\n  namespace   = \"default\"\n}\n",
	} {
		t.Run(name, func(t *testing.T) { acctest.Test(t, refused(config)) })
	}
	t.Run("planned where Knative was", func(t *testing.T) {
		there := acctest.Kubeconfig(t)
		planned := refused(elsewhere)
		planned.PlanOnly = true
		// An engine that keeps identities finds out earlier that the object is another cluster's.
		planned.ExpectError = regexp.MustCompile(says.String() + "|" + acctest.ErrorSays("The provider is connected to another cluster", "Check config_path").String())
		acctest.Test(t, on(there, elsewhere), planned, on(there, elsewhere))
	})
}
