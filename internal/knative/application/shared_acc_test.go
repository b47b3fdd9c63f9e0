package application_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// addSidecar adds a container with a volume of its own to the Service web, and a
// pull secret, as an operator does who patches it.
func addSidecar(t *testing.T, namespace string) {
	t.Helper()
	containers := containersOf(t, namespace)
	containers[0]["ports"] = []any{map[string]any{"containerPort": 8080}}
	containers = append(containers, map[string]any{
		"name": "log", "image": acctest.Image(t, "HELLO_V3"), "env": []any{map[string]any{"name": "PORT", "value": "8081"}},
		"volumeMounts": []any{map[string]any{"name": "logs", "mountPath": "/logs"}},
	})
	operatorPatches(t, namespace, map[string]any{
		"containers":       containers,
		"volumes":          append(podList(t, namespace, "volumes"), map[string]any{"name": "logs", "emptyDir": map[string]any{}}),
		"imagePullSecrets": append(podList(t, namespace, "imagePullSecrets"), map[string]any{"name": "theirs"}),
	})
}

// removeSidecar undoes addSidecar.
func removeSidecar(t *testing.T, namespace string) {
	t.Helper()
	containers := containersOf(t, namespace)
	delete(containers[0], "ports")
	operatorPatches(t, namespace, map[string]any{
		"containers": containers[:1], "volumes": podList(t, namespace, "volumes")[:1], "imagePullSecrets": podList(t, namespace, "imagePullSecrets")[:1],
	})
}

// operatorPatches changes the template's pod, which makes a revision that
// Knative names.
func operatorPatches(t *testing.T, namespace string, pod map[string]any) {
	t.Helper()
	acctest.Patch(t, "operator", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"template": map[string]any{
		"metadata": map[string]any{"name": nil}, "spec": pod,
	}}})
	isReady(t, namespace)
}

func podList(t *testing.T, namespace, field string) []any {
	t.Helper()
	list, _, _ := unstructured.NestedSlice(service(t, namespace, "web").Object, "spec", "template", "spec", field)
	return list
}

// hasSidecar checks that what addSidecar has added is there, or not, beside what
// is ours.
func hasSidecar(t *testing.T, namespace string, there bool) resource.TestCheckFunc {
	return func(*terraform.State) error {
		want := 1
		if there {
			want = 2
		}
		for _, field := range []string{"containers", "volumes", "imagePullSecrets"} {
			if list := podList(t, namespace, field); len(list) != want {
				return fmt.Errorf("%s are %v, want %d", field, list, want)
			}
		}
		return nil
	}
}

// Behaviour 5: a sidecar with its own volume, added by another manager, is no
// drift, and survives our next changes, each of them.
// Behaviour 9: an earlier template is brought back beside what others have added
// since, as a revision of its own; and without, once they have taken it out.
func TestAccApplicationSidecarOfOthers(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const ours = `image_pull_secrets = ["ours"]
  volumes = { data = { mount_path = "/data", empty_dir = {} } }`
	revisions := map[string]string{}
	step := func(target, as string, sidecar bool, count int) resource.TestStep {
		planned := &plannedRevision{}
		s := with(t, webStep(t, namespace, target, "a", 0), ours)
		s.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{planned}
		s.ConfigStateChecks = []statecheck.StateCheck{statecheck.ExpectKnownValue(web, tfjsonpath.New("revision"), planned)}
		s.Check = resource.ComposeAggregateTestCheckFunc(
			hasSidecar(t, namespace, sidecar), hasRevisions(t, namespace, count), answers(t, namespace, "web", "v1", target),
			resource.TestCheckResourceAttrPair(web, "revision", web, "latest_ready_revision"),
			func(state *terraform.State) error {
				name := state.RootModule().Resources[web].Primary.Attributes["revision"]
				if before := revisions[as]; before != "" && before != name {
					return fmt.Errorf("it is the revision %s, and was %s before", name, before)
				}
				for other, taken := range revisions {
					if other != as && taken == name {
						return fmt.Errorf("the revision %s is that of %s", name, other)
					}
				}
				revisions[as] = name
				return nil
			})
		return s
	}
	added := with(t, webStep(t, namespace, "one", "a", 0), ours)
	added.PreConfig = func() { addSidecar(t, namespace) }
	added.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}

	without := step("one", "one", false, 5)
	without.PreConfig = func() { removeSidecar(t, namespace) }
	acctest.Test(t,
		step("one", "one", false, 1),
		added, // one revision, of the operator's
		step("two", "two with theirs", true, 3),
		step("one", "one with theirs", true, 4),
		step("two", "two with theirs", true, 4),
		without, // again one of the operator's
	)
}
