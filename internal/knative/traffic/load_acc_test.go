package traffic_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
)

// Tests of gray releases under load: a minute a step, one test after the other
// (make testacc-load). Elsewhere they are skipped: beside other tests, these
// would fail them and they would fail these.

const (
	// settling is how long after the end of an apply an answer may still be of the
	// configuration before.
	settling = time.Second
	stepTime = time.Minute
)

func needLoad(t *testing.T) {
	t.Helper()
	if os.Getenv("SLS_LOAD") == "" {
		t.Skip("it takes minutes of load: make testacc-load")
	}
}

// shares are which versions a configuration allows, and how often each is to
// answer: 1 is always.
type shares map[string]float64

// a stage is a configuration under load.
type stage struct {
	name           string
	begun, applied time.Time         // of its apply
	allowed        map[string]shares // by kind of request
}

// release is an application on a domain of its own, whose configuration changes
// a stage at a time while requests come.
type release struct {
	tf        *acctest.Terraform
	namespace string
	address   string
	attack    *load.Attack
	ended     time.Time // of the attack
	stages    []stage
}

const released = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  version   = {{quote .version}}
  image     = {{quote .image}}
  rollout   = "manual"
{{.application}}
}

resource "sls_domain" "web" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
}
`

// newRelease deploys v1 without any traffic management, and waits until it
// answers at the domain.
func newRelease(t *testing.T, application string) *release {
	t.Helper()
	r := &release{tf: acctest.NewTerraform(t), namespace: acctest.Namespace(t)}
	r.address = "http://" + r.namespace + ".example.com/"
	r.configure(t, "v1", application, "")
	r.tf.Apply(t)
	_ = answers(t, r.address, "v1")(nil) // fails the test by itself
	return r
}

// configure renders the application at a version, and the traffic resource with
// those lines, unless they are empty.
func (r *release) configure(t *testing.T, version, application, traffic string) {
	t.Helper()
	images := map[string]string{"v1": "HELLO_V1", "v2": "HELLO_V2", "v3": "HELLO_V3"}
	image := cmp.Or(images[version], "HELLO_V3") // of one of many
	config := acctest.Render(t, released, acctest.Values{
		"namespace": r.namespace, "version": version, "image": acctest.Image(t, image), "application": application,
		"host": strings.TrimSuffix(strings.TrimPrefix(r.address, "http://"), "/"),
	})
	if traffic != "" {
		config += trafficOf(t, r.namespace, traffic)
	}
	r.tf.Configure(t, acctest.ProviderBlock(t)+config)
}

// underLoad sends requests from now on; the stage so far is the first.
func (r *release) underLoad(t *testing.T, options load.Options, allowed map[string]shares, targets ...load.Target) {
	t.Helper()
	now := time.Now()
	r.stages = append(r.stages, stage{name: "before", begun: now, applied: now.Add(-settling), allowed: allowed})
	r.attack = load.Start(t, options, targets...)
	r.attack.For(t, 2*time.Second)
}

// next applies the configuration, and keeps it for a while.
func (r *release) next(t *testing.T, name string, allowed map[string]shares) {
	t.Helper()
	next := stage{name: name, begun: time.Now(), allowed: allowed}
	r.tf.Apply(t)
	next.applied = time.Now()
	r.stages = append(r.stages, next)
	r.attack.For(t, stepTime)
}

// end stops the requests and judges the answers.
func (r *release) end(t *testing.T) load.Report {
	t.Helper()
	r.ended = time.Now()
	report := r.attack.Stop()
	t.Logf("%s", report)
	for _, spell := range report.Spells() {
		t.Errorf("%s: %d requests failed within %s: %s", r.at(spell[0].Sent), len(spell), spell[len(spell)-1].Received().Sub(spell[0].Sent), spell[0])
	}
	report = report.Where(func(a load.Answer) bool { return !a.Failed() })
	for i, now := range r.stages {
		end := r.ended
		if i+1 < len(r.stages) {
			end = r.stages[i+1].begun
		}
		before := now.allowed
		if i > 0 {
			before = r.stages[i-1].allowed
		}
		for kind, allowed := range now.allowed {
			judge(t, now, report.Kind(kind).Since(now.begun).Before(end), kind, before[kind], allowed)
		}
	}
	return report
}

// at says in which stage a moment was.
func (r *release) at(moment time.Time) string {
	name := ""
	for _, stage := range r.stages {
		switch {
		case moment.Before(stage.begun):
			return name
		case moment.Before(stage.applied):
			name = "during the apply of " + stage.name
		default:
			name = "in " + stage.name
		}
	}
	return name
}

// judge checks the answers of a kind from the begin of a stage's apply to the
// begin of the next one's.
func judge(t *testing.T, now stage, report load.Report, kind string, before, allowed shares) {
	t.Helper()
	settled := now.applied.Add(settling)
	for _, version := range slices.Sorted(maps.Keys(report.Versions())) {
		if _, ok := allowed[version]; ok {
			continue
		}
		last, _ := report.LastOf(version)
		if _, ok := before[version]; !ok {
			t.Errorf("%s: %s got %d answers of %q, which neither this configuration nor the one before allows", now.name, kind, len(report.Of(version)), version)
			continue
		}
		t.Logf("%s: %s got its last answer of %s %s after the apply", now.name, kind, version, last.Sub(now.applied).Round(time.Millisecond))
		if last.After(settled) {
			t.Errorf("%s: %s got an answer of %s still %s after the apply", now.name, kind, version, last.Sub(now.applied))
		}
	}
	after := report.Since(settled)
	for version, share := range allowed {
		got := after.Share(version)
		t.Logf("%s: %s got %s from %s", now.name, kind, got, version)
		if !got.Within(share) {
			t.Errorf("%s: %s got %s from %s, want a share of %v", now.name, kind, got, version, share)
		}
	}
}

// versionsAt renders v1 and v2 with their percents, and the rule for testers.
func versionsAt(v1, v2 int) string {
	return fmt.Sprintf(`
  revisions = [
    { version = "v1", percent = %d, tag = "stable" },
    { version = "v2", percent = %d, tag = "next", min_scale = 1 },
  ]
  rules = [{
    name   = "testers"
    match  = [{ headers = { "x-tester" = { exact = "yes" } } }]
    target = "next"
  }]
`, v1, v2)
}

// A version is released to a header, then to a part of all, then to all, and
// taken back: no request fails, none gets a version that it should not, and an
// apply's end is the switch's.
func TestAccLoadRelease(t *testing.T) {
	needLoad(t)
	t.Parallel()
	const warm = "scaling = { min = 1, max = 2 }"
	r := newRelease(t, warm)
	all := func(v1, v2 float64) map[string]shares {
		of := shares{}
		for version, share := range (shares{"v1": v1, "v2": v2}) {
			if share > 0 {
				of[version] = share
			}
		}
		return map[string]shares{"anybody": of, "tester": {"v2": 1}}
	}
	r.underLoad(t, load.Options{Rate: 150}, map[string]shares{"anybody": {"v1": 1}, "tester": {"v1": 1}},
		load.Get(r.address).As("anybody"), load.Get(r.address).As("anybody"), load.Get(r.address, "x-tester", "yes").As("tester"))

	r.configure(t, "v1", warm, `
  revisions = [{ version = "v1", percent = 100, tag = "stable" }]
`)
	r.next(t, "managed", map[string]shares{"anybody": {"v1": 1}, "tester": {"v1": 1}})
	for _, step := range []struct {
		name   string
		v1, v2 int
	}{{"to testers", 100, 0}, {"10 %", 90, 10}, {"50 %", 50, 50}, {"100 %", 0, 100}, {"back", 100, 0}} {
		r.configure(t, "v2", warm, versionsAt(step.v1, step.v2))
		r.next(t, step.name, all(float64(step.v1)/100, float64(step.v2)/100))
	}
	report := r.end(t)
	if rate := report.Rate(); rate < 140 {
		t.Errorf("only %.0f requests a second were sent", rate)
	}
}
