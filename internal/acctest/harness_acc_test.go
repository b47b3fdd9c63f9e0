package acctest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

var services = schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}

func TestAccAuditCountsTheAccountsOwnRequests(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	mine, other := acctest.NewAudit(t), acctest.NewAudit(t)

	send := func(account acctest.Account, lists int) {
		t.Helper()
		config, err := kube.Connection{ConfigPath: account.Kubeconfig}.RESTConfig()
		if err != nil {
			t.Fatal(err)
		}
		client, err := corev1.NewForConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		for range lists {
			if _, err := client.Pods(namespace).List(t.Context(), metav1.ListOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		watch, err := client.Pods(namespace).Watch(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		watch.Stop()
	}

	send(mine.Account, 2)
	send(other.Account, 1)
	if got, want := mine.Requests(t).String(), "3 requests\n    2  list pods\n    1  watch pods"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	send(mine.Account, 1)
	if got, want := mine.Requests(t).String(), "2 requests\n    1  list pods\n    1  watch pods"; got != want {
		t.Errorf("since the last count: got %s\nwant %s", got, want)
	}
}

const application = `
resource "sls_application" "test" {
  name      = "test"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
}`

func TestAccTerraformRuns(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	image := acctest.Image(t, "HELLO_V1")
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, application, acctest.Values{"namespace": namespace, "image": image}))

	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	state := tf.State(t, "sls_application.test")
	if state == nil {
		t.Fatal("the state lacks the application")
	}
	address, ok := state.Attributes["url"].(string)
	if !ok {
		t.Fatalf("url is %v", state.Attributes["url"])
	}
	acctest.GetUntil(t, address, acctest.OK)

	tf.Destroy(t)
	if tf.State(t, "sls_application.test") != nil {
		t.Error("the state still holds the application")
	}
	if result := tf.Run(t, "no-such-command"); result.ExitCode == 0 || !strings.Contains(result.Output, "no-such-command") {
		t.Errorf("a wrong command: %+v", result)
	}
}

// slow is an application that is not ready for a while.
const slow = `
resource "sls_application" "test" {
  name      = "test"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  env       = { SLOW_START = "20s" }
}`

func TestAccTerraformIsEnded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(*acctest.Process, testing.TB)
		want func(acctest.Result) bool
	}{
		"killed": {
			func(p *acctest.Process, t testing.TB) { p.Kill(t) },
			func(result acctest.Result) bool { return result.ExitCode == -1 },
		},
		"interrupted": {
			func(p *acctest.Process, t testing.TB) { p.Interrupt(t) },
			func(result acctest.Result) bool {
				return result.ExitCode >= 0 && strings.Contains(result.Output, "Interrupt received")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			image := acctest.Image(t, "HELLO_V1")
			tf := acctest.NewTerraform(t)
			tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, slow, acctest.Values{"namespace": namespace, "image": image}))

			run := tf.Start(t, "apply", "-auto-approve", "-no-color")
			run.WaitFor(t, "sls_application.test: Creating...")
			client := acctest.OnCluster(t).Dynamic.Resource(services).Namespace(namespace)
			acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
				_, err := client.Get(ctx, "test", metav1.GetOptions{})
				return err
			})
			began := time.Now()
			test.end(run, t)
			if result := run.Wait(t); !test.want(result) {
				t.Errorf("the run came to exit code %d:\n%s", result.ExitCode, result.Output)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("the run ended after %s only", took)
			}
		})
	}
}
