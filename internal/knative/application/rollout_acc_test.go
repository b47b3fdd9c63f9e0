package application_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// with adds lines to the resource of webStep.
func with(t *testing.T, step resource.TestStep, lines string) resource.TestStep {
	t.Helper()
	step.Config = replaceOnce(t, step.Config, "  labels ", "  "+lines+"\n  labels ")
	return step
}

// Behaviour 10: under a manual rollout a new revision gets no traffic, until
// somebody gives it some: here, the rollout becomes immediate.
func TestAccApplicationManualRollout(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const manual = `rollout = "manual"`
	created := with(t, webStep(t, namespace, "one", "a", 0), manual)
	created.Check = answers(t, namespace, "web", "v1", "one")

	held := with(t, webStep(t, namespace, "two", "a", 0), manual)
	held.Check = resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckResourceAttr(web, "ready", "true"), resource.TestCheckResourceAttrPair(web, "revision", web, "latest_ready_revision"),
		hasRevisions(t, namespace, 2), answers(t, namespace, "web", "v1", "one"))
	again := with(t, webStep(t, namespace, "three", "b", 0), manual)
	again.Check = resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 3), answers(t, namespace, "web", "v1", "one"))

	immediate := webStep(t, namespace, "four", "b", 0)
	immediate.Check = answers(t, namespace, "web", "v1", "four")
	acctest.Test(t, created, held, again, immediate)
}

// Behaviour 6: CI deploys an image past Terraform. The plan stays empty; the
// next change of ours keeps CI's image, mints one revision and meets no
// conflict.
func TestAccApplicationImageFromCI(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const external = `image_source = "external"`
	created := with(t, webStep(t, namespace, "one", "a", 0), external)
	created.Check = answers(t, namespace, "web", "v1", "one")

	deployed := with(t, webStep(t, namespace, "one", "a", 0), external)
	deployed.PreConfig = func() {
		deployImage(t, "ci", namespace, acctest.Image(t, "HELLO_V2"))
		isReady(t, namespace)
		_ = answers(t, namespace, "web", "v2", "one")(nil)
	}
	deployed.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	deployed.Check = hasRevisions(t, namespace, 2)

	changed := with(t, webStep(t, namespace, "two", "a", 0), external)
	changed.Check = resource.ComposeAggregateTestCheckFunc(answers(t, namespace, "web", "v2", "two"), hasRevisions(t, namespace, 3))
	relabelled := with(t, webStep(t, namespace, "two", "b", 0), external)
	relabelled.Check = hasRevisions(t, namespace, 3)
	acctest.Test(t, created, deployed, changed, relabelled)
}

// deployImage sets the image as kubectl set image does, under a manager's name.
func deployImage(t *testing.T, manager, namespace, image string) {
	t.Helper()
	containers := containersOf(t, namespace)
	containers[0]["image"] = image
	acctest.Patch(t, manager, serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"template": map[string]any{
		"spec": map[string]any{"containers": containers},
	}}})
}

// Behaviour 9: the history keeps what carried traffic last, whatever failed
// since.
func TestAccApplicationHistory(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const limit = `revision_history_limit = 2`
	var names []string
	step := func(target string, want ...int) resource.TestStep {
		s := with(t, webStep(t, namespace, target, "a", 0), limit)
		s.Check = func(state *terraform.State) error {
			names = append(names, state.RootModule().Resources[web].Primary.Attributes["revision"])
			var expected []string
			for _, i := range want {
				expected = append(expected, names[i])
			}
			slices.Sort(expected)
			if now := revisionNames(t, namespace); !slices.Equal(now, expected) {
				return fmt.Errorf("there are the revisions %v, want %v", now, expected)
			}
			return answers(t, namespace, "web", "v1", target)(state)
		}
		return s
	}
	broken := with(t, webStep(t, namespace, "broken", "a", 0), limit)
	broken.Config = replaceOnce(t, broken.Config, `"broken"`, `"broken", CRASH = "true"`)
	broken.ExpectError = acctest.ErrorSays("The container ends instead of serving")
	acctest.Test(t, step("one", 0), step("two", 0, 1), step("three", 0, 1, 2), broken, step("four", 1, 2, 3))
}

// deletion_protection refuses a destroy and a replacement at plan.
func TestAccApplicationDeletionProtection(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	protected := with(t, webStep(t, namespace, "one", "a", 0), `deletion_protection = true`)
	destroyed := protected
	destroyed.Destroy = true
	destroyed.ExpectError = acctest.ErrorSays("protected from deletion", "deletion_protection = false")
	renamed := protected
	renamed.Config = replaceOnce(t, protected.Config, `  name      = "web"`, `  name      = "other"`)
	renamed.ExpectError = acctest.ErrorSays("protected from deletion")
	acctest.Test(t, protected, destroyed, renamed, webStep(t, namespace, "one", "a", 0))
}

// Behaviour 3: what the platform has switched off is refused before the write,
// at the attribute, with what to switch on.
func TestAccApplicationFeatureOff(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	off := with(t, webStep(t, namespace, "one", "a", 0),
		`volumes = { logs = { host_path = { path = "/var/log/apps" } } }`+"\n  "+`volume_mounts = { "/logs" = { volume = "logs" } }`)
	off.ExpectError = acctest.ErrorSays("switched off", "kubernetes.podspec-volumes-hostpath", "config-features")
	acctest.Test(t, off)
}
