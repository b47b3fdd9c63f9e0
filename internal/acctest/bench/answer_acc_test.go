package bench_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

// one is a single application, which runs from the start.
const one = `terraform {
  required_providers {
    sls = { source = "registry.terraform.io/sls-platform/sls" }
  }
}

provider "sls" {
  config_path = %q
}

resource "sls_application" "app" {
  name      = %q
  namespace = %q
  image     = %q
}
`

// answer measures how long one application takes from the start of the command that
// deploys it to its first answer: what a pipeline waits for that asks after the
// apply.
func (b *benchmark) answer(t *testing.T) {
	b.say("a new cluster")
	platform := acctest.OwnPlatform(t, index)
	const namespace = "bench-answer"
	_, err := acctest.OnClusterOf(t, platform.Kubeconfig).Core.Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	audit := platform.NewAudit(t)
	r := b.newRoot(t, bench.Configuration{Subject: bench.Provider, Resources: 1}, audit)
	idle := b.newRoot(t, bench.Configuration{Subject: bench.Idle, Resources: 1}, nil)
	image := acctest.Image(t, "HELLO_V1")
	environment := []string{"KUBECONFIG=" + audit.Kubeconfig, "HOME=" + t.TempDir()}
	service := func(name string) string {
		return fmt.Sprintf(`{"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": %q, "namespace": %q},
"spec": {"template": {"spec": {"containers": [{"image": %q}]}}}}`, name, namespace, image)
	}
	file := r.dir + "/service.json"
	// The first of each is for the node, which has the image then, and is left out.
	for round := range 4*b.rounds + 1 {
		for i, subject := range []string{bench.Provider, bench.Kubectl, bench.KubectlWait} {
			name := fmt.Sprintf("app-%d-%d", i, round)
			host := name + "." + namespace + "." + acctest.Domain(t)
			write(t, r.dir+"/main.tf", fmt.Sprintf(one, audit.Kubeconfig, name, namespace, image))
			write(t, file, service(name))
			audit.Requests(t)
			// The node looks after its pods once a second: nobody may always begin at the same
			// moment of that, as after the end of the one before.
			time.Sleep(rand.N(time.Second)) //nolint:forbidigo // any moment will do

			began := time.Now()
			var measured *bench.Measured
			if subject == bench.Provider {
				measured = b.measure(t, 0, r.dir, r.environment, r.terraform, "apply", "-auto-approve", "-no-color")
			} else {
				measured = b.measure(t, 0, "", environment, b.program(bench.Kubectl), "apply", "--server-side", "-f", file)
			}
			if subject == bench.KubectlWait {
				b.measure(t, 0, "", environment, b.program(bench.Kubectl), "wait", "--for=condition=Ready", "--timeout=2m", "--namespace="+namespace, "ksvc/"+name)
			}
			answers(t, platform.Gateway, host, http.StatusOK)
			record := measured.Record(subject, bench.Answer)
			record.Seconds = time.Since(began).Seconds()
			record.Requests, record.Resources = count(audit.Requests(t)), 1
			if round > 0 {
				b.keep(t, record)
			}

			if subject == bench.Provider {
				// Beside it, what Terraform takes of that.
				write(t, idle.dir+"/main.tf", fmt.Sprintf(one, audit.Kubeconfig, name, namespace, image))
				nothing := idle.apply(t, bench.ApplyOne)
				idle.destroy(t)
				if round > 0 {
					b.keep(t, measured.Record(subject, bench.ApplyOne))
					b.keep(t, nothing)
				}
				b.measure(t, 0, r.dir, r.environment, r.terraform, "destroy", "-auto-approve", "-no-color")
			} else {
				b.measure(t, 0, "", environment, b.program(bench.Kubectl), "delete", "--wait", "-f", file)
			}
			// The next one finds the gateway without this one's routes.
			answers(t, platform.Gateway, host, http.StatusNotFound)
		}
	}
}

// answers waits until the gateway answers with the status. It asks often: what is
// measured is a few seconds.
func answers(t *testing.T, gateway, host string, status int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	err := wait.PollUntilContextTimeout(interrupted, 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway, nil)
		if err != nil {
			return false, err
		}
		request.Host = host
		response, err := client.Do(request)
		if err != nil {
			return false, err
		}
		return response.StatusCode == status, response.Body.Close()
	})
	if err != nil {
		t.Fatalf("%s does not answer with %d: %s", host, status, err)
	}
}
