package hostname_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

func TestAccDomainFunction(t *testing.T) {
	t.Parallel()
	rendered := resource.TestStep{Config: `
variable "clusters" {
  type    = map(string)
  default = { cluster = "prod" }
}

resource "terraform_data" "later" {
  input = "later"
}

output "of_an_object" {
  value = provider::sls::domain("{name}.sls-{cluster}.qunhe.com", { name = "shop", cluster = "prod" })
}

output "of_a_map" {
  value = provider::sls::domain("{name}.sls-{cluster}.qunhe.com", merge(var.clusters, { name = "shop" }))
}

output "of_a_number" {
  value = provider::sls::domain("shop-{number}.example.com", { number = 3 })
}

output "known_later" {
  value = provider::sls::domain("{name}.example.com", { name = terraform_data.later.output })
}
`}
	const want = "shop.sls-prod.qunhe.com"
	rendered.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectKnownOutputValue("of_an_object", knownvalue.StringExact(want)),
		plancheck.ExpectKnownOutputValue("of_a_map", knownvalue.StringExact(want)),
		plancheck.ExpectKnownOutputValue("of_a_number", knownvalue.StringExact("shop-3.example.com")),
		plancheck.ExpectUnknownOutputValue("known_later"),
	}
	rendered.Check = resource.TestCheckOutput("known_later", "later.example.com")

	var steps []resource.TestStep
	for _, refused := range []struct {
		call string
		says []string
	}{
		{`"{name}.sls-{cluster}.qunhe.com", { name = "shop" }`, []string{`"template" parameter`, "no value for the placeholder {cluster}"}},
		{`"{name.example.com", { name = "shop" }`, []string{`"template" parameter`, "a brace does not belong to a placeholder"}},
		{`"-{name}.example.com", { name = "shop" }`, []string{`"template" parameter`, "not a valid domain"}},
		{`"{name}.example.com", { name = "My Shop" }`, []string{`"values" parameter`, `name: "My Shop"`}},
		{`"{name}.example.com", { name = null }`, []string{`"values" parameter`, "name: it is null"}},
	} {
		steps = append(steps, resource.TestStep{
			Config:      "output \"domain\" {\n  value = provider::sls::domain(" + refused.call + ")\n}\n",
			ExpectError: acctest.ErrorSays(refused.says...),
		})
	}
	// The last configuration is what the test's end destroys with: it must be valid.
	acctest.Test(t, append(steps, rendered)...)
}
