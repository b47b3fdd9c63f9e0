package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const released = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  version   = "v1"
  image     = {{quote .image}}
  rollout   = "manual"
}

resource "sls_revision_traffic" "web" {
  application = sls_application.web.name
  namespace   = {{quote .namespace}}
  revisions   = [{ version = "v1", percent = 100, tag = "stable" }]
  rules = [{
    name   = "testers"
    match  = [{ headers = { x-tester = { exact = "$${yes}" } }, path = { prefix = "/beta" } }]
    target = "stable"
  }]
}

resource "sls_domain" "web" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
  timeout   = "20s"
  headers   = { response = { set = { x-served-by = "web" } } }
}
`

// releasedElsewhere applies an application with its traffic and its domain, from a
// configuration of its own.
func releasedElsewhere(t *testing.T, namespace, host string) {
	t.Helper()
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, released, acctest.Values{
		"namespace": namespace, "host": host, "image": acctest.Image(t, "HELLO_V1"),
	}))
	tf.Apply(t) // what it has made goes with the namespace
}

// importsOnly plans and applies an import of a number of resources, of which nothing
// changes.
func importsOnly(t *testing.T, tf *acctest.Terraform, count int, arguments ...string) {
	t.Helper()
	planned := tf.Run(t, append([]string{"plan", "-no-color", "-out=import.tfplan"}, arguments...)...)
	if want := fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", count); !strings.Contains(planned.Output, want) {
		t.Fatalf("the plan does not say %q:\n%s", want, planned.Output)
	}
	if applied := tf.Run(t, "apply", "-no-color", "import.tfplan"); applied.ExitCode != 0 {
		t.Fatalf("the import came to %d:\n%s", applied.ExitCode, applied.Output)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the import is not empty")
	}
}

// Terraform writes the configuration of traffic and domains, too: it is valid as it
// stands, and applying it changes nothing.
func TestAccGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := namespace + ".example.com"
	releasedElsewhere(t, namespace, host)
	tf := acctest.NewTerraform(t)
	var imports strings.Builder
	for resource, name := range map[string]string{"sls_revision_traffic": "web", "sls_domain": host} {
		fmt.Fprintf(&imports, "import {\n  to = %s.web\n  id = %q\n}\n", resource, namespace+"/"+name)
	}
	tf.Configure(t, acctest.ProviderBlock(t)+imports.String())
	importsOnly(t, tf, 2, "-generate-config-out=generated.tf")
}

// terraform query finds them, and nothing of what they are made of.
func TestAccQuery(t *testing.T) {
	t.Parallel()
	tf, namespace := acctest.NewTerraformFrom(t, tfversion.Version1_14_0), acctest.Namespace(t)
	host := namespace + ".example.com"
	releasedElsewhere(t, namespace, host)
	tf.Configure(t, acctest.ProviderBlock(t))
	var lists strings.Builder
	for _, resource := range []string{"sls_application", "sls_revision_traffic", "sls_domain"} {
		fmt.Fprintf(&lists, "list %q \"all\" {\n  provider = sls\n  config {\n    namespace = %q\n  }\n}\n", resource, namespace)
	}
	tf.Write(t, "all.tfquery.hcl", lists.String())
	found := tf.Run(t, "query", "-no-color", "-generate-config-out=generated.tf")
	if found.ExitCode != 0 {
		t.Fatalf("the query came to %d:\n%s", found.ExitCode, found.Output)
	}
	for name, count := range map[string]int{namespace + "/web\n": 2, namespace + "/" + host + "\n": 1, namespace + "/": 3} {
		if got := strings.Count(found.Output, name); got != count {
			t.Errorf("it finds %q %d times, want %d:\n%s", name, got, count, found.Output)
		}
	}
	importsOnly(t, tf, 3)
}
