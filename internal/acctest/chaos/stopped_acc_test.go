package chaos_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
)

// A part of the platform that stops while applies are under way: each of them ends in
// its time, one that says it succeeded has, and after the part is back one more apply
// is enough.
func TestAccStoppedParts(t *testing.T) {
	if os.Getenv("SLS_OWN_CLUSTER") == "" {
		t.Skip("it stops parts of the platform: make testacc-alone")
	}
	var resources []*life
	for _, s := range subjects {
		if !s.admin {
			resources = append(resources, newLife(t, s))
		}
	}
	version := map[bool]string{true: "one", false: "two"}
	for round, part := range []struct{ namespace, name string }{
		{"knative-serving", "webhook"}, {"knative-serving", "controller"}, {"knative-serving", "net-gateway-api-controller"}, {"istio-system", "istiod"},
	} {
		t.Run(part.name, func(t *testing.T) {
			next := version[round%2 == 1]
			replicas := acctest.Kubectl(t, "", "get", "deployment/"+part.name, "-n", part.namespace, "-o", "jsonpath={.spec.replicas}")
			stop := sync.OnceFunc(func() { scale(t, part.namespace, part.name, "0") })
			start := sync.OnceFunc(func() { scale(t, part.namespace, part.name, replicas) })
			defer start()

			var underWay sync.WaitGroup
			for _, r := range resources {
				underWay.Go(func() { r.meet(t, next, stop) })
			}
			underWay.Wait()
			start()
			for _, r := range resources {
				r.converges(t, next)
			}
		})
	}
	for _, r := range resources {
		r.tf.Destroy(t)
		if left := owned(t, r.namespace); len(left) > 0 && r.before == "" {
			t.Errorf("%s leaves %v", r.typ, left)
		}
	}
}

// life is a resource that goes from one version to the other.
type life struct {
	subject
	namespace string
	tf        *acctest.Terraform
	proxy     *fault.Proxy
	result    acctest.Result
}

func newLife(t *testing.T, s subject) *life {
	t.Helper()
	l := &life{subject: s, namespace: acctest.Namespace(t), tf: acctest.NewTerraform(t)}
	if s.before != "" {
		prerequisites(t, s, l.namespace)
	}
	l.proxy = fault.Start(t, acctest.Owner(t).Kubeconfig)
	l.proxy.Kubeconfig(t, acctest.Owner(t).Kubeconfig, l.tf.Path("kubeconfig"))
	l.configure(t, "one")
	l.tf.Apply(t)
	return l
}

func (l *life) configure(t *testing.T, version string) {
	t.Helper()
	l.tf.Configure(t, acctest.ProviderBlockFor(l.tf.Path("kubeconfig"))+
		acctest.Render(t, l.config, acctest.Values{"namespace": l.namespace, "image": acctest.Image(t, "HELLO_V1"), "version": version}))
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
	if l.result.ExitCode == 0 && !strings.Contains(l.live(t, l.namespace), version) {
		t.Errorf("%s said that it succeeded, and the cluster has %s", l.typ, l.live(t, l.namespace))
	}
	if l.result.ExitCode != 0 {
		l.tf.Apply(t)
	}
	if !l.tf.PlanIsEmpty(t) {
		t.Errorf("the plan of %s is not empty", l.typ)
	}
	if !strings.Contains(l.live(t, l.namespace), version) {
		t.Errorf("%s has %s", l.typ, l.live(t, l.namespace))
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
