package applications_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

const applications = `
resource "sls_application" "web" {
  name        = "web"
  namespace   = {{quote .namespace}}
  version     = {{quote .version}}
  image       = {{quote .image}}
  labels      = { team = "shop" }
  annotations = { note = "x" }
}

resource "sls_application" "api" {
  name       = "api"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  labels     = { team = "stock" }
  visibility = "cluster-local"
}
`

const reads = `
data "sls_application" "web" {
  namespace = {{quote .namespace}}
  name      = sls_application.web.name
}

data "sls_application" "api" {
  namespace = {{quote .namespace}}
  name      = sls_application.api.name
}

data "sls_applications" "all" {
  namespace = {{quote .namespace}}
}

data "sls_applications" "shop" {
  namespace = {{quote .namespace}}
  labels    = { team = "shop" }
}

data "sls_applications" "nobody" {
  namespace = {{quote .namespace}}
  labels    = { team = "shop", tier = "none" }
}
`

// split sends 70 % to one revision and 30 % to the other, which also has a tag,
// as another client does, and waits until Knative has done so.
func split(t testing.TB, namespace, most, least string) {
	t.Helper()
	acctest.Patch(t, "test", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"traffic": []any{
		map[string]any{"revisionName": most, "percent": 70},
		map[string]any{"revisionName": least, "percent": 30, "tag": "canary"},
	}}})
	services := acctest.Client(t, serving.Services, namespace)
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		object, err := services.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		service, err := serving.DecodeService(object)
		if err != nil {
			return err
		}
		if state := serving.Assess(service, ""); state.Phase != serving.Ready || len(service.Status.Traffic) != 2 {
			return fmt.Errorf("the traffic is %v, %s", service.Status.Traffic, state)
		}
		return nil
	})
}

func TestAccApplicationsDataSources(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	var revisions []string // of web, the oldest first
	step := func(version, image, more string, checks ...resource.TestCheckFunc) resource.TestStep {
		checks = append(checks, func(s *terraform.State) error {
			revisions = append(revisions, s.RootModule().Resources["sls_application.web"].Primary.Attributes["revision"])
			return nil
		})
		return resource.TestStep{
			Config: acctest.Render(t, applications+more, acctest.Values{"namespace": namespace, "version": version, "image": acctest.Image(t, image)}),
			Check:  resource.ComposeTestCheckFunc(checks...),
		}
	}

	const web, api, all = "data.sls_application.web", "data.sls_application.api", "data.sls_applications.all"
	digest := regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)
	host := fmt.Sprintf("web.%s.%s", namespace, acctest.Domain(t))
	is := resource.TestCheckResourceAttr
	read := step("2.0", "HELLO_V2", reads,
		is(web, "version", "2.0"),
		is(web, "image", acctest.Image(t, "HELLO_V2")),
		resource.TestMatchResourceAttr(web, "image_digest", digest),
		resource.TestCheckResourceAttrPair(web, "revision", "sls_application.web", "revision"),
		resource.TestCheckResourceAttrPair(web, "latest_ready_revision", "sls_application.web", "revision"),
		resource.TestCheckResourceAttrPair(web, "image_digest", "sls_application.web", "image_digest"),
		is(web, "ready", "true"),
		resource.TestCheckNoResourceAttr(web, "status_message"),
		is(web, "url", "http://"+host),
		is(web, "cluster_local_url", fmt.Sprintf("http://web.%s.svc.cluster.local", namespace)),
		is(web, "visibility", "public"),
		is(web, "labels.team", "shop"),
		is(web, "labels.sls-platform.github.io/version", "2.0"),
		is(web, "annotations.note", "x"),
		is(web, "traffic.#", "2"),
		is(web, "traffic.0.percent", "70"),
		is(web, "traffic.0.latest", "false"),
		resource.TestCheckNoResourceAttr(web, "traffic.0.tag"),
		resource.TestCheckNoResourceAttr(web, "traffic.0.url"),
		is(web, "traffic.1.percent", "30"),
		is(web, "traffic.1.tag", "canary"),
		is(web, "traffic.1.url", "http://canary-"+host),
		func(s *terraform.State) error {
			return resource.ComposeTestCheckFunc(
				is(web, "traffic.0.revision", revisions[0]), is(web, "traffic.1.revision", revisions[1]))(s)
		},

		is(api, "visibility", "cluster-local"),
		is(api, "url", fmt.Sprintf("http://api.%s.svc.cluster.local", namespace)),
		resource.TestCheckNoResourceAttr(api, "version"),
		is(api, "traffic.#", "1"),
		is(api, "traffic.0.percent", "100"),
		is(api, "traffic.0.latest", "true"),

		is(all, "applications.#", "2"),
		is(all, "applications.0.name", "api"),
		is(all, "applications.1.name", "web"),
		resource.TestCheckResourceAttrPair(all, "applications.1.image_digest", web, "image_digest"),
		resource.TestCheckResourceAttrPair(all, "applications.0.image_digest", api, "image_digest"),
		is(all, "applications.1.traffic.1.tag", "canary"),
		is("data.sls_applications.shop", "applications.#", "1"),
		is("data.sls_applications.shop", "applications.0.name", "web"),
		is("data.sls_applications.nobody", "applications.#", "0"),
		listedWithTwoRequests(t, namespace),
	)
	read.PreConfig = func() { split(t, namespace, revisions[0], revisions[1]) }

	acctest.Test(t, step("1.0", "HELLO_V1", ""), step("2.0", "HELLO_V2", ""), read)
}

// listedWithTwoRequests checks what a plan that reads all applications asks for.
func listedWithTwoRequests(t testing.TB, namespace string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		audit := acctest.NewAudit(t)
		tf := acctest.NewTerraform(t)
		tf.Configure(t, acctest.ProviderBlockFor(audit.Kubeconfig)+acctest.Render(t, `
data "sls_applications" "all" {
  namespace = {{quote .namespace}}
}
`, acctest.Values{"namespace": namespace}))
		if result := tf.Run(t, "plan", "-no-color"); result.ExitCode != 0 {
			return fmt.Errorf("the plan failed: %s", result.Output)
		}
		const want = "2 requests\n    1  list revisions.serving.knative.dev\n    1  list services.serving.knative.dev"
		if got := audit.Requests(t).String(); got != want {
			return fmt.Errorf("the plan took %s", got)
		}
		return nil
	}
}

// What is not there, and what may not be read, is told at the attribute or by
// name.
func TestAccApplicationDataSourceRefused(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	data := func(source, argument string) string {
		return fmt.Sprintf("data %q \"a\" {\n  namespace = %q\n  %s\n}\n", source, namespace, argument)
	}
	stranger := acctest.ProviderBlockFor(acctest.NewAccount(t, namespace).Kubeconfig)
	acctest.Test(t,
		resource.TestStep{
			Config:      data("sls_application", `name = "none"`),
			ExpectError: acctest.ErrorSays("There is no such application", `name = "none"`, "has no Knative Service none"),
		},
		resource.TestStep{
			Config:      data("sls_application", `name = "Not A Name"`),
			ExpectError: acctest.ErrorSays("Invalid value", "DNS-1035"),
		},
		resource.TestStep{
			Config:      data("sls_applications", `labels = { "a b" = "c" }`),
			ExpectError: acctest.ErrorSays("Invalid value", "label or annotation key"),
		},
		resource.TestStep{
			Config:      stranger + data("sls_applications", ""),
			ExpectError: acctest.ErrorSays("Can't read the applications of the namespace "+namespace, "services"),
		},
		resource.TestStep{
			Config: data("sls_applications", ""),
			Check:  resource.TestCheckResourceAttr("data.sls_applications.a", "applications.#", "0"),
		},
	)
}
