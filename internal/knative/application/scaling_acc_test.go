package application_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// Behaviour 2: a change of scaling reaches the running revision, mints none, and
// is repaired when somebody undoes it.
func TestAccApplicationScalingInPlace(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)

	created := webStep(t, namespace, "one", "a", 0)
	scaled := webStep(t, namespace, "one", "a", 2)
	scaled.Check = resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 1), hasPods(t, namespace, 2))

	undone := webStep(t, namespace, "one", "a", 2)
	undone.PreConfig = func() {
		acctest.Patch(t, "kubectl-annotate", serving.Revisions, namespace, revisionNames(t, namespace)[0],
			map[string]any{"metadata": map[string]any{"annotations": map[string]any{"autoscaling.knative.dev/min-scale": "1"}}})
	}
	undone.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)}
	undone.Check = resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 1), hasScale(t, namespace, "autoscaling.knative.dev/min-scale", "2"))

	// The next revision begins with what the last one was changed to.
	next := webStep(t, namespace, "two", "a", 2)
	next.Check = resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 2), answers(t, namespace, "web", "v1", "two"))

	// Going back finds a revision that was scaled otherwise.
	back := webStep(t, namespace, "one", "a", 1)
	back.Check = hasRevisions(t, namespace, 2)

	unset := resource.TestStep{
		Config: acctest.Render(t, `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  version   = "1.0"
  image     = {{quote .image}}
  env       = { TARGET = "one" }
  labels    = { team = "a" }
}
`, values(t, namespace, nil)),
		Check: resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 2), hasScale(t, namespace, "autoscaling.knative.dev/min-scale", "")),
	}
	acctest.Test(t, created, scaled, undone, next, back, unset)
}

// A revision's minimum has one owner: what sls_revision_traffic has set is no
// drift, and no change of scaling undoes it, until it is withdrawn. The newest
// wish counts then.
func TestAccApplicationLeavesTheMinimumToTraffic(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	asTraffic := func(minimum string, earlier any) {
		acctest.Patch(t, "sls-revision-traffic", serving.Revisions, namespace, revisionNames(t, namespace)[0],
			map[string]any{"metadata": map[string]any{"annotations": map[string]any{
				"autoscaling.knative.dev/min-scale": minimum, "sls-platform.github.io/earlier-min-scale": earlier,
			}}})
	}
	warmed := webStep(t, namespace, "one", "a", 0)
	warmed.PreConfig = func() { asTraffic("2", "0") }
	warmed.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}

	scaled := webStep(t, namespace, "one", "a", 1)
	scaled.Config = replaceOnce(t, scaled.Config, "max = 2", "max = 3")
	scaled.Check = resource.ComposeAggregateTestCheckFunc(
		hasScale(t, namespace, "autoscaling.knative.dev/min-scale", "2"), hasScale(t, namespace, "autoscaling.knative.dev/max-scale", "3"),
		hasScale(t, namespace, "sls-platform.github.io/earlier-min-scale", "1"))

	withdrawn := webStep(t, namespace, "one", "a", 1)
	withdrawn.Config = scaled.Config
	withdrawn.PreConfig = func() { asTraffic("1", nil) }
	withdrawn.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}

	// From then on it is ours again.
	ours := webStep(t, namespace, "one", "a", 0)
	ours.Check = resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 1), hasScale(t, namespace, "autoscaling.knative.dev/min-scale", "0"))
	acctest.Test(t, webStep(t, namespace, "one", "a", 0), warmed, scaled, withdrawn, ours)
}

// Behaviour 2: at min = 0 the application goes to zero, and a request brings it
// back.
func TestAccApplicationScalesToZero(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	acctest.Test(t, resource.TestStep{
		Config: acctest.Render(t, `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  env       = { TARGET = "zero" }
  scaling   = { min = 0, window = "6s", retention = "0s" }
}
`, values(t, namespace, nil)),
		Check: resource.ComposeAggregateTestCheckFunc(hasPods(t, namespace, 0), answers(t, namespace, "web", "v1", "zero")),
	})
}

// hasPods waits until as many pods run, or are not on their way out.
func hasPods(t *testing.T, namespace string, count int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		acctest.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
			list, err := acctest.OnCluster(t).Core.Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "serving.knative.dev/service=web"})
			if err != nil {
				return err
			}
			running := 0
			for _, pod := range list.Items {
				if pod.DeletionTimestamp == nil {
					running++
				}
			}
			if running != count {
				return fmt.Errorf("%d pods run, want %d", running, count)
			}
			return nil
		})
		return nil
	}
}

// hasScale checks an annotation of the revision that the Service stands for.
func hasScale(t *testing.T, namespace, annotation, want string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		name := state.RootModule().Resources[web].Primary.Attributes["revision"]
		revision, err := acctest.Client(t, serving.Revisions, namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if got := revision.GetAnnotations()[annotation]; got != want {
			return fmt.Errorf("the revision %s has %s %q, want %q", name, annotation, got, want)
		}
		return nil
	}
}
