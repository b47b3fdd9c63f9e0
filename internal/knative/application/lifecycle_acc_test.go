package application_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

const web = "sls_application.web"

const webConfig = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  version   = "1.0"
  image     = {{quote .image}}
  env       = { TARGET = {{quote .target}} }
  labels    = { team = {{quote .team}} }
  scaling   = { min = {{.min}}, max = 2 }
}
`

func webStep(t *testing.T, namespace, target, team string, min int) resource.TestStep {
	return resource.TestStep{Config: acctest.Render(t, webConfig,
		values(t, namespace, acctest.Values{"target": target, "team": team, "min": min}))}
}

// Behaviour 1: an application is created, answers through the gateway, and
// changes by one revision, named as planned. The framework plans again after
// every step and fails if that plan is not empty.
func TestAccApplicationLifecycle(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	planned := &plannedRevision{}

	created := webStep(t, namespace, "one", "a", 0)
	created.Check = resource.ComposeAggregateTestCheckFunc(
		answers(t, namespace, "web", "v1", "one"), hasRevisions(t, namespace, 1),
		resource.TestCheckResourceAttr(web, "ready", "true"),
		resource.TestCheckResourceAttr(web, "url", fmt.Sprintf("http://web.%s.%s", namespace, acctest.Domain(t))),
		resource.TestMatchResourceAttr(web, "revision", regexp.MustCompile(`^web-1-0-[a-z2-7]{8}$`)),
		resource.TestMatchResourceAttr(web, "image_digest", regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)),
		resource.TestCheckResourceAttrPair(web, "revision", web, "latest_ready_revision"),
	)

	again := webStep(t, namespace, "one", "a", 0)
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}

	relabelled := webStep(t, namespace, "one", "b", 0)
	relabelled.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate),
		plancheck.ExpectKnownValue(web, tfjsonpath.New("ready"), knownvalue.Bool(true)),
	}
	relabelled.Check = hasRevisions(t, namespace, 1)

	changed := webStep(t, namespace, "two", "b", 0)
	changed.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{planned}
	changed.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(web, tfjsonpath.New("revision"), planned),
		statecheck.ExpectKnownValue(web, tfjsonpath.New("latest_ready_revision"), planned),
	}
	changed.Check = resource.ComposeAggregateTestCheckFunc(answers(t, namespace, "web", "v1", "two"), hasRevisions(t, namespace, 2))

	// Behaviour 9: the earlier template brings its revision back.
	back := webStep(t, namespace, "one", "b", 0)
	back.Check = resource.ComposeAggregateTestCheckFunc(answers(t, namespace, "web", "v1", "one"), hasRevisions(t, namespace, 2))

	imported := resource.TestStep{
		ResourceName: web, ImportState: true, ImportStateId: namespace + "/web",
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}

	acctest.Test(t, created, again, relabelled, changed, back, imported)
}

// What is deleted behind Terraform's back is created again.
func TestAccApplicationDeletedOutside(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)
	deleted := webStep(t, namespace, "one", "a", 0)
	deleted.PreConfig = func() {
		client := acctest.Client(t, serving.Services, namespace)
		if err := client.Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	deleted.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionCreate)}
	deleted.Check = answers(t, namespace, "web", "v1", "one")
	acctest.Test(t, created, deleted)
}

// The provider's default labels and annotations reach the Service, never its
// revisions: a change of them mints none.
func TestAccApplicationDefaults(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	step := func(owner string) resource.TestStep {
		provider := acctest.ProviderBlock(t, fmt.Sprintf("default_labels = { owner = %q, team = \"platform\" }", owner))
		s := webStep(t, namespace, "one", "a", 0)
		s.Config = provider + s.Config
		s.Check = resource.ComposeAggregateTestCheckFunc(
			hasRevisions(t, namespace, 1),
			resource.TestCheckResourceAttr(web, "effective_labels.owner", owner),
			resource.TestCheckResourceAttr(web, "effective_labels.team", "a"),
			resource.TestCheckNoResourceAttr(web, "labels.owner"),
		)
		return s
	}
	acctest.Test(t, step("sre"), step("shop"))
}

// A cluster-local application answers no request from outside.
func TestAccApplicationVisibility(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const config = `
resource "sls_application" "web" {
  name       = "web"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  visibility = {{quote .visibility}}
}
`
	step := func(visibility, url string) resource.TestStep {
		return resource.TestStep{
			Config: acctest.Render(t, config, values(t, namespace, acctest.Values{"visibility": visibility})),
			Check: resource.ComposeAggregateTestCheckFunc(
				hasRevisions(t, namespace, 1), resource.TestCheckResourceAttr(web, "url", url),
				resource.TestCheckResourceAttr(web, "cluster_local_url", fmt.Sprintf("http://web.%s.svc.cluster.local", namespace))),
		}
	}
	public := fmt.Sprintf("http://web.%s.%s", namespace, acctest.Domain(t))
	local := fmt.Sprintf("http://web.%s.svc.cluster.local", namespace)
	acctest.Test(t, step("cluster-local", local), step("public", public), step("cluster-local", local))
}
