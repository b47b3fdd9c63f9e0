// Package disaster_test shows examples/disaster-recovery: a cluster that dies, and
// another that takes over. Its tests run one after another: each has clusters enough.
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
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
)

const (
	// perNamespace is how many applications there are in a namespace.
	perNamespace = 10

	release = "x-release"

	// underLoad is how long the primary is called before it dies.
	underLoad = 5 * time.Second
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

// canary is an application in the middle of a release.
const canary = "canary"

// values are the applications as the example takes them, and the canary before its
// release, or in it.
func values(t *testing.T, all []application, releasing bool) map[string]any {
	t.Helper()
	half := map[string]any{
		"namespace": all[0].namespace, "version": "1.0.0", "image": acctest.Image(t, "HELLO_V1"), "hosts": []string{"canary.shop.example.com"},
		"revisions": []any{map[string]any{"version": "1.0.0", "percent": 100, "tag": "stable"}},
	}
	if releasing {
		half["version"], half["image"] = "2.0.0", acctest.Image(t, "HELLO_V2")
		half["revisions"] = []any{map[string]any{"version": "1.0.0", "percent": 90, "tag": "stable"}, map[string]any{"version": "2.0.0", "percent": 10, "tag": "next"}}
	}
	of := map[string]any{canary: half}
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
	said   string // by the last apply
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

// apply applies the root with variables over those that it has, and returns what
// took how long.
func (r *root) apply(t *testing.T, more acctest.Values) []phase {
	t.Helper()
	maps.Copy(r.values, more)
	r.Variables(t, r.values)
	began := time.Now()
	result := r.Run(t, "apply", "-auto-approve", "-json", "-parallelism=30")
	if result.ExitCode != 0 {
		t.Fatalf("the apply failed:\n%s", result.Output)
	}
	r.said = result.Output
	phases := phasesOf(t, result.Output, began)
	t.Logf("the apply took %s", time.Since(began))
	return phases
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
	store := acctest.NewStore(t)
	primary, standby := acctest.NoPlatform(t, 7), acctest.NoPlatform(t, 8)
	store.Open(t, primary)
	store.Open(t, standby)
	all := applications(count(t))
	for i := range (len(all) + perNamespace - 1) / perNamespace {
		primary.Kubectl(t, "", "create", "namespace", "team-"+strconv.Itoa(i))
	}

	first := newRoot(t, "primary", primary, store, acctest.Values{"applications": values(t, all, false)})
	first.apply(t, nil)
	shared := acctest.Values{"applications": values(t, all, true)}
	first.apply(t, shared)
	deployed := func(p acctest.Platform, image string) {
		for _, a := range all {
			if a.byCI {
				p.Kubectl(t, "", "patch", "services.serving.knative.dev", a.name, "-n", a.namespace, "--type=json",
					"-p", fmt.Sprintf(`[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":%q}]`, acctest.Image(t, image)))
			}
		}
	}
	platform := backUp(t, primary, "platform")
	backUp(t, primary, "applications")

	second := newRoot(t, "standby", standby, store, shared)
	second.apply(t, nil)
	if !second.PlanIsEmpty(t) {
		t.Error("the standby's second plan is not empty")
	}
	if !strings.Contains(second.said, "its share goes to the largest entry") {
		t.Error("nobody was told that the release is half here")
	}
	if pods := standby.Kubectl(t, "", "get", "pods", "-A", "-l", "serving.knative.dev/service", "-o", "name"); pods != "" {
		t.Errorf("on the standby run %s", pods)
	}

	deployed(primary, "HELLO_V2")
	newest := backUp(t, primary, "applications")
	had := inventory(t, primary)
	sees(t, standby, newest)
	var calls []load.Target
	for _, a := range all {
		calls = append(calls, load.Get("http://"+a.host+"/"))
	}
	attack := load.Start(t, load.Options{Gateway: primary.Gateway, Timeout: time.Second}, calls...)
	attack.For(t, underLoad)
	primary.Kill(t)
	if calls := attack.Stop(); len(calls) == 0 {
		t.Error("nobody called while the primary died")
	}

	phases := second.apply(t, acctest.Values{"active": true})
	keepEvents(t, second.said)
	phases = append(phases, answers(t, standby, all, "v2"))
	// The release that was half way: its newest version serves alone.
	standby.GetUntil(t, "http://canary.shop.example.com", says("v2"))
	has := inventory(t, standby)
	for object := range had {
		if !has[object] {
			t.Errorf("the standby lacks the %s", object)
		}
	}
	if !second.PlanIsEmpty(t) {
		t.Error("the plan after the failover is not empty")
	}

	const byVelero, byTerraform = "velero.io/restore-name", "sls-platform.github.io/component"
	if touched := standby.Kubectl(t, "", "get", "namespaces", "-l", byVelero+","+byTerraform, "-o", "name"); touched != "" {
		t.Errorf("the restore has changed what belongs to the components: %s", touched)
	}

	if os.Getenv("SLS_DRILL_SCRIPT") == "1" {
		standby.Kill(t)
		other := acctest.NoPlatform(t, 9)
		store.Open(t, other)
		newRoot(t, "standby", other, store, shared).apply(t, nil)
		report(t, len(all), phases, failOverByScript(t, other, all, platform, newest))
		return
	}

	report(t, len(all), phases, nil)

	// The way back: the primary is built anew, as a standby of the one that serves,
	// and has what has changed there meanwhile.
	backUp(t, standby, "platform")
	backUp(t, standby, "applications")
	rebuilt := acctest.NoPlatform(t, 9)
	store.Open(t, rebuilt)
	third := newRoot(t, "standby", rebuilt, store, shared)
	third.apply(t, acctest.Values{"reads": "standby", "writes": "primary"})
	deployed(standby, "HELLO_V3")
	newest = backUp(t, standby, "applications")
	sees(t, rebuilt, newest)
	third.apply(t, acctest.Values{"active": true})
	answers(t, rebuilt, all, "v3")
	if !third.PlanIsEmpty(t) {
		t.Error("the plan after the way back is not empty")
	}
	// The other one waits again.
	second.apply(t, acctest.Values{"active": false})
	if !second.PlanIsEmpty(t) {
		t.Error("the plan of the cluster that waits again is not empty")
	}
}

// backUp makes a backup as a schedule does, and returns its name.
func backUp(t *testing.T, p acctest.Platform, schedule string) (name string) {
	t.Helper()
	name = schedule + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	p.Velero(t, "backup", "create", name, "--from-schedule", schedule, "--wait")
	return name
}

// sees waits until a cluster has found a backup in the store, into which Velero
// looks once a minute.
func sees(t *testing.T, p acctest.Platform, backup string) {
	t.Helper()
	acctest.Eventually(t, 2*time.Minute, func(context.Context) error {
		if seen := p.Kubectl(t, "", "get", "backups.velero.io", "-n", acctest.VeleroNamespace, "-o", "name"); !strings.Contains(seen, backup) {
			return errors.New("the cluster does not see the newest backup")
		}
		return nil
	})
}

// failOverByScript fails over as a script does, with velero and kubectl alone, and
// returns what took how long.
func failOverByScript(t *testing.T, p acctest.Platform, all []application, platform, newest string) (phases []phase) {
	t.Helper()
	do := func(name string, step func()) {
		began := time.Now()
		step()
		phases = append(phases, phase{name, began, time.Now()})
	}
	restore := func(name, backup string, arguments ...string) {
		p.Velero(t, append([]string{"restore", "create", name, "--from-backup", backup, "--wait"}, arguments...)...)
	}
	do("restore of the configuration", func() {
		restore("script-settings", platform, "--include-namespaces", "knative-serving", "--include-resources", "configmaps",
			"--existing-resource-policy", "update", "--selector", "app.kubernetes.io/name=knative-serving")
		restore("script-additions", platform, "--include-namespaces", "knative-serving,istio-system",
			"--include-resources", "secrets,certificates.cert-manager.io,clusterissuers.cert-manager.io,clusterdomainclaims.networking.internal.knative.dev",
			"--include-cluster-resources", "--selector", "!sls-platform.github.io/component")
	})
	do("restore of the surroundings", func() {
		restore("script-surroundings", newest, "--existing-resource-policy", "update", "--include-resources",
			"namespaces,configmaps,secrets,serviceaccounts,roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io")
	})
	do("restore of the applications", func() {
		restore("script-applications", newest, "--resource-modifier-configmap", "sls-restore-modifiers", "--include-resources",
			"services.serving.knative.dev,virtualservices.networking.istio.io,gateways.networking.istio.io,serviceentries.networking.istio.io,destinationrules.networking.istio.io,services")
	})
	do("applications scaled", func() {
		p.Kubectl(t, "", "annotate", "podautoscalers.autoscaling.internal.knative.dev", "--all", "--all-namespaces", "autoscaling.knative.dev/initial-scale-")
	})
	do("applications of CI ready", func() {
		for _, a := range all {
			if a.byCI {
				p.Kubectl(t, "", "wait", "--for=condition=Ready", "--timeout=2m", "services.serving.knative.dev/"+a.name, "-n", a.namespace)
			}
		}
	})
	return append(phases, answers(t, p, all, "v2"))
}

// answers waits until all applications answer, each in its version: what CI has
// deployed, or what Terraform has.
func answers(t *testing.T, p acctest.Platform, all []application, byCI string) phase {
	t.Helper()
	begin := time.Now()
	t.Run("answers", func(t *testing.T) {
		for _, a := range all {
			t.Run(a.name, func(t *testing.T) {
				t.Parallel()
				want := "v1"
				if a.byCI {
					want = byCI
				}
				p.GetUntil(t, "http://"+a.host, says(want), release, "current")
			})
		}
	})
	return phase{"all answer", begin, time.Now()}
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
