package application_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// elsewhere is the Service web as another provider has it.
func elsewhere(t *testing.T, namespace string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(acctest.Render(t, `
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: web
  namespace: {{.namespace}}
  labels: { team: a, tier: front }
  annotations: { example.com/owner: shop }
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "1"
        autoscaling.knative.dev/max-scale: "2"
        example.com/reviewed: "yes"
    spec:
      containers:
        - image: {{.image}}
          env: [{ name: TARGET, value: one }, { name: MODE, value: plain }]
          resources: { requests: { cpu: 20m } }
`, values(t, namespace, nil))), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

const movedConfig = `
moved {
  from = {{.from}}.web
  to   = sls_application.web
}

resource "sls_application" "web" {
  name                 = "web"
  namespace            = {{quote .namespace}}
  image                = {{quote .image}}
  env                  = { TARGET = "one", MODE = "plain" }
  labels               = { team = "a", tier = "front" }
  annotations          = { "example.com/owner" = "shop" }
  template_annotations = { "example.com/reviewed" = "yes" }
  resources            = { requests = { cpu = "20m" } }
  scaling              = { min = 1, max = 2 }
}
`

// A moved block brings an application from another provider, under load: nothing is
// written, no request fails, and the next change is one as any other, of fields that
// the other provider has owned, and of such as are not wanted any more.
func TestAccApplicationMoved(t *testing.T) {
	t.Parallel()
	for name, from := range acctest.Predecessors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf, namespace := acctest.NewTerraform(t), acctest.Namespace(t)
			object := elsewhere(t, namespace)
			from.Make(t, serving.Services, object)
			isReady(t, namespace)
			_ = answers(t, namespace, "web", "v1", "one")(nil) // fails the test by itself
			before, revisions := service(t, namespace, "web"), revisionNames(t, namespace)
			from.Holds(t, tf, map[string]map[string]any{"web": object})
			config := acctest.ProviderBlock(t) + acctest.Render(t, movedConfig, values(t, namespace, acctest.Values{"from": from.Type}))
			attack := load.Start(t, load.Options{Rate: 20}, load.Get(fmt.Sprintf("http://web.%s.%s/", namespace, acctest.Domain(t))))

			tf.Configure(t, config)
			planned := tf.Run(t, "plan", "-no-color")
			for _, says := range []string{from.Type + ".web has moved to sls_application.web", "0 to add, 0 to change, 0 to destroy"} {
				if !strings.Contains(planned.Output, says) {
					t.Fatalf("the plan does not say %q:\n%s", says, planned.Output)
				}
			}
			tf.Apply(t)
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the move is not empty")
			}
			after := service(t, namespace, "web")
			if after.GetUID() != before.GetUID() || after.GetResourceVersion() != before.GetResourceVersion() {
				t.Errorf("the Service was %s at %s, and is %s at %s", before.GetUID(), before.GetResourceVersion(), after.GetUID(), after.GetResourceVersion())
			}
			if now := revisionNames(t, namespace); !slices.Equal(now, revisions) {
				t.Errorf("the revisions were %v and are %v", revisions, now)
			}

			for _, change := range [][2]string{
				{`TARGET = "one", MODE = "plain"`, `TARGET = "two"`},
				{`team = "a", tier = "front"`, `team = "b"`},
				{`  annotations          = { "example.com/owner" = "shop" }` + "\n", ""},
				{`  template_annotations = { "example.com/reviewed" = "yes" }` + "\n", ""},
			} {
				config = replaceOnce(t, config, change[0], change[1])
			}
			tf.Configure(t, config)
			tf.Apply(t)
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the change is not empty")
			}
			_ = answers(t, namespace, "web", "v1", "two")(nil) // as above
			attack.For(t, time.Second)
			report := attack.Stop()
			t.Logf("under load: %s", report)
			if failed := report.Failed(); len(failed) > 0 {
				t.Errorf("%d requests failed", len(failed))
			}
			changed := service(t, namespace, "web")
			if labels := changed.GetLabels(); labels["team"] != "b" || labels["tier"] != "" {
				t.Errorf("the labels are %v", labels)
			}
			if owner := changed.GetAnnotations()["example.com/owner"]; owner != "" {
				t.Errorf("the annotation that is configured no longer is %q", owner)
			}
			revision := acctest.Object(t, serving.Revisions, namespace, serving.CurrentRevision(changed))
			if reviewed := revision.GetAnnotations()["example.com/reviewed"]; reviewed != "" {
				t.Errorf("the revision's annotation that is configured no longer is %q", reviewed)
			}
			if env := containersOf(t, namespace)[0]["env"]; len(env.([]any)) != 1 { //nolint:errcheck // a test that has something else may panic
				t.Errorf("the environment is %v", env)
			}
			tf.Destroy(t)
		})
	}
}

// What can't be moved is refused with the way that always leads there, and stays with
// the provider that has it.
func TestAccApplicationMovedFromElsewhere(t *testing.T) {
	t.Parallel()
	from := acctest.Predecessors["kubernetes_manifest"]
	tf, namespace := acctest.NewTerraform(t), acctest.Namespace(t)
	from.Holds(t, tf, map[string]map[string]any{"web": {
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "web", "namespace": namespace},
	}})
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, movedConfig, values(t, namespace, acctest.Values{"from": from.Type})))
	refused := tf.Run(t, "plan", "-no-color")
	if refused.ExitCode == 0 || !acctest.ErrorSays("Can't move the kubernetes_manifest to an sls_application",
		"It is the Deployment "+namespace+"/web of apps/v1", "removed {", "import {", "to = sls_application").MatchString(refused.Output) {
		t.Errorf("a Deployment came to %d:\n%s", refused.ExitCode, refused.Output)
	}

	// One that is not on this cluster would be made anew.
	from.Holds(t, tf, map[string]map[string]any{"web": elsewhere(t, namespace)})
	planned := tf.Run(t, "plan", "-no-color")
	if planned.ExitCode != 0 || !strings.Contains(planned.Output, "1 to add") ||
		!acctest.ErrorSays("There is nothing to take over from the kubernetes_manifest", "Knative Service "+namespace+"/web").MatchString(planned.Output) {
		t.Errorf("a Service that is not there came to %d:\n%s", planned.ExitCode, planned.Output)
	}
}
