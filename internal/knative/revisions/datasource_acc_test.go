package revisions_test

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

const web = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  version   = {{quote .version}}
  image     = {{quote .image}}
  scaling   = { min = {{.min}} }
  wait      = {{.wait}}
}
`

const read = `
data "sls_revisions" "web" {
  namespace   = {{quote .namespace}}
  application = sls_application.web.name
}
`

// route sets the traffic as another client does, and waits until it is so.
func route(t testing.TB, namespace string, targets ...any) {
	t.Helper()
	acctest.Patch(t, "test", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"traffic": targets}})
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		found, err := acctest.Client(t, serving.Services, namespace).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		service, err := serving.DecodeService(found)
		if err != nil {
			return err
		}
		if state := serving.AssessRoutes(service); state.Phase != serving.Ready {
			return fmt.Errorf("the traffic is not ready: %s", state)
		}
		return nil
	})
}

// routed waits until Knative says of a revision that it is in that state: it
// does so after the Service is ready.
func routed(t testing.TB, namespace, revision, state string) {
	t.Helper()
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		found, err := acctest.Client(t, serving.Revisions, namespace).Get(ctx, revision, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if got := found.GetLabels()["serving.knative.dev/routingState"]; got != state {
			return fmt.Errorf("the revision %s is %q", revision, got)
		}
		return nil
	})
}

func TestAccRevisionsDataSource(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	var first, second string
	step := func(version, image, more string, before func(), checks ...resource.TestCheckFunc) resource.TestStep {
		return resource.TestStep{
			Config: acctest.Render(t, web+more, acctest.Values{
				"namespace": namespace, "version": version, "image": acctest.Image(t, image), "min": 1, "wait": true,
			}),
			PreConfig: before,
			Check:     resource.ComposeTestCheckFunc(checks...),
		}
	}
	remember := func(revision *string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			*revision = s.RootModule().Resources["sls_application.web"].Primary.Attributes["revision"]
			return nil
		}
	}
	const data = "data.sls_revisions.web"
	is := resource.TestCheckResourceAttr
	of := func(attribute string, revision *string) resource.TestCheckFunc {
		return func(s *terraform.State) error { return is(data, attribute, *revision)(s) }
	}

	acctest.Test(t,
		step("1.0", "HELLO_V1", "", nil, remember(&first)),
		step("2.0", "HELLO_V2", "", nil, remember(&second)),
		step("2.0", "HELLO_V2", read, func() {
			route(t, namespace,
				map[string]any{"revisionName": first, "percent": 90, "tag": "stable"},
				map[string]any{"revisionName": second, "percent": 10, "tag": "canary"},
				map[string]any{"revisionName": second, "tag": "beta"})
			routed(t, namespace, first, "active")
			routed(t, namespace, second, "active")
		},
			is(data, "revisions.#", "2"),
			of("revisions.0.name", &second),
			is(data, "revisions.0.version", "2.0"),
			is(data, "revisions.0.image", acctest.Image(t, "HELLO_V2")),
			resource.TestMatchResourceAttr(data, "revisions.0.image_digest", regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)),
			is(data, "revisions.0.ready", "true"),
			resource.TestCheckNoResourceAttr(data, "revisions.0.reason"),
			resource.TestCheckNoResourceAttr(data, "revisions.0.status_message"),
			is(data, "revisions.0.percent", "10"),
			is(data, "revisions.0.tags.#", "2"),
			is(data, "revisions.0.tags.0", "beta"),
			is(data, "revisions.0.tags.1", "canary"),
			is(data, "revisions.0.min_scale", "1"),
			is(data, "revisions.0.generation", "2"),
			is(data, "revisions.0.collectable", "false"),
			resource.TestMatchResourceAttr(data, "revisions.0.created_at", regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)),
			of("revisions.1.name", &first),
			is(data, "revisions.1.version", "1.0"),
			is(data, "revisions.1.percent", "90"),
			is(data, "revisions.1.tags.0", "stable"),
			is(data, "revisions.1.generation", "1"),
			is(data, "revisions.1.collectable", "false"),
		),
		// A tag alone keeps a revision; without one it may go.
		step("2.0", "HELLO_V2", read, func() {
			route(t, namespace, map[string]any{"revisionName": second, "percent": 100}, map[string]any{"revisionName": first, "tag": "old"})
			routed(t, namespace, first, "active")
		},
			is(data, "revisions.1.percent", "0"), is(data, "revisions.1.tags.0", "old"), is(data, "revisions.1.collectable", "false")),
		step("2.0", "HELLO_V2", read, func() {
			route(t, namespace, map[string]any{"revisionName": second, "percent": 100})
			routed(t, namespace, first, "reserve")
		},
			is(data, "revisions.0.collectable", "false"),
			is(data, "revisions.1.tags.#", "0"), is(data, "revisions.1.collectable", "true")),
		step("2.0", "HELLO_V2", read, func() {
			acctest.Patch(t, "test", serving.Revisions, namespace, first, map[string]any{"metadata": map[string]any{
				"annotations": map[string]any{"serving.knative.dev/no-gc": "true"},
			}})
		},
			is(data, "revisions.1.collectable", "false")),
	)
}

// A revision that can't be started says why; an application that is not there
// is told at the attribute.
func TestAccRevisionsDataSourceFailures(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	values := acctest.Values{
		"namespace": namespace, "version": "1.0", "image": acctest.Image(t, "HELLO_V1") + "-none", "min": 0, "wait": false,
	}
	const data = "data.sls_revisions.web"
	acctest.Test(t,
		resource.TestStep{
			Config:      acctest.Render(t, "data \"sls_revisions\" \"web\" {\n  namespace = {{quote .namespace}}\n  application = \"web\"\n}", values),
			ExpectError: acctest.ErrorSays("There is no such application", `application = "web"`, "has no Knative Service web"),
		},
		resource.TestStep{Config: acctest.Render(t, web, values)},
		resource.TestStep{
			Config: acctest.Render(t, web+read, values),
			PreConfig: func() {
				acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
					list, err := acctest.Client(t, serving.Revisions, namespace).List(ctx, metav1.ListOptions{})
					if err != nil {
						return err
					}
					for i := range list.Items {
						revision, err := serving.DecodeRevision(&list.Items[i])
						if err == nil && serving.AssessRevision(revision).Phase == serving.Failed {
							return nil
						}
					}
					return fmt.Errorf("none of %d revisions has failed yet", len(list.Items))
				})
			},
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(data, "revisions.#", "1"),
				resource.TestCheckResourceAttr(data, "revisions.0.ready", "false"),
				resource.TestCheckResourceAttr(data, "revisions.0.reason", "ContainerMissing"),
				resource.TestMatchResourceAttr(data, "revisions.0.status_message", regexp.MustCompile(`^ContainerMissing: .*hello:v1-none`)),
				resource.TestCheckNoResourceAttr(data, "revisions.0.image_digest"),
				resource.TestCheckResourceAttr(data, "revisions.0.percent", "0"),
				resource.TestCheckResourceAttr(data, "revisions.0.collectable", "false"),
			),
		},
	)
}
