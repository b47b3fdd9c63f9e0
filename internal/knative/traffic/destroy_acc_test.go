package traffic_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

const half = `
  revisions = [
    { version = "v1", percent = 100, tag = "stable" },
    { version = "v2", tag = "next" },
  ]
  rules = [{
    name   = "testers"
    match  = [{ headers = { x-tester = { exact = "yes" } } }]
    target = "next"
  }]
`

// requests are sent through the gateway while steps run: to the domain, to the
// domain as a tester, and to Knative's own host.
type requests struct {
	t                  *testing.T
	namespace, address string
	attack             *load.Attack
}

func (r *requests) start(*terraform.State) error {
	own := fmt.Sprintf("http://web.%s.%s/", r.namespace, acctest.Domain(r.t))
	r.attack = load.Start(r.t, load.Options{Rate: 30},
		load.Get(r.address+"/").As("domain"), load.Get(r.address+"/", "x-tester", "yes").As("tester"), load.Get(own).As("own"))
	return nil
}

// noneFailed ends them.
func (r *requests) noneFailed(*terraform.State) error {
	r.attack.For(r.t, time.Second) // a gateway may learn of the last write a moment later
	report := r.attack.Stop()
	if failed := report.Failed(); len(failed) > 0 {
		return fmt.Errorf("%d of %d requests failed, the first: %s", len(failed), len(report), failed[0])
	}
	r.t.Logf("none of %d requests failed", len(report))
	return nil
}

// Destroyed, the traffic stays as it is, although the newest revision is another
// one; managed again, it is taken up without a word.
func TestAccTrafficDestroyKeep(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	during := &requests{t: t, namespace: namespace, address: address}
	both := appOf(t, namespace, "v2") + trafficOf(t, namespace, half)
	var before string
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		resource.TestStep{
			Config: both,
			Check: resource.ComposeAggregateTestCheckFunc(answers(t, address, "v2", "x-tester", "yes"), func(*terraform.State) error {
				before = specTraffic(t, namespace)
				return nil
			}, during.start),
		},
		resource.TestStep{
			Config: appOf(t, namespace, "v2"),
			Check: resource.ComposeAggregateTestCheckFunc(
				during.noneFailed, answers(t, address, "v1"), answers(t, address, "v1", "x-tester", "yes"),
				func(*terraform.State) error {
					missing(t, routing.VirtualServices, namespace, delegate)
					if now := specTraffic(t, namespace); now != before {
						return fmt.Errorf("the traffic was %s and is %s", before, now)
					}
					if marks := object(t, serving.Services, namespace, "web").GetAnnotations(); marks["sls-platform.github.io/traffic"] != "" {
						return fmt.Errorf("the Service is still marked: %v", marks)
					}
					return nil
				}),
		},
		resource.TestStep{Config: both, Check: resource.ComposeAggregateTestCheckFunc(answers(t, address, "v2", "x-tester", "yes"), answers(t, address, "v1"))},
	)
}

// With on_destroy = "latest", the newest revision gets everything, then and
// later, and no request fails on the way.
func TestAccTrafficDestroyLatest(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	during := &requests{t: t, namespace: namespace, address: address}
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		resource.TestStep{
			Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, half+"\n  on_destroy = \"latest\"\n"),
			Check:  resource.ComposeAggregateTestCheckFunc(answers(t, address, "v2", "x-tester", "yes"), during.start),
		},
		resource.TestStep{
			Config: appOf(t, namespace, "v2"),
			Check: resource.ComposeAggregateTestCheckFunc(during.noneFailed, answers(t, address, "v2"), func(*terraform.State) error {
				missing(t, routing.VirtualServices, namespace, delegate)
				return nil
			}, trafficIs(t, namespace, func(entries []entry) error {
				if len(entries) != 1 || entries[0] != (entry{percent: 100}) {
					return fmt.Errorf("the traffic is %v", entries)
				}
				return nil
			})),
		},
	)
}

// specTraffic is the traffic of the Service web as text.
func specTraffic(t testing.TB, namespace string) string {
	t.Helper()
	spec, _ := object(t, serving.Services, namespace, "web").Object["spec"].(map[string]any)
	text, err := json.Marshal(spec["traffic"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
