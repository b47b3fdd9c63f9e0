package application_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// slowConfig takes a while to become ready, which is when it is interrupted.
const slowConfig = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  env       = { SLOW_START = "8s", TARGET = {{quote .target}} }
}
`

// Behaviour 4: whatever ends an apply, and whenever, the next one converges: no
// orphan, no 'already exists', no taint.
func TestAccApplicationInterrupted(t *testing.T) {
	t.Parallel()
	end := map[string]func(*acctest.Process, testing.TB){
		"SIGKILL": func(p *acctest.Process, t testing.TB) { p.Kill(t) },
		"SIGINT":  func(p *acctest.Process, t testing.TB) { p.Interrupt(t) },
	}
	when := map[string]func(t *testing.T, namespace string, p *acctest.Process){
		"before the write": func(t *testing.T, _ string, p *acctest.Process) { p.WaitFor(t, "Creating...") },
		"during the wait": func(t *testing.T, namespace string, p *acctest.Process) {
			p.WaitFor(t, "Creating...")
			serviceExists(t, namespace)
		},
	}
	for how, signal := range end {
		for moment, reach := range when {
			t.Run(fmt.Sprintf("%s %s", how, moment), func(t *testing.T) {
				t.Parallel()
				namespace := acctest.Namespace(t)
				tf := acctest.NewTerraform(t)
				tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, slowConfig, values(t, namespace, acctest.Values{"target": "one"})))
				run := tf.Start(t, "apply", "-auto-approve", "-no-color")
				reach(t, namespace, run)
				signal(run, t)
				t.Logf("the interrupted apply:\n%s", run.Wait(t).Output)
				converges(t, tf, namespace, "one")
				if names := revisionNames(t, namespace); len(names) != 1 {
					t.Errorf("there are the revisions %v, want one", names)
				}
			})
		}
	}
}

// Behaviour 4, for an update: the change is written or not, and the next apply
// converges either way.
func TestAccApplicationUpdateInterrupted(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	tf := acctest.NewTerraform(t)
	configure := func(target string) {
		tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, slowConfig, values(t, namespace, acctest.Values{"target": target})))
	}
	configure("one")
	tf.Apply(t)
	for i, signal := range []func(*acctest.Process, testing.TB){
		func(p *acctest.Process, t testing.TB) { p.Kill(t) },
		func(p *acctest.Process, t testing.TB) { p.Interrupt(t) },
	} {
		target := fmt.Sprintf("changed-%d", i)
		configure(target)
		run := tf.Start(t, "apply", "-auto-approve", "-no-color")
		run.WaitFor(t, "Modifying...")
		acctest.Eventually(t, time.Minute, func(context.Context) error {
			if names := revisionNames(t, namespace); len(names) != i+2 {
				return fmt.Errorf("there are the revisions %v", names)
			}
			return nil
		})
		signal(run, t)
		t.Logf("the interrupted apply:\n%s", run.Wait(t).Output)
		converges(t, tf, namespace, target)
	}
	if names := revisionNames(t, namespace); len(names) != 3 {
		t.Errorf("there are the revisions %v, want three", names)
	}
}

// Behaviour 4: a change that was killed after its write, and is then taken back in
// the configuration, is taken back on the cluster: what it has added shows in no
// attribute.
func TestAccApplicationKilledUpdateIsTakenBack(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	tf := acctest.NewTerraform(t)
	configure := func(more string) {
		config := acctest.Render(t, slowConfig, values(t, namespace, acctest.Values{"target": "one"}))
		tf.Configure(t, acctest.ProviderBlock(t)+replaceOnce(t, config, `TARGET = "one"`, `TARGET = "one"`+more))
	}
	configure("")
	tf.Apply(t)
	first := revisionNames(t, namespace)
	configure(`, ADDED = "yes"`)
	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	run.WaitFor(t, "Modifying...")
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		if names := revisionNames(t, namespace); len(names) != 2 {
			return fmt.Errorf("there are the revisions %v", names)
		}
		return nil
	})
	run.Kill(t)
	run.Wait(t)

	configure("")
	converges(t, tf, namespace, "one")
	if hasVariable(t, namespace, "ADDED", "yes")(nil) == nil {
		t.Error("what the killed change has added is still there")
	}
	if name, _ := tf.State(t, web).Attributes["revision"].(string); name != first[0] {
		t.Errorf("the revision is %s, and was %v", name, first)
	}
}

// converges applies once more and checks that this was enough.
func converges(t *testing.T, tf *acctest.Terraform, namespace, target string) {
	t.Helper()
	if instance := tf.State(t, web); instance != nil && instance.Tainted {
		t.Error("the application is tainted")
	}
	tf.Apply(t)
	_ = answers(t, namespace, "web", "v1", target)(nil)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
}

func serviceExists(t *testing.T, namespace string) {
	t.Helper()
	client := acctest.Client(t, serving.Services, namespace)
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := client.Get(ctx, "web", metav1.GetOptions{})
		return err
	})
}
