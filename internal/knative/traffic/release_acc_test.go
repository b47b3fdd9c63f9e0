package traffic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// minScaleIs checks what the revision of an entry is told, and what it was told
// before.
func minScaleIs(t *testing.T, namespace string, entry int, want, earlier string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		name := state.RootModule().Resources[res].Primary.Attributes[fmt.Sprintf("targets.%d.revision", entry)]
		annotations := object(t, serving.Revisions, namespace, name).GetAnnotations()
		got, before := annotations["autoscaling.knative.dev/min-scale"], annotations["sls-platform.github.io/earlier-min-scale"]
		if got != want || before != earlier {
			return fmt.Errorf("the revision %s has min-scale %q, and %q before; want %q and %q", name, got, before, want, earlier)
		}
		return nil
	}
}

// A version with min_scale is warm before its first request, and gets its earlier
// minimum back.
func TestAccTrafficMinScale(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	slow := func(version string) string {
		// A cold start would be seen: it takes longer than any answer of a machine
		// that is busy with other tests.
		return replaceOnce(t, appOf(t, namespace, version), "  scaling   = { max = 2 }",
			"  env       = { SLOW_START = \"10s\" }\n  scaling   = { max = 2, window = \"6s\", retention = \"0s\" }")
	}
	warm := `
  revisions = [
    { version = "v1", percent = 50, tag = "stable" },
    { version = "v2", percent = 50, tag = "next", min_scale = 1 },
  ]
`
	cold := `
  revisions = [
    { version = "v1", percent = 100, tag = "stable" },
    { version = "v2", tag = "next" },
  ]
`
	var attack *load.Attack
	acctest.Test(t,
		resource.TestStep{Config: slow("v1") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{
			Config: slow("v2") + trafficOf(t, namespace, onlyV1),
			Check: func(*terraform.State) error {
				hasPods(t, namespace, "v2", 0)
				attack = load.Start(t, load.Options{Rate: 20}, load.Get(address+"/")) // keeps v1 warm
				return nil
			},
		},
		resource.TestStep{
			Config: slow("v2") + trafficOf(t, namespace, warm),
			Check: resource.ComposeAggregateTestCheckFunc(
				func(*terraform.State) error {
					attack.For(t, 2*time.Second)
					report := attack.Stop()
					if failed := report.Failed(); len(failed) > 0 {
						return fmt.Errorf("of %d requests %d failed, the first: %s, the last: %s", len(report), len(failed), failed[0], failed[len(failed)-1])
					}
					if len(report.Of("v2")) == 0 {
						return fmt.Errorf("of %d requests none was answered by v2", len(report))
					}
					for _, answer := range report.Of("v2") {
						if answer.Latency > 8*time.Second {
							return fmt.Errorf("v2 was cold: %s", answer)
						}
					}
					return nil
				},
				minScaleIs(t, namespace, 1, "1", ""),
			),
		},
		resource.TestStep{
			Config: slow("v2") + trafficOf(t, namespace, warm), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{Config: slow("v2") + trafficOf(t, namespace, cold), Check: minScaleIs(t, namespace, 1, "", "")},
	)
}

// A revision's minimum has one owner: what the application says of it counts
// when the traffic lets go of it, and is no drift before.
func TestAccTrafficMinScaleBesideTheApplication(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	app := func(least int) string {
		return replaceOnce(t, appOf(t, namespace, "v1"), "scaling   = { max = 2 }", fmt.Sprintf("scaling   = { min = %d, max = 3 }", least))
	}
	const two = "\n  revisions = [{ version = \"v1\", percent = 100, tag = \"stable\", min_scale = 2 }]\n"
	acctest.Test(t,
		resource.TestStep{Config: app(1)},
		resource.TestStep{Config: app(1) + trafficOf(t, namespace, two), Check: minScaleIs(t, namespace, 0, "2", "1")},
		resource.TestStep{Config: app(0) + trafficOf(t, namespace, two), Check: minScaleIs(t, namespace, 0, "2", "0")},
		resource.TestStep{Config: app(0) + trafficOf(t, namespace, onlyV1), Check: minScaleIs(t, namespace, 0, "0", "")},
		resource.TestStep{Config: app(0) + trafficOf(t, namespace, two), Check: minScaleIs(t, namespace, 0, "2", "0")},
		resource.TestStep{Config: app(0), Check: func(*terraform.State) error {
			list, err := client(t, serving.Revisions, namespace).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				return err
			}
			for _, revision := range list.Items {
				annotations := revision.GetAnnotations()
				if _, kept := annotations["sls-platform.github.io/earlier-min-scale"]; kept || annotations["autoscaling.knative.dev/min-scale"] != "0" {
					return fmt.Errorf("destroyed, it left %v", annotations)
				}
			}
			return nil
		}},
	)
}

// A release that changes the application and its traffic in one apply goes both
// ways; the revision is known when it is planned.
func TestAccTrafficInOneApply(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	const current = `
  revisions = [{ revision = sls_application.web.revision, percent = 100 }]
`
	const followed = `
  revisions = [
    { version = "v1", percent = 60 },
    { latest = true, percent = 40 },
  ]
  version_header = "x-version"
`
	step := func(version, lines string, checks ...resource.TestCheckFunc) resource.TestStep {
		return resource.TestStep{Config: appOf(t, namespace, version) + trafficOf(t, namespace, lines), Check: resource.ComposeAggregateTestCheckFunc(checks...)}
	}
	during := &requests{t: t, namespace: namespace, address: address}
	allAre := func(version string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			report := load.Once(t, load.Options{Rate: 30}, slices.Repeat([]load.Target{load.Get(address + "/")}, 20)...)
			if of := report.Of(version); len(of) != len(report) {
				return fmt.Errorf("of %d answers, %d are from %s", len(report), len(of), version)
			}
			return nil
		}
	}
	acctest.Test(t,
		step("v1", current, answers(t, address, "v1"), during.start),
		step("v2", current, allAre("v2")),
		step("v1", current, allAre("v1")),
		step("v3", followed, resource.TestCheckNoResourceAttr(res, "targets.1.revision"), resource.TestCheckResourceAttr(res, "targets.1.tag", "latest"), answers(t, address, "v3")),
		// A deployment alone is no change of the traffic, although it moves it.
		step("v2", followed, answers(t, address, "v2")),
		step("v1", current, during.noneFailed, allAre("v1")),
	)
}

// A create that fails leaves the traffic as it was, and nothing behind.
func TestAccTrafficCreateFails(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	failing := onlyV1 + fmt.Sprintf("\n  version_header = \"x-version\"\n  probe = { url = %q, host = \"nobody.example.test\", timeout = \"10s\" }\n", acctest.Gateway(t)+"/")
	var before string
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1"), Check: func(*terraform.State) error {
			before = specTraffic(t, namespace)
			return nil
		}},
		resource.TestStep{
			Config:      appOf(t, namespace, "v1") + trafficOf(t, namespace, failing),
			ExpectError: acctest.ErrorSays("Can't set the traffic of " + namespace + "/web: the answer's status is 404"),
		},
		resource.TestStep{
			PreConfig: func() {
				missing(t, routing.VirtualServices, namespace, delegate)
				if now := specTraffic(t, namespace); now != before {
					t.Errorf("the traffic was %s and is %s", before, now)
				}
			},
			Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1"),
		},
	)
}

// Rules that nobody can meet are told at every plan.
func TestAccTrafficWithoutADomain(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+appOf(t, namespace, "v1")+trafficOf(t, namespace, onlyV1+"\n  sticky = { cookie = \"uid\" }\n"))
	tf.Apply(t)
	const warning = "No domain leads to the application"
	if plan := tf.Run(t, "plan", "-no-color"); !strings.Contains(plan.Output, warning) || !strings.Contains(plan.Output, "No changes") {
		t.Errorf("the plan does not warn, or changes something:\n%s", plan.Output)
	}
	domain(t, namespace, "/")
	if plan := tf.Run(t, "plan", "-no-color"); strings.Contains(plan.Output, warning) {
		t.Errorf("with a domain, the plan still warns:\n%s", plan.Output)
	}
}

// The percents are shares of users: who comes back gets the version that they
// had, and the ramp moves only those that it must.
func TestAccTrafficSticky(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	ramp := func(percent int) resource.TestStep {
		return resource.TestStep{Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, fmt.Sprintf(`
  revisions = [
    { version = "v1", percent = %d },
    { version = "v2", percent = %d },
  ]
  sticky = { cookie = "uid" }
`, 100-percent, percent))}
	}
	users := make([]user, 60)
	visit := func(step resource.TestStep, check func(before, now string) bool) resource.TestStep {
		step.Check = func(*terraform.State) error {
			counts := map[string]int{}
			for i := range users {
				u := &users[i]
				now := u.visit(t, address)
				if again := u.visit(t, address); again != now {
					return fmt.Errorf("user %d got %s and then %s", i, now, again)
				}
				if !check(u.version, now) {
					return fmt.Errorf("user %d had %s and got %s", i, u.version, now)
				}
				u.version = now
				counts[now]++
			}
			t.Logf("%v", counts)
			return nil
		}
		return step
	}
	any := func(string, string) bool { return true }
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		resource.TestStep{Config: ramp(30).Config, Check: answers(t, address, "v2")},
		visit(ramp(30), any),
		visit(ramp(60), func(before, now string) bool { return before != "v2" || now == "v2" }),
		visit(ramp(30), func(before, now string) bool { return before != "v1" || now == "v1" }),
	)
}

// The apply ends when the answers are as they should be, and fails when they
// are not.
func TestAccTrafficProbe(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	host := namespace + ".example.test"
	probe := func(host, timeout string) string {
		return fmt.Sprintf("\n  probe = { url = %q, host = %q, timeout = %q }\n", acctest.Gateway(t)+"/", host, timeout)
	}
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		resource.TestStep{
			Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, toTesters+probe(host, "30s")),
			Check:  answers(t, address, "v2", "x-tester", "yes"),
		},
		resource.TestStep{
			Config:      appOf(t, namespace, "v2") + trafficOf(t, namespace, toTesters+probe("nobody.example.test", "2s")),
			ExpectError: acctest.ErrorSays("the answer's status is 404", "The request for the percents"),
		},
		resource.TestStep{
			PreConfig: func() { breakRule(t, namespace) },
			Config:    appOf(t, namespace, "v2") + trafficOf(t, namespace, toTesters+probe(host, "30s")+"\n  force_conflicts = true\n"),
			Check:     answers(t, address, "v2", "x-tester", "yes"),
		},
	)
}

// A tag that retires answers until the drain is over, and then no more; the
// apply ends after that.
func TestAccTrafficTagRetires(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := fmt.Sprintf("http://next-web.%s.%s/", namespace, acctest.Domain(t))
	const drain = 6 * time.Second
	slow := func(lines string) string {
		return replaceOnce(t, trafficOf(t, namespace, lines), `"2s"`, fmt.Sprintf("%q", drain))
	}
	both := `
  revisions = [
    { version = "v1", percent = 100, tag = "stable" },
    { version = "v1", tag = "next" },
  ]
`
	var began time.Time
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + slow(both), Check: answers(t, host, "v1")},
		resource.TestStep{
			PreConfig: func() { began = time.Now() },
			Config:    appOf(t, namespace, "v1") + slow(onlyV1),
			Check: resource.ComposeAggregateTestCheckFunc(
				func(*terraform.State) error {
					if took := time.Since(began); took < drain {
						return fmt.Errorf("the apply took %s, and the drain is %s", took, drain)
					}
					return nil
				},
				trafficIs(t, namespace, func(entries []entry) error {
					if len(entries) != 1 || entries[0].tag != "stable" {
						return fmt.Errorf("the traffic is %v", entries)
					}
					return nil
				})),
		},
	)
}

// A version that is deployed anew, with another content, shows in the next plan
// and gets the traffic of its version.
func TestAccTrafficRedeployed(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	rebuilt := replaceOnce(t, appOf(t, namespace, "v1"), acctest.Image(t, "HELLO_V1"), acctest.Image(t, "HELLO_V2")) + trafficOf(t, namespace, onlyV1)
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1), Check: answers(t, address, "v1")},
		// The plan could not know that the same apply makes another revision of v1.
		resource.TestStep{Config: rebuilt, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config: rebuilt, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: changesPlanned},
			Check: resource.ComposeAggregateTestCheckFunc(answers(t, address, "v2"), resource.TestCheckResourceAttrPair(res, "targets.0.revision", "sls_application.web", "revision")),
		},
	)
}

// Nobody is sent to a tag before it answers: whenever the delegate names it,
// Knative has reported it already. The load of other tests would often miss the
// moment in between.
func TestAccTrafficTagsComeFirst(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	const next = `
  revisions = [{ version = "v2", percent = 100, tag = "next" }]
`
	early := make(chan string, 1)
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{
			PreConfig: func() {
				watch, err := client(t, routing.VirtualServices, namespace).Watch(t.Context(), metav1.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(watch.Stop)
				services := client(t, serving.Services, namespace)
				go func() {
					for event := range watch.ResultChan() {
						if !strings.Contains(fmt.Sprint(event.Object), "next-web.") {
							continue
						}
						live, err := services.Get(t.Context(), "web", metav1.GetOptions{})
						switch {
						case err != nil:
							early <- err.Error()
						case !strings.Contains(fmt.Sprint(live.Object["status"]), "tag:next"):
							early <- fmt.Sprint(live.Object["status"])
						default:
							early <- ""
						}
						return
					}
				}()
			},
			Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, next),
			Check: func(*terraform.State) error {
				if status := <-early; status != "" {
					return fmt.Errorf("the delegate sends to the tag next while Knative reports %s", status)
				}
				return nil
			},
		},
	)
}

// A version that has never run can't be kept warm: Knative starts it at its
// first request. That is told at once, and the traffic stays where it was.
func TestAccTrafficMinScaleOfWhatNeverRan(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	app := func(version string) string {
		return replaceOnce(t, appOf(t, namespace, version), "scaling   = { max = 2 }", "scaling   = { max = 2, initial = 0 }")
	}
	acctest.Test(t,
		resource.TestStep{Config: app("v1") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{Config: app("v2") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{
			Config: app("v2") + trafficOf(t, namespace, `
  revisions = [
    { version = "v1", percent = 0, tag = "stable" },
    { version = "v2", percent = 100, tag = "next", min_scale = 1 },
  ]
`),
			ExpectError: acctest.ErrorSays("has never run", "scaling.initial"),
		},
		resource.TestStep{Config: app("v2") + trafficOf(t, namespace, onlyV1), Check: answers(t, address+"/", "v1")},
	)
}
