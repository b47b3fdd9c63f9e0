package application_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// Behaviour 5: what others add is left alone, and survives our next change.
func TestAccApplicationLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)

	added := webStep(t, namespace, "one", "a", 0)
	added.PreConfig = func() {
		acctest.Kubectl(t, "", "annotate", "ksvc/web", "-n", namespace, "example.com/owner=sre")
		acctest.Kubectl(t, "", "label", "ksvc/web", "-n", namespace, "tier=gold")
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
		acctest.Kubectl(t, "", "label", "ksvc/web", "-n", namespace, "team-")
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
		acctest.KubectlEdit(t, "s/team: a$/team: z/", "ksvc/web", "-n", namespace)
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

// Behaviour 5: kn updates a variable, which is theirs and stays; our next change
// goes through beside it.
func TestAccApplicationChangedTemplate(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)
	updated := webStep(t, namespace, "one", "a", 0)
	updated.PreConfig = func() {
		// Under a name that stays, Knative refuses any change.
		acctest.Kn(t, "service", "update", "web", "-n", namespace, "--env", "THEIRS=yes", "--revision-name", "{{.Service}}-theirs")
	}
	updated.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	changed := webStep(t, namespace, "two", "a", 0)
	changed.Check = resource.ComposeAggregateTestCheckFunc(answers(t, namespace, "web", "v1", "two"), hasVariable(t, namespace, "THEIRS", "yes"))
	acctest.Test(t, created, updated, changed)
}

// Behaviour 5: kubectl apply sets a value of ours to another, and one of its own.
// Ours is drift, and a conflict that names who it was; taken over, theirs stays.
func TestAccApplicationAppliedOver(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := webStep(t, namespace, "one", "a", 0)
	conflict := webStep(t, namespace, "one", "a", 0)
	conflict.PreConfig = func() {
		acctest.Kubectl(t, acctest.Render(t, `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
  namespace: {{.namespace}}
spec:
  template:
    metadata:
      name: web-theirs
    spec:
      containers:
        - image: {{.image}}
          env:
            - { name: TARGET, value: other }
            - { name: THEIRS, value: "yes" }
`, values(t, namespace, nil)), "apply", "-f", "-")
		isReady(t, namespace)
	}
	conflict.ExpectError = acctest.ErrorSays("env[TARGET].value", "kubectl-client-side-apply", `it is "other", this configuration wants "one"`, "force_conflicts")
	forced := with(t, webStep(t, namespace, "one", "a", 0), "force_conflicts = true")
	forced.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)}
	forced.Check = resource.ComposeAggregateTestCheckFunc(answers(t, namespace, "web", "v1", "one"), hasVariable(t, namespace, "THEIRS", "yes"))
	acctest.Test(t, created, conflict, forced)
}

// hasVariable checks a variable of the application's container.
func hasVariable(t *testing.T, namespace, name, value string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		env, _ := containersOf(t, namespace)[0]["env"].([]any)
		for _, variable := range env {
			if fields, _ := variable.(map[string]any); fields["name"] == name && fields["value"] == value {
				return nil
			}
		}
		return fmt.Errorf("%s is not %s: %v", name, value, env)
	}
}
