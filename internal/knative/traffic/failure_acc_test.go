package traffic_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	corev1 "k8s.io/api/core/v1"
	apiresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// unready renders the application with an image that does not exist, and without
// waiting for it.
func unready(t *testing.T, namespace, version string) string {
	t.Helper()
	config, image := appOf(t, namespace, version), acctest.Image(t, "HELLO_"+strings.ToUpper(version))
	config = strings.Replace(config, image, image+"-none", 1)
	return strings.Replace(config, "  rollout ", "  wait      = false\n  rollout ", 1)
}

// A version that is not ready fails the apply before the first write, with the
// reason; the traffic stays, and the next apply, with an image that there is,
// goes through.
func TestAccTrafficVersionNotReady(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	var before string
	remember := func() { before = specTraffic(t, namespace) }
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		resource.TestStep{
			PreConfig: remember,
			Config:    unready(t, namespace, "v2") + trafficOf(t, namespace, half),
			ExpectError: acctest.ErrorSays("Can't change the traffic of "+namespace+"/web: Version v2 has no ready revision",
				"The newest, web-v2-", "is not:", "The traffic stays as it is"),
		},
		resource.TestStep{
			PreConfig: func() {
				if now := specTraffic(t, namespace); now != before {
					t.Errorf("the traffic was %s and is %s", before, now)
				}
				_ = answers(t, address, "v1")(nil)
			},
			Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, half), Check: answers(t, address, "v2", "x-tester", "yes"),
		},
	)
}

// A version that Knative has yet to make, as of an application that was applied
// without waiting a moment ago, is waited for, and judged when it is there.
func TestAccTrafficVersionToCome(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	lifted := holdBack(t, namespace)
	acctest.Test(t,
		resource.TestStep{
			Config:      unready(t, namespace, "v1") + trafficOf(t, namespace, onlyV1),
			ExpectError: acctest.ErrorSays("Version v1 has no ready revision", "The newest, web-v1-", "is not:"),
		},
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
	)
	if err := <-lifted; err != nil {
		t.Error(err)
	}
}

// holdBack keeps Knative from going on with the application web until a while after it
// was made.
func holdBack(t testing.TB, namespace string) (lifted <-chan error) {
	t.Helper()
	quotas := acctest.OnCluster(t).Core.ResourceQuotas(namespace)
	if _, err := quotas.Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "none"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/configurations.serving.knative.dev": apiresource.MustParse("0")}},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
			service, err := client(t, serving.Services, namespace).Get(ctx, "web", metav1.GetOptions{})
			if err != nil || time.Since(service.GetCreationTimestamp().Time) < 4*time.Second {
				return false, nil //nolint:nilerr // it is yet to be made
			}
			return true, quotas.Delete(ctx, "none", metav1.DeleteOptions{})
		})
	}()
	return done
}

// A revision that the cluster lacks is an error before the first write, or
// collapses into the largest that there is.
func TestAccTrafficMissingRevision(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	const old = `
  revisions = [
    { version = "v0", percent = 30, tag = "old" },
    { version = "v1", percent = 70, tag = "stable" },
  ]
  rules = [{
    name   = "old"
    match  = [{ headers = { x-old = { present = true } } }]
    target = "old"
  }]
`
	named := func(name string) string {
		return `
  revisions = [{ revision = "` + name + `", percent = 10 }, { version = "v1", percent = 90, tag = "stable" }]
`
	}
	const collapse = "\n  missing_revision = \"collapse\"\n"
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{
			Config:      appOf(t, namespace, "v1") + trafficOf(t, namespace, old),
			ExpectError: acctest.ErrorSays("There is no revision of version v0", "depends_on", "The traffic stays as it is"),
		},
		resource.TestStep{
			Config:      appOf(t, namespace, "v1") + trafficOf(t, namespace, named("web-v0-aaaabbbb")),
			ExpectError: acctest.ErrorSays("There is no revision web-v0-aaaabbbb", "The traffic stays as it is"),
		},
		resource.TestStep{ // no application names its revision so: refused at plan
			Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, named("web-00007")), PlanOnly: true,
			ExpectError: acctest.ErrorSays("There is no revision web-00007", "data.sls_revisions"),
		},
		resource.TestStep{
			Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, named("other-00001")), PlanOnly: true,
			ExpectError: acctest.ErrorSays("The revision belongs to another application"),
		},
		resource.TestStep{
			Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, old+collapse),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttrPair(res, "targets.0.revision", res, "targets.1.revision"),
				resource.TestCheckResourceAttr(res, "targets.0.percent", "30"), resource.TestCheckResourceAttr(res, "targets.0.tag", "old"),
				answers(t, address, "v1", "x-old", "yes"), answers(t, address, "v1"),
			),
		},
	)
}

// What can't come to be is refused at plan.
func TestAccTrafficNoApplication(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	acctest.Test(t, resource.TestStep{
		Config:      strings.Replace(trafficOf(t, namespace, onlyV1), "sls_application.web.name", `"web"`, 1),
		ExpectError: acctest.ErrorSays("There is no such application", "has no Knative Service web"),
	})
}

// A path that is a regular expression does not fit under a domain's prefix.
func TestAccTrafficRuleUnderPrefix(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/shop")
	rules := func(path string) string {
		return strings.Replace(half, "match  = [{ headers = { x-tester = { exact = \"yes\" } } }]", "match  = [{ path = { "+path+" } }]", 1)
	}
	both := func(path string) string { return appOf(t, namespace, "v2") + trafficOf(t, namespace, rules(path)) }
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address+"/shop", "v1")},
		resource.TestStep{
			Config: both(`regex = "/a.*"`), PlanOnly: true,
			ExpectError: acctest.ErrorSays("A rule does not fit a domain", namespace+".example.test", "/shop", "testers"),
		},
		resource.TestStep{
			Config: both(`prefix = "/new"`),
			Check: resource.ComposeAggregateTestCheckFunc(
				answers(t, address+"/shop/new/x", "v2"), answers(t, address+"/shop/x", "v1"), answers(t, address+"/shop", "v1")),
		},
	)
}

// A version that is still starting, as of an application that was applied a moment ago
// without waiting, is waited for.
func TestAccTrafficVersionStarting(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	slow := func(version, start string) string {
		return strings.Replace(appOf(t, namespace, version), "  rollout ", "  wait      = false\n  env       = { SLOW_START = \""+start+"\" }\n  rollout ", 1)
	}
	// Made only while it is waited for, it is what the end of the wait tells of.
	lifted := holdBack(t, namespace)
	acctest.Test(t,
		resource.TestStep{
			Config:      slow("v1", "3m") + trafficOf(t, namespace, onlyV1+"\n  timeouts = { create = \"30s\" }"),
			ExpectError: acctest.ErrorSays("Version v1 has no ready revision", "The newest, web-v1-", "The time to wait is over"),
		},
		resource.TestStep{Config: slow("v1", "4s") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		resource.TestStep{Config: slow("v2", "4s") + trafficOf(t, namespace, half), Check: answers(t, address, "v2", "x-tester", "yes")},
	)
	if err := <-lifted; err != nil {
		t.Error(err)
	}
}
