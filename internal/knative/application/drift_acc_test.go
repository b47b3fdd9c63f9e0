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

// metadata is a patch of labels or annotations.
func metadata(field, key string, value any) map[string]any {
	return map[string]any{"metadata": map[string]any{field: map[string]any{key: value}}}
}

// Behaviour 5: what others add is left alone, and survives our next change.
func TestAccApplicationLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)

	added := webStep(t, namespace, "one", "a", 0)
	added.PreConfig = func() {
		acctest.Patch(t, "kubectl-annotate", serving.Services, namespace, "web", metadata("annotations", "example.com/owner", "sre"))
		acctest.Patch(t, "kubectl-label", serving.Services, namespace, "web", metadata("labels", "tier", "gold"))
	}
	added.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}

	changed := webStep(t, namespace, "two", "b", 0)
	changed.Check = resource.ComposeAggregateTestCheckFunc(
		hasRevisions(t, namespace, 2), answers(t, namespace, "web", "v1", "two"),
		func(*terraform.State) error {
			live := service(t, namespace, "web")
			if live.GetAnnotations()["example.com/owner"] != "sre" || live.GetLabels()["tier"] != "gold" {
				return fmt.Errorf("what others added is gone: %v %v", live.GetAnnotations(), live.GetLabels())
			}
			return nil
		})
	acctest.Test(t, created, added, changed)
}

// Behaviour 5: a value of ours that is gone shows in the plan and is repaired.
func TestAccApplicationRepairsDrift(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)
	repaired := webStep(t, namespace, "one", "a", 0)
	repaired.PreConfig = func() {
		acctest.Patch(t, "kubectl-label", serving.Services, namespace, "web", metadata("labels", "team", nil))
	}
	repaired.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)}
	repaired.Check = resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 1), func(*terraform.State) error {
		if team := service(t, namespace, "web").GetLabels()["team"]; team != "a" {
			return fmt.Errorf("the label is %q", team)
		}
		return nil
	})
	acctest.Test(t, created, repaired)
}

// Behaviour 5: a value of ours that somebody else has set to another one is a
// conflict that names them, both values and the way out, which then works.
func TestAccApplicationConflict(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)
	conflict := webStep(t, namespace, "one", "a", 0)
	conflict.PreConfig = func() {
		acctest.Patch(t, "kubectl-edit", serving.Services, namespace, "web", metadata("labels", "team", "z"))
	}
	conflict.ExpectError = acctest.ErrorSays(".metadata.labels.team", "kubectl-edit", `it is "z", this configuration wants "a"`, "force_conflicts")
	forced := webStep(t, namespace, "one", "a", 0)
	forced.Config = acctest.ProviderBlock(t) + replaceOnce(t, forced.Config, "labels    =", "force_conflicts = true\n  labels    =")
	forced.Check = func(*terraform.State) error {
		if team := service(t, namespace, "web").GetLabels()["team"]; team != "a" {
			return fmt.Errorf("the label is %q", team)
		}
		return nil
	}
	acctest.Test(t, created, conflict, forced)
}

// Behaviour 5: somebody deploys another image and a sidecar variable past
// Terraform. The image, which is ours, shows and is repaired; the variable,
// which is theirs, stays.
func TestAccApplicationChangedTemplate(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)
	repaired := webStep(t, namespace, "two", "a", 0)
	repaired.PreConfig = func() {
		containers := containersOf(t, namespace)
		env, _ := containers[0]["env"].([]any)
		containers[0]["env"] = append(env, map[string]any{"name": "THEIRS", "value": "yes"})
		acctest.Patch(t, "kn", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"template": map[string]any{
			"metadata": map[string]any{"name": nil}, "spec": map[string]any{"containers": containers},
		}}})
	}
	repaired.Check = resource.ComposeAggregateTestCheckFunc(answers(t, namespace, "web", "v1", "two"), func(*terraform.State) error {
		containers := containersOf(t, namespace)
		env, _ := containers[0]["env"].([]any)
		if !slices.ContainsFunc(env, func(variable any) bool {
			fields, _ := variable.(map[string]any)
			return fields["name"] == "THEIRS"
		}) {
			return fmt.Errorf("the variable that somebody else set is gone: %v", containers)
		}
		return nil
	})
	acctest.Test(t, created, repaired)
}
