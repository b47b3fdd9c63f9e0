package application_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

func replaceOnce(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in %q", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// makeByHand makes a Service with kubectl create.
func makeByHand(t *testing.T, namespace string) {
	t.Helper()
	acctest.Kubectl(t, byHand(t, namespace), "create", "-f", "-")
	isReady(t, namespace)
}

func byHand(t *testing.T, namespace string) string {
	t.Helper()
	return acctest.Render(t, `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
  namespace: {{.namespace}}
  labels: { team: a }
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "0"
        autoscaling.knative.dev/max-scale: "2"
    spec:
      containers:
        - image: {{.image}}
          env: [{ name: TARGET, value: one }]
`, values(t, namespace, nil))
}

const unversionedConfig = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  env       = { TARGET = {{quote .target}} }
  labels    = { team = {{quote .team}} }
  scaling   = { min = 0, max = 2 }
}
`

// Behaviour 7: an existing Service is not taken over without a word: the error
// shows the import block, and the import leads to a plan without a revision,
// whoever made it.
func TestAccApplicationExists(t *testing.T) {
	t.Parallel()
	for by, makeIt := range map[string]func(t *testing.T, namespace string){
		"kubectl create": makeByHand,
		"kubectl apply": func(t *testing.T, namespace string) {
			acctest.Kubectl(t, byHand(t, namespace), "apply", "-f", "-")
			isReady(t, namespace)
		},
		"kn": func(t *testing.T, namespace string) {
			acctest.Kn(t, "service", "create", "web", "-n", namespace, "--image", acctest.Image(t, "HELLO_V1"),
				"--env", "TARGET=one", "--label-service", "team=a", "--scale-min", "0", "--scale-max", "2")
		},
	} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			makeIt(t, namespace)
			render := func(target, team string) string {
				return acctest.Render(t, unversionedConfig, values(t, namespace, acctest.Values{"target": target, "team": team}))
			}
			acctest.Test(t,
				resource.TestStep{
					Config:      render("one", "a"),
					ExpectError: acctest.ErrorSays("exists already", "import {", `id = "`+namespace+`/web"`, "adopt = true"),
				},
				resource.TestStep{Config: render("one", "a"), ResourceName: web, ImportState: true, ImportStateId: namespace + "/web", ImportStatePersist: true},
				resource.TestStep{
					Config:           render("one", "a"),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
				resource.TestStep{Config: render("one", "b"), Check: hasRevisions(t, namespace, 1)},
				resource.TestStep{
					Config: render("two", "b"),
					Check:  resource.ComposeAggregateTestCheckFunc(hasRevisions(t, namespace, 2), answers(t, namespace, "web", "v1", "two")),
				},
			)
		})
	}
}

// adopt = true takes an existing Service over, for modules and for failover.
func TestAccApplicationAdopt(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	makeByHand(t, namespace)
	uid := service(t, namespace, "web").GetUID()
	config := acctest.Render(t, unversionedConfig, values(t, namespace, acctest.Values{"target": "adopted", "team": "a"}))
	acctest.Test(t, resource.TestStep{
		Config: replaceOnce(t, config, "  image", "  adopt     = true\n  image"),
		Check:  answers(t, namespace, "web", "v1", "adopted"),
	}, resource.TestStep{
		Config: replaceOnce(t, config, "  image", "  adopt     = true\n  image"),
		PreConfig: func() {
			if now := service(t, namespace, "web").GetUID(); now != uid {
				t.Errorf("the Service was replaced: it was %s and is %s", uid, now)
			}
		},
	})
}

// What was adopted is never removed because it does not become ready, however
// often that is tried.
func TestAccApplicationAdoptedIsNotRolledBack(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	makeByHand(t, namespace)
	uid := service(t, namespace, "web").GetUID()
	config := acctest.Render(t, unversionedConfig, values(t, namespace, acctest.Values{"target": "broken", "team": "a"}))
	config = replaceOnce(t, config, `"broken"`, `"broken", CRASH = "true"`)
	failing := resource.TestStep{
		Config:      replaceOnce(t, config, "  image", "  adopt     = true\n  image"),
		ExpectError: acctest.ErrorSays("The container ends instead of serving"),
	}
	acctest.Test(t, failing, failing)
	if now := service(t, namespace, "web").GetUID(); now != uid {
		t.Errorf("the Service was replaced: it was %s and is %s", uid, now)
	}
}
