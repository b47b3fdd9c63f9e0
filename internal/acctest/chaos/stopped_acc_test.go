package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// A part of the platform that stops while applies are under way: each of them ends in
// its time, one that says it succeeded has, and after the part is back one more apply
// is enough.
func TestAccStoppedParts(t *testing.T) {
	if !acctest.OwnsCluster() {
		t.Skip("it stops parts of the platform: make testacc-alone")
	}
	var resources []*life
	for _, s := range subjects {
		if !s.admin {
			resources = append(resources, newLife(t, s))
		}
	}
	version := map[bool]string{true: "one", false: "two"}
	for round, part := range parts(t) {
		t.Run(part.name, func(t *testing.T) {
			next := version[round%2 == 1]
			stop := sync.OnceFunc(func() { part.stop(t) })
			start := func() { part.start(t) }
			t.Cleanup(start) // whatever comes of it

			var underWay sync.WaitGroup
			for _, r := range resources {
				underWay.Go(func() { r.meet(t, next, stop) })
			}
			underWay.Wait()
			start()
			writable(t, resources[0].place)
			for _, r := range resources {
				r.converges(t, next)
			}
		})
	}
	for _, r := range resources {
		r.tf.Destroy(t)
		if left := owned(t, r.place, r.owns); len(left) > 0 && r.before == "" {
			t.Errorf("%s leaves %v", r.typ, left)
		}
	}
}

// part is one of the platform's, which can be started when it runs.
type part struct {
	name        string
	stop, start func(*testing.T)
}

func parts(t *testing.T) []part {
	t.Helper()
	const apiServer = "kube-apiserver"
	up := func(t *testing.T) { acctest.StartPrograms(t) }
	down := func(t *testing.T) { acctest.StopProgram(t, apiServer) }
	return []part{
		deployment(t, "knative-serving", "webhook"),
		deployment(t, "knative-serving", "controller"),
		deployment(t, "knative-serving", "net-gateway-api-controller"),
		deployment(t, "istio-system", "istiod"),
		{apiServer, down, up},
		{apiServer + " for a moment", func(t *testing.T) { down(t); up(t) }, up},
	}
}

// deployment is a part that runs in pods.
func deployment(t *testing.T, namespace, name string) part {
	t.Helper()
	replicas := acctest.Kubectl(t, "", "get", "deployment/"+name, "-n", namespace, "-o", "jsonpath={.spec.replicas}")
	return part{
		name: name,
		stop: func(t *testing.T) {
			scale(t, namespace, name, "0")
			end(t, namespace, name)
		},
		start: func(t *testing.T) { scale(t, namespace, name, replicas) },
	}
}

// writable waits until the platform takes a Service: that the webhook's pods are ready is
// not yet that the API server reaches them.
func writable(t *testing.T, p place) {
	t.Helper()
	service := kube.Object{Object: map[string]any{
		"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": map[string]any{"name": "tried"},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"image": p.values["image"]}}}}},
	}}
	acctest.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		_, err := p.Dynamic.Resource(ksvcs).Namespace(p.namespace).Create(ctx, &service, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	})
}

// life is a resource that goes from one version to the other.
type life struct {
	subject
	place  place
	tf     *acctest.Terraform
	proxy  *fault.Proxy
	result acctest.Result
}

func newLife(t *testing.T, s subject) *life {
	t.Helper()
	l := &life{subject: s, place: ownersPlace(t, false), tf: acctest.NewTerraform(t)}
	if s.before != "" {
		prerequisites(t, s, l.place)
	}
	l.proxy = fault.Start(t, l.place.kubeconfig)
	l.proxy.Kubeconfig(t, l.place.kubeconfig, l.tf.Path("kubeconfig"))
	l.configure(t, "one")
	l.tf.Apply(t)
	return l
}

func (l *life) configure(t *testing.T, version string) {
	t.Helper()
	l.tf.Configure(t, l.place.configuration(t, l.tf.Path("kubeconfig"), l.config, version))
}

// meet applies a version, and has the part stop before the first write.
func (l *life) meet(t *testing.T, version string, stop func()) {
	l.configure(t, version)
	plan := fault.Plan{Times: 1, Fault: fault.Call("a part stops", false, stop).About(func(r fault.Request) bool { return r.Write })}
	if err := l.proxy.Begin(&plan); err != nil {
		t.Error(err)
		return
	}
	began := time.Now()
	l.result = l.tf.Run(t, "apply", "-auto-approve", "-no-color")
	took := time.Since(began)
	if err := l.proxy.End(); err != nil {
		t.Error(err)
	}
	if l.proxy.Struck() == 0 {
		t.Errorf("%s wrote nothing", l.typ)
	}
	// The resource's timeout of 90 s, the pause that the stop is, and what a busy machine adds.
	if most := 3 * time.Minute; took > most {
		t.Errorf("%s took %s", l.typ, took)
	}
	t.Logf("%s: exit code %d after %s", l.typ, l.result.ExitCode, took.Round(time.Second))
	if l.result.ExitCode != 0 {
		t.Log(l.result.Output)
		if !strings.Contains(l.result.Output, "Error: ") {
			t.Errorf("%s says nothing of why it failed", l.typ)
		}
	}
}

// converges shows that what was said to have succeeded has, and that one apply mends
// what has not.
func (l *life) converges(t *testing.T, version string) {
	t.Helper()
	if l.result.ExitCode == 0 && !strings.Contains(l.live(t, l.place), version) {
		t.Errorf("%s said that it succeeded, and the cluster has %s", l.typ, l.live(t, l.place))
	}
	if l.result.ExitCode != 0 {
		l.tf.Apply(t)
	}
	if !l.tf.PlanIsEmpty(t) {
		t.Errorf("the plan of %s is not empty", l.typ)
	}
	if !strings.Contains(l.live(t, l.place), version) {
		t.Errorf("%s has %s", l.typ, l.live(t, l.place))
	}
}

// scale changes how many pods a part of the platform runs, and waits until it does.
func scale(t *testing.T, namespace, name, replicas string) {
	t.Helper()
	acctest.Kubectl(t, "", "scale", "deployment/"+name, "-n", namespace, "--replicas="+replicas)
	want, err := strconv.Atoi(replicas)
	if err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, 2*time.Minute, func(context.Context) error {
		status := acctest.Kubectl(t, "", "get", "deployment/"+name, "-n", namespace, "-o", "jsonpath={.status.readyReplicas} {.status.replicas}")
		if fields := strings.Fields(status); want == 0 && len(fields) == 0 || want > 0 && len(fields) == 2 && fields[0] == replicas {
			return nil
		}
		return fmt.Errorf("%s has the pods %q", name, status)
	})
}

// end ends the pods that a part still has, which answer for some time after they were
// told to go.
func end(t *testing.T, namespace, name string) {
	t.Helper()
	var labels map[string]string
	text := acctest.Kubectl(t, "", "get", "deployment/"+name, "-n", namespace, "-o", "jsonpath={.spec.selector.matchLabels}")
	if err := json.Unmarshal([]byte(text), &labels); err != nil || len(labels) == 0 {
		t.Fatalf("the pods of %s are chosen by %q: %v", name, text, err)
	}
	var selector []string
	for key, value := range labels {
		selector = append(selector, key+"="+value)
	}
	acctest.Kubectl(t, "", "delete", "pods", "-n", namespace, "-l", strings.Join(selector, ","), "--grace-period=1", "--wait", "--timeout=1m")
}
