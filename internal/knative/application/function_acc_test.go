package application_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// The functions say at plan what the resource plans and applies.
func TestAccApplicationFunctions(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const config = `
locals {
  web = {
    name      = "web"
    namespace = {{quote .namespace}}
    version   = "1.0"
    image     = {{quote .image}}
    env       = { TARGET = "one", COUNT = 3 }
    port      = { number = 8080 }
    resources = { requests = { cpu = "10m" } }
    scaling   = { min = 1 }
    timeout   = "2m"
  }
}

resource "sls_application" "web" {
  name      = local.web.name
  namespace = local.web.namespace
  version   = local.web.version
  image     = local.web.image
  env       = local.web.env
  port      = local.web.port
  resources = local.web.resources
  scaling   = local.web.scaling
  timeout   = local.web.timeout
}

output "same_as_literal" {
  value = provider::sls::revision_name(local.web) == sls_application.web.revision
}

output "same_as_resource" {
  value = provider::sls::revision_name(sls_application.web) == sls_application.web.revision
}

output "manifest" {
  value = provider::sls::manifest(local.web)
}
`
	values := values(t, namespace, nil)
	created := resource.TestStep{Config: acctest.Render(t, config, values)}
	created.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectKnownOutputValue("same_as_literal", knownvalue.Bool(true)),
		plancheck.ExpectKnownOutputValue("same_as_resource", knownvalue.Bool(true)),
	}
	created.Check = func(s *terraform.State) error {
		text, _ := s.RootModule().Outputs["manifest"].Value.(string)
		return acceptable(t, namespace, text)
	}
	acctest.Test(t,
		resource.TestStep{
			Config:      acctest.Render(t, `output "x" { value = provider::sls::revision_name({ name = "web", namespace = "prod", image = "web:1", zone = "a" }) }`, nil),
			ExpectError: acctest.ErrorSays(`"application" parameter`, "no attribute zone"),
		},
		resource.TestStep{
			Config:      acctest.Render(t, `output "x" { value = provider::sls::manifest({ name = "Web", namespace = "prod", image = "web:1" }) }`, nil),
			ExpectError: acctest.ErrorSays(`"application" parameter`, "name:", "DNS-1035"),
		},
		created, // last: the test's end destroys with it
	)
}

// acceptable checks that the cluster would take a manifest, under another name:
// the application that it describes is there already.
func acceptable(t testing.TB, namespace, text string) error {
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		return err
	}
	object.SetName("another")
	unstructured.RemoveNestedField(object.Object, "spec", "template", "metadata", "name")
	_, err := acctest.Client(t, serving.Services, namespace).Create(t.Context(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}
