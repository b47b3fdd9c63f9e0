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
	tf.MustPlanNothing(t)
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

func TestAccTerraformIsKilled(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	cluster := acctest.OnCluster(t)
	tf := acctest.NewTerraform(t)
	// The image is not to be had, so that the apply waits.
	tf.Configure(t, acctest.ProviderBlock(t)+acctest.Render(t, application, acctest.Values{"namespace": namespace, "image": "registry.invalid/none"}))

	apply := tf.Start(t, "apply", "-auto-approve", "-no-color")
	apply.WaitFor(t, "sls_application.test: Creating...")
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := cluster.Dynamic.Resource(services).Namespace(namespace).Get(ctx, "test", metav1.GetOptions{})
		return err
	})
	apply.Kill(t)
	if result := apply.Wait(t); result.ExitCode != -1 {
		t.Errorf("a killed run: %+v", result)
	}
}
