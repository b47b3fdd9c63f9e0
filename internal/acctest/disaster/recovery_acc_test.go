// Package disaster_test shows examples/disaster-recovery: a cluster that dies, and
// another that takes over.
package disaster_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const (
	// perNamespace is how many applications there are in a namespace.
	perNamespace = 10

	release = "x-release"
)

// application is one of those that a cluster dies with.
type application struct {
	name, namespace, host string
	byCI                  bool
}

// applications are n, every other one deployed by CI.
func applications(n int) []application {
	all := make([]application, n)
	for i := range all {
		all[i] = application{
			name: fmt.Sprintf("app-%03d", i), namespace: fmt.Sprintf("team-%d", i/perNamespace),
			host: fmt.Sprintf("app-%03d.shop.example.com", i), byCI: i%2 == 1,
		}
	}
	return all
}

// values are the applications as the example takes them.
func values(t *testing.T, all []application) map[string]any {
	t.Helper()
	of := map[string]any{}
	for _, a := range all {
		revision := map[string]any{"version": "1.0.0", "percent": 100, "tag": "current"}
		source := "terraform"
		if a.byCI {
			revision, source = map[string]any{"latest": true, "percent": 100, "tag": "current"}, "external"
		}
		of[a.name] = map[string]any{
			"namespace": a.namespace, "version": "1.0.0", "image": acctest.Image(t, "HELLO_V1"), "image_source": source,
			"hosts": []string{a.host}, "revisions": []any{revision},
		}
	}
	return of
}

// root is a root of the example, on a cluster.
type root struct {
	*acctest.Terraform
	values acctest.Values
}

func newRoot(t *testing.T, name string, p acctest.Platform, store acctest.Store, more acctest.Values) *root {
	t.Helper()
	r := &root{Terraform: acctest.NewTerraform(t), values: acctest.Values{}}
	r.Within(t, "disaster-recovery/"+name)
	all := p.Values(t)
	if name == "standby" {
		delete(all, "config") // comes with the restore
	}
	for _, from := range []acctest.Values{all, store.Values, more} {
		maps.Copy(r.values, from)
	}
	return r
}

// apply applies the root with variables over those that it has.
func (r *root) apply(t *testing.T, more acctest.Values) time.Duration {
	t.Helper()
	maps.Copy(r.values, more)
	r.Variables(t, r.values)
	began := time.Now()
	r.Apply(t)
	return time.Since(began)
}

func count(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("SLS_DRILL_APPLICATIONS"))
	if err != nil {
		return perNamespace
	}
	return n
}

// The primary dies with its applications, half of which CI has deployed since the
// last apply; the standby serves them all after one apply of its own.
func TestAccDisasterRecovery(t *testing.T) {
	t.Parallel()
	store := acctest.NewStore(t)
	primary, standby := acctest.NoPlatform(t, 7), acctest.NoPlatform(t, 8)
	store.Open(t, primary)
	store.Open(t, standby)
	all := applications(count(t))
	for i := range (len(all) + perNamespace - 1) / perNamespace {
		primary.Kubectl(t, "", "create", "namespace", "team-"+strconv.Itoa(i))
	}

	shared := acctest.Values{"applications": values(t, all)}
	first := newRoot(t, "primary", primary, store, shared)
	t.Logf("the primary: %s", first.apply(t, nil))
	deployed := func(image string) {
		for _, a := range all {
			if a.byCI {
				primary.Kubectl(t, "", "patch", "services.serving.knative.dev", a.name, "-n", a.namespace, "--type=json",
					"-p", fmt.Sprintf(`[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":%q}]`, acctest.Image(t, image)))
			}
		}
	}
	backUp := func(schedule string) (name string) {
		name = schedule + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
		primary.Velero(t, "backup", "create", name, "--from-schedule", schedule, "--wait")
		return name
	}
	backUp("platform")
	backUp("applications")

	second := newRoot(t, "standby", standby, store, shared)
	t.Logf("the standby: %s", second.apply(t, nil))
	if !second.PlanIsEmpty(t) {
		t.Error("the standby's second plan is not empty")
	}
	if pods := standby.Kubectl(t, "", "get", "pods", "-A", "-l", "serving.knative.dev/service", "-o", "name"); pods != "" {
		t.Errorf("on the standby run %s", pods)
	}

	deployed("HELLO_V2")
	newest := backUp("applications")
	had := inventory(t, primary)
	// Velero on the standby looks once a minute.
	acctest.Eventually(t, 2*time.Minute, func(context.Context) error {
		if seen := standby.Kubectl(t, "", "get", "backups.velero.io", "-n", acctest.VeleroNamespace, "-o", "name"); !strings.Contains(seen, newest) {
			return errors.New("the standby does not see the newest backup")
		}
		return nil
	})
	primary.Kill(t)

	t.Logf("the failover: %s", second.apply(t, acctest.Values{"active": true}))
	for _, a := range all {
		want := "v1"
		if a.byCI {
			want = "v2"
		}
		standby.GetUntil(t, "http://"+a.host, says(want), release, "current")
	}
	has := inventory(t, standby)
	for object := range had {
		if !has[object] {
			t.Errorf("the standby lacks the %s", object)
		}
	}
	if !second.PlanIsEmpty(t) {
		t.Error("the plan after the failover is not empty")
	}
}

// says accepts the answer of a version of the test application.
func says(version string) func(acctest.Answer) error {
	return func(answer acctest.Answer) error {
		if answer.Status != http.StatusOK || !strings.Contains(answer.Body, `"version":"`+version+`"`) {
			return fmt.Errorf("the answer is %s, and not that of %s", answer, version)
		}
		return nil
	}
}

// inventory is what there is of the applications on a cluster, apart from what it
// makes of them itself.
func inventory(t *testing.T, p acctest.Platform) map[string]bool {
	t.Helper()
	const kinds = "services.serving.knative.dev,virtualservices.networking.istio.io,gateways.networking.istio.io,serviceentries.networking.istio.io,destinationrules.networking.istio.io"
	list := p.Kubectl(t, "", "get", kinds, "-A", "-l", "!serving.knative.dev/route,!networking.internal.knative.dev/ingress,!sls-platform.github.io/component", "--no-headers",
		"-o", "custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name")
	all := map[string]bool{}
	for line := range strings.Lines(list) {
		all[strings.Join(strings.Fields(line), " ")] = true
	}
	if len(all) == 0 {
		t.Fatal("the inventory is empty")
	}
	return all
}
