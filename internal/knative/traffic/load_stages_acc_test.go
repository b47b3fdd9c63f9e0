package traffic_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	knative "knative.dev/serving/pkg/apis/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
)

// only is who gets nothing but that version.
func only(version string, kinds ...string) map[string]shares {
	allowed := map[string]shares{}
	for _, kind := range kinds {
		allowed[kind] = shares{version: 1}
	}
	return allowed
}

// Traffic management comes and goes under load, and drops nothing: a version
// that is deployed together with it ships nothing early, one with min_scale is
// warm before its first request, and a rule's target that retires meets no 404.
func TestAccLoadComesAndGoes(t *testing.T) {
	needLoad(t)
	t.Parallel()
	const slow = 6 * time.Second // a cold start of the new version
	app := func(version string) string {
		if version == "v1" {
			return "scaling = { min = 1, max = 2 }"
		}
		return fmt.Sprintf("env = { SLOW_START = %q }\n  scaling = { max = 2, window = \"6s\" }", slow)
	}
	r := newRelease(t, app("v1"))
	r.underLoad(t, load.Options{}, only("v1", "anybody", "stayer"),
		load.Get(r.address).As("anybody"), load.Get(r.address, "x-stay", "yes").As("stayer"))

	r.configure(t, "v2", app("v2"), `
  revisions = [{ version = "v1", percent = 100 }]
`)
	r.next(t, "deployed and managed at once", only("v1", "anybody", "stayer"))

	r.configure(t, "v2", app("v2"), `
  revisions = [
    { version = "v1", percent = 0, tag = "stable" },
    { version = "v2", percent = 100, tag = "next", min_scale = 1 },
  ]
  rules = [{ name = "stay", match = [{ headers = { "x-stay" = { exact = "yes" } } }], target = "stable" }]
`)
	promoted := time.Now()
	r.next(t, "promoted, but for some", map[string]shares{"anybody": {"v2": 1}, "stayer": {"v1": 1}})

	r.configure(t, "v2", app("v2"), `
  revisions = [{ version = "v2", percent = 100, tag = "next", min_scale = 1 }]
`)
	r.next(t, "retired", only("v2", "anybody", "stayer"))
	r.configure(t, "v2", app("v2"), "")
	r.next(t, "given up, and kept", only("v2", "anybody", "stayer"))
	r.configure(t, "v2", app("v2"), `
  revisions  = [{ version = "v2", percent = 100 }]
  on_destroy = "latest"
`)
	r.next(t, "managed again", only("v2", "anybody", "stayer"))
	r.configure(t, "v2", app("v2"), "")
	r.next(t, "given up, to the latest", only("v2", "anybody", "stayer"))

	first := r.end(t).Since(promoted).Of("v2")
	if slowest := first.Before(first[0].Sent.Add(5 * time.Second)).Latency(1); slowest > slow/2 {
		t.Errorf("one of the first requests to v2 took %s: it was not warm", slowest)
	}
}

// Sticky shares of a thousand users go up and down again: each is within the
// bounds of chance, nobody changes version twice on the way up, exactly those
// who came last leave, and no user gets the cookie twice.
func TestAccLoadSticky(t *testing.T) {
	needLoad(t)
	t.Parallel()
	t.Run("random id", func(t *testing.T) {
		t.Parallel()
		ramp(t, `sticky = { cookie = "release" }`, "release", nil)
	})
	t.Run("id suffix", func(t *testing.T) {
		t.Parallel()
		ramp(t, `sticky = { header = "x-account", suffix_digits = 2 }`, "", func(i int) http.Header {
			return http.Header{"X-Account": {fmt.Sprintf("customer-%05d", i)}}
		})
	})
}

// settle waits as long as the gateway may take to follow an apply.
func settle(t *testing.T) {
	t.Helper()
	select {
	case <-time.After(settling):
	case <-t.Context().Done():
		t.Fatal("the test's time is up")
	}
}

func ramp(t *testing.T, sticky, cookie string, header func(int) http.Header) {
	t.Helper()
	const warm = "scaling = { min = 1, max = 2 }"
	r := newRelease(t, warm)
	const count = 1000
	users := load.Users(t, count, r.address, header)
	if cookie != "" { // forged and broken ids belong to nobody, and break nothing
		for i, id := range []string{"", "zzz", "000", "%00", "fff00000-0000-4000-8000-00000000000g", `"quoted"`} {
			users = append(users, load.Get(r.address, "Cookie", cookie+"="+id).As(fmt.Sprintf("forger %d", i)))
		}
	}
	before := map[int]map[string]bool{} // the users of v2, by percent
	var last int
	cookies := 0
	for _, percent := range []int{10, 30, 50, 30, 100} {
		r.configure(t, "v2", warm, fmt.Sprintf(`
  revisions = [
    { version = "v1", percent = %d },
    { version = "v2", percent = %d, min_scale = 1 },
  ]
  version_header = "x-version"
  %s
`, 100-percent, percent, sticky))
		r.tf.Apply(t)
		settle(t)
		var report load.Report
		for range 2 { // who comes twice gets the same twice
			again := load.Once(t, load.Options{Rate: 200}, users...)
			if failed := again.Failed(); len(failed) > 0 {
				t.Errorf("%d %%: %s", percent, failed)
			}
			report = append(report, again...)
		}
		known := report.Where(func(a load.Answer) bool { return len(a.Kind) > 5 && a.Kind[:5] == "user " })
		cookies += known.Set(cookie)
		for kind, answers := range known.Kinds() {
			if versions := answers.Sequence(); len(versions) != 1 {
				t.Errorf("%d %%: %s got %v", percent, kind, versions)
			}
		}
		now := map[string]bool{}
		for _, user := range known.On()["v2"] {
			now[user] = true
		}
		t.Logf("%d %%: %d of %d users get v2", percent, len(now), count)
		if !load.WithinBinomial(len(now), count, float64(percent)/100) {
			t.Errorf("%d %%: %d of %d users get v2", percent, len(now), count)
		}
		if percent > last {
			for user := range before[last] {
				if !now[user] {
					t.Errorf("%s lost v2 on the way from %d %% to %d %%", user, last, percent)
				}
			}
		}
		if earlier, been := before[percent]; been && !maps.Equal(earlier, now) {
			t.Errorf("back at %d %%, %d users get v2, who are not the %d of before", percent, len(now), len(earlier))
		}
		before[percent], last = now, percent
	}
	if want := map[bool]int{true: count, false: 0}[cookie != ""]; cookies != want {
		t.Errorf("the cookie was set %d times for %d users, want %d", cookies, count, want)
	}
}

// Back to a version that has scaled to zero: requests wait for its start, and
// none fails.
func TestAccLoadRollbackFromZero(t *testing.T) {
	needLoad(t)
	t.Parallel()
	const idle = `scaling = { max = 3, window = "6s" }`
	r := newRelease(t, idle)
	versions := func(v1 int) string {
		return fmt.Sprintf(`
  revisions = [
    { version = "v1", percent = %d },
    { version = "v2", percent = %d, min_scale = 1 },
  ]
`, v1, 100-v1)
	}
	r.configure(t, "v2", idle, versions(0))
	r.tf.Apply(t)
	_ = answers(t, r.address, "v2")(nil) // fails the test by itself
	acctest.Eventually(t, 3*time.Minute, func(ctx context.Context) error {
		pods, err := acctest.OnCluster(t).Core.Pods(r.namespace).List(ctx, metav1.ListOptions{LabelSelector: knative.RevisionLabelKey})
		if err != nil {
			return err
		}
		for _, pod := range pods.Items {
			if revision := pod.Labels[knative.RevisionLabelKey]; strings.HasPrefix(revision, "web-v1-") {
				return fmt.Errorf("%s still has a pod", revision)
			}
		}
		return nil
	})
	r.underLoad(t, load.Options{}, only("v2", "anybody"), load.Get(r.address).As("anybody"))
	r.configure(t, "v2", idle, versions(100))
	r.next(t, "back", only("v1", "anybody"))
	r.end(t)
}
