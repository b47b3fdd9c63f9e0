package application_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

const failingConfig = `
resource "sls_application" "web" {
  name              = "web"
  namespace         = {{quote .namespace}}
  image             = {{quote .image}}
  env               = { {{.env}} }
  resources         = { requests = { cpu = {{quote .cpu}} } }
  on_create_failure = {{quote .failure}}
}
`

func failingStep(t *testing.T, namespace string, more acctest.Values) resource.TestStep {
	all := values(t, namespace, acctest.Values{"env": "", "cpu": "10m", "failure": "rollback"})
	for name, value := range more {
		all[name] = value
	}
	return resource.TestStep{Config: acctest.Render(t, failingConfig, all)}
}

// Behaviour 3: a create that fails is told within seconds, with the reasons of
// Knative, the container and its log, and leaves nothing behind.
func TestAccApplicationCreateFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(t *testing.T, namespace string)
		values  func(t *testing.T) acctest.Values
		says    []string
	}{
		"image does not exist": {
			values: func(t *testing.T) acctest.Values {
				return acctest.Values{"image": strings.Replace(acctest.Image(t, "HELLO_V1"), ":v1", ":no-such-tag", 1)}
			},
			says: []string{"The image can't be pulled", "image = ", "no-such-tag"},
		},
		"crash at start": {
			values: func(*testing.T) acctest.Values {
				return acctest.Values{"env": `CRASH = "true", CRASH_MESSAGE = "the database is not there"`}
			},
			says: []string{"The container ends instead of serving", "exit code 1", "The last lines of container user-container", "the database is not there"},
		},
		"quota exceeded": {
			prepare: func(t *testing.T, namespace string) {
				_, err := acctest.OnCluster(t).Core.ResourceQuotas(namespace).Create(t.Context(), &corev1.ResourceQuota{
					ObjectMeta: metav1.ObjectMeta{Name: "small"},
					Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceRequestsCPU: apiresource.MustParse("5m")}},
				}, metav1.CreateOptions{})
				if err != nil {
					t.Fatal(err)
				}
			},
			says: []string{"resources", "exceeded quota"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			if test.prepare != nil {
				test.prepare(t, namespace)
			}
			more := acctest.Values{}
			if test.values != nil {
				more = test.values(t)
			}
			began := time.Now()
			step := failingStep(t, namespace, more)
			step.ExpectError = acctest.ErrorSays(test.says...)
			acctest.Test(t, step)
			// Of what is beyond some twenty seconds, the machine's other tests are the cause.
			if took := time.Since(began); took > 3*time.Minute {
				t.Errorf("the failure was told after %s only", took)
			}
			if err := gone(t.Context(), acctest.Client(t, serving.Services, namespace), "web"); err != nil {
				t.Errorf("after a rollback: %s", err)
			}
		})
	}
}

// Behaviour 3: a create that fails and is kept is no error and not tainted; the
// next plan shows the retry, and fixing the cause converges in place.
func TestAccApplicationCreateFailsAndIsKept(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	kept := failingStep(t, namespace, acctest.Values{"env": `CRASH = "true"`, "failure": "keep"})
	kept.Check = resource.TestCheckResourceAttr(web, "ready", "false")
	kept.ExpectNonEmptyPlan = true

	fixed := failingStep(t, namespace, acctest.Values{"env": `TARGET = "fixed"`, "failure": "keep"})
	fixed.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)}
	fixed.Check = resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckResourceAttr(web, "ready", "true"), answers(t, namespace, "web", "v1", "fixed"))
	acctest.Test(t, kept, fixed)
}

// Behaviour 3: an update that fails is an error; the earlier revision keeps
// serving, and fixing the cause converges without a replacement.
func TestAccApplicationUpdateFails(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	created := failingStep(t, namespace, acctest.Values{"env": `TARGET = "one"`})
	created.Check = answers(t, namespace, "web", "v1", "one")

	broken := failingStep(t, namespace, acctest.Values{"env": `CRASH = "true", CRASH_MESSAGE = "no such table"`})
	broken.ExpectError = acctest.ErrorSays("The container ends instead of serving", "no such table")

	fixed := failingStep(t, namespace, acctest.Values{"env": `TARGET = "two"`})
	fixed.PreConfig = func() {
		_ = answers(t, namespace, "web", "v1", "one")(nil) // after the failure
	}
	fixed.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionUpdate)}
	fixed.Check = answers(t, namespace, "web", "v1", "two")
	acctest.Test(t, created, broken, fixed)
}

// Behaviour 3: an application that never becomes ready fails at Knative's
// progress deadline, with what the probe says.
func TestAccApplicationNeverReady(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	step := failingStep(t, namespace, acctest.Values{"env": `NEVER_READY = "true"`})
	step.Config = acctest.ProviderBlock(t) + replaceOnce(t, step.Config, "  image", `  progress_deadline = "15s"
  readiness_probe = { http_get = { path = "/" } }
  image`)
	step.ExpectError = acctest.ErrorSays("progress deadline", "Unhealthy: Readiness probe failed")
	acctest.Test(t, step)
}

// Behaviour 3: that Knative can't make a revision's Deployment it tells in an
// event alone; when the time to wait is over, the error has it.
func TestAccApplicationWithoutDeployment(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	_, err := acctest.OnCluster(t).Core.ResourceQuotas(namespace).Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "none"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/deployments.apps": apiresource.MustParse("0")}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	step := failingStep(t, namespace, nil)
	step.Config = acctest.ProviderBlock(t) + replaceOnce(t, step.Config, "  image", "  timeouts = { create = \"20s\" }\n  image")
	step.ExpectError = acctest.ErrorSays("InternalError: failed to create deployment", "exceeded quota", "The time to wait is over")
	acctest.Test(t, step)
}

// Behaviour 3: what Knative's webhook refuses is shown at the attribute.
func TestAccApplicationWebhookRefuses(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	step := failingStep(t, namespace, nil)
	// How long is too long is the platform's to say, so that no plan can know it.
	step.Config = acctest.ProviderBlock(t) + replaceOnce(t, step.Config, "  image", "  timeout = \"2h\"\n  image")
	step.ExpectError = acctest.ErrorSays("timeout = ", "admission webhook")
	acctest.Test(t, step)
}

// Behaviour 8: bad input is refused at plan, before anything is written.
func TestAccApplicationInvalid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line string
		says *regexp.Regexp
	}{
		"name":           {`name = "Web"`, acctest.ErrorSays("name", "DNS-1035")},
		"long name":      {`name = "a23456789-123456789-123456789-123456789-123456789-123"`, acctest.ErrorSays("name", "at most 52")},
		"namespace":      {`namespace = "no_such"`, acctest.ErrorSays("namespace")},
		"image":          {`image = "https://registry/image"`, acctest.ErrorSays("image", "without https")},
		"quantity":       {`resources = { requests = { cpu = "many" } }`, acctest.ErrorSays("Not a quantity")},
		"port":           {`port = { number = 8012 }`, acctest.ErrorSays("port.number")},
		"protocol":       {`port = { number = 80, protocol = "grpc" }`, acctest.ErrorSays("port.protocol")},
		"window":         {`scaling = { window = "2s" }`, acctest.ErrorSays("window", "not a duration between 6s and 1h")},
		"max below min":  {`scaling = { min = 3, max = 2 }`, acctest.ErrorSays("max-scale=2 is less than min-scale=3")},
		"metric":         {`scaling = { metric = "cpu" }`, acctest.ErrorSays("metric")},
		"reserved label": {`labels = { "serving.knative.dev/x" = "y" }`, acctest.ErrorSays("Knative's own")},
		"env":            {`env = { PORT = "80" }`, acctest.ErrorSays("env")},
		"visibility":     {`visibility = "private"`, acctest.ErrorSays("visibility")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := map[string]string{"name": `name = "web"`, "namespace": `namespace = "default"`, "image": `image = "registry/image"`}
			key, _, _ := strings.Cut(test.line, " ")
			lines[key] = test.line
			config := "resource \"sls_application\" \"web\" {\n"
			for _, line := range lines {
				config += "  " + line + "\n"
			}
			acctest.Test(t, resource.TestStep{Config: config + "}\n", PlanOnly: true, ExpectError: test.says})
		})
	}
}
