package bench_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

// many is the measurement of many applications.
type many struct {
	*benchmark

	size   int
	shape  bench.Shape
	others []string // of the writers

	shared  *acctest.Platform // the cluster of all; nil where everyone has one
	objects []byte            // what the provider has written, for the others
	count   int               // of objects
}

// writers measure who else writes the same objects, by the names that OTHERS has for
// them.
var writers = map[string]func(*many, *testing.T){
	"parallel":       (*many).parallel,
	"kubectl":        func(m *many, t *testing.T) { m.other(t, bench.Kubectl) },
	"client-go":      func(m *many, t *testing.T) { m.other(t, bench.ClientGo) },
	"client-go-each": func(m *many, t *testing.T) { m.other(t, bench.ClientGoEach) },
}

// namespaces of one length: what is written has the same size for everyone.
var namespaces = map[string]string{
	bench.Provider: "bench-by-provider", bench.Parallel: "bench-by-parallel",
	bench.Kubectl: "bench-by-kubectl0", bench.ClientGo: "bench-by-clientgo", bench.ClientGoEach: "bench-by-eachwait",
}

// patience is how long Knative may take for an application, and a few are waited
// for a minute.
func (m *many) patience() time.Duration { return time.Minute + time.Duration(m.size)*5*time.Second }

func (m *many) wait() bool { return m.size < m.unawaited }

// othersDestroy reports whether a destroy of others is measured: a cluster of their own
// ends in less time.
func (m *many) othersDestroy() bool { return m.wait() && m.shared != nil }

func (m *many) measure(t *testing.T) {
	if m.size < large {
		platform := m.boot(t)
		m.shared = &platform
	}
	if !t.Run(bench.Provider, m.provider) {
		return
	}
	for _, other := range m.others {
		if interrupted.Err() != nil {
			return
		}
		t.Run(other, func(t *testing.T) { writers[other](m, t) })
	}
}

func (m *many) boot(t *testing.T) acctest.Platform {
	t.Helper()
	m.say("a new cluster")
	return acctest.OwnPlatform(t, index)
}

// place returns the cluster and a namespace on it. The namespace ends with the
// cluster.
func (m *many) place(t *testing.T, subject string) (acctest.Platform, string) {
	t.Helper()
	platform := m.shared
	if platform == nil {
		own := m.boot(t)
		platform = &own
	}
	_, err := acctest.OnClusterOf(t, platform.Kubeconfig).Core.Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespaces[subject]}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return *platform, namespaces[subject]
}

// keep writes a record of this size down.
func (m *many) keep(t *testing.T, record bench.Record) {
	t.Helper()
	record.Size, record.Shape = m.size, m.shape
	m.benchmark.keep(t, record)
}

// sls is the configuration of the provider, on its place.
func (m *many) sls(t *testing.T, subject string) (*root, acctest.Platform) {
	t.Helper()
	platform, namespace := m.place(t, subject)
	audit := platform.NewAudit(t)
	return m.newRoot(t, bench.Configuration{
		Subject: subject, Shape: m.shape, Resources: m.size, Wait: m.wait(), Rest: m.shape == bench.Full && m.wait(),
		Kubeconfig: audit.Kubeconfig, Namespace: namespace, Image: acctest.Image(t, "HELLO_V1"),
	}, audit), platform
}

// parallel measures the provider where Terraform works on more at once.
func (m *many) parallel(t *testing.T) {
	sls, _ := m.sls(t, bench.Parallel)
	m.say("%d %s, %s: apply", m.size, m.shape, bench.Parallel)
	m.keep(t, sls.apply(t, bench.Apply))
	if m.othersDestroy() {
		m.keep(t, sls.destroy(t))
	}
}

// provider measures the provider, and beside its plans those that ask nobody.
func (m *many) provider(t *testing.T) {
	sls, platform := m.sls(t, bench.Provider)
	m.say("%d %s, %s: apply", m.size, m.shape, bench.Provider)
	m.keep(t, sls.apply(t, bench.Apply))
	if !m.wait() {
		m.settle(t, platform, sls.Namespace)
		// The state has what was known when nobody waited.
		sls.apply(t, bench.Apply)
		if m.shape == bench.Full {
			sls.Rest = true
			sls.configure(t)
			m.keep(t, sls.apply(t, bench.ApplyRest))
		}
	}
	m.written(t, platform, sls.Namespace)

	roots := []*root{sls}
	for _, subject := range []string{bench.Time, bench.TerraformData} {
		r := m.newRoot(t, bench.Configuration{Subject: subject, Resources: m.size * m.shape.Resources()}, nil)
		m.keep(t, r.apply(t, bench.Apply))
		roots = append(roots, r)
	}
	idle := m.newRoot(t, sls.as(bench.Idle), nil)
	idle.adopt(sls)
	// In turns: what else the machine does meets all of them.
	for range m.rounds {
		for _, r := range append(roots, idle) {
			m.keep(t, r.plan(t))
		}
	}
	for range m.rounds {
		for _, r := range roots {
			m.keep(t, r.planChanged(t))
		}
	}
	for _, r := range roots {
		m.keep(t, r.destroy(t))
	}
}

// settle waits until Knative has made all applications ready.
func (m *many) settle(t *testing.T, platform acctest.Platform, namespace string) {
	t.Helper()
	client := acctest.OnClusterOf(t, platform.Kubeconfig).Dynamic
	told := -1
	began := time.Now()
	// Seldom: a look at thousands keeps the API server busy.
	err := wait.PollUntilContextTimeout(interrupted, 5*time.Second, m.patience(), true, func(ctx context.Context) (bool, error) {
		ready, all, err := bench.CountReady(ctx, client, namespace)
		if err != nil {
			return false, err
		}
		if tenth := 10 * ready / all; tenth != told {
			told = tenth
			m.say("Knative has made %d of %d applications ready", ready, all)
		}
		return ready == all, nil
	})
	if err != nil {
		t.Fatalf("waiting for Knative: %s", err)
	}
	m.say("Knative needed %.2f s for each application", time.Since(began).Seconds()/float64(m.size))
}

// written keeps what the provider has written for those who are to write the same.
func (m *many) written(t *testing.T, platform acctest.Platform, namespace string) {
	t.Helper()
	objects, count, err := bench.Objects(t.Context(), acctest.OnClusterOf(t, platform.Kubeconfig).Dynamic, namespace)
	if err != nil {
		t.Fatal(err)
	}
	m.objects, m.count = objects, count
	if want := m.size * m.shape.Resources(); (m.shape == bench.Alone && count != want) || count < m.size {
		t.Fatalf("the provider has written %d objects for %d applications", count, m.size)
	}
}

// other measures who writes the same objects without Terraform.
func (m *many) other(t *testing.T, subject string) {
	platform, namespace := m.place(t, subject)
	audit := platform.NewAudit(t)
	file := filepath.Join(t.TempDir(), "objects.json")
	write(t, file, bench.Elsewhere(m.objects, namespaces[bench.Provider], namespace))
	environment := []string{"KUBECONFIG=" + audit.Kubeconfig, "HOME=" + t.TempDir()}
	program := m.program(subject)

	steps := map[string][][]string{}
	switch subject {
	case bench.Kubectl:
		// The API server makes this when it is first asked, in up to half a minute
		// here: that is not kubectl's, and nobody else asks.
		m.benchmark.measure(t, 0, "", environment, program, "get", "--raw", "/openapi/v2")
		steps[bench.Apply] = [][]string{{"apply", "--server-side", "-f", file}}
		if m.wait() {
			steps[bench.Apply] = append(steps[bench.Apply],
				[]string{"wait", "--for=condition=Ready", "--timeout=" + m.patience().String(), "--namespace=" + namespace, "services.serving.knative.dev", "--all"})
		}
		steps[bench.Destroy] = [][]string{{"delete", "--wait", "-f", file}}
	case bench.ClientGo, bench.ClientGoEach:
		program = m.program(bench.ClientGo)
		wait := "all"
		switch {
		case !m.wait():
			wait = "none"
		case subject == bench.ClientGoEach:
			wait = "each"
		}
		steps[bench.Apply] = [][]string{{"-wait=" + wait, "apply", file}}
		steps[bench.Destroy] = [][]string{{"delete", file}}
	default:
		t.Fatalf("who is %s?", subject)
	}
	for _, step := range []string{bench.Apply, bench.Destroy} {
		m.say("%d %s, %s: %s", m.size, m.shape, subject, step)
		audit.Requests(t) // of before
		record := bench.Record{Subject: subject, Step: step}
		for _, arguments := range steps[step] {
			measured := m.benchmark.measure(t, 0, "", environment, program, arguments...).Record(subject, step)
			record.Seconds += measured.Seconds
			record.Processor += measured.Processor
			record.Memory = max(record.Memory, measured.Memory)
		}
		record.Requests, record.Resources = count(audit.Requests(t)), m.count
		m.keep(t, record)
		if !m.othersDestroy() {
			return
		}
	}
}
