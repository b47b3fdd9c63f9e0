package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/debian"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/lock"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/platform"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/privilege"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/progress"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/registry"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// up boots a cluster, or repairs it.
func up(ctx context.Context, root layout.Root, o options, stderr *os.File) error {
	plan, err := address.New(o.name, o.index)
	if err != nil {
		return err
	}
	held, err := hold(ctx, root, plan.Name, stderr)
	if err != nil {
		return err
	}
	defer held.Release()
	b, err := newBoot(root, plan)
	if err != nil {
		return err
	}
	if err := b.claim(ctx); err != nil {
		return err
	}
	if b.joining, b.leaving, err = b.cluster.Members(); err != nil {
		return err
	}
	begun := time.Now()
	if err := perform(ctx, stderr, b.steps(o.bare)); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "cluster %s is up (%.1fs): %s\n", plan.Name, time.Since(begun).Seconds(), plan.APIServer())
	return nil
}

// perform performs steps and shows them.
func perform(ctx context.Context, stderr *os.File, all []*steps.Step) error {
	view := progress.New(stderr, len(all))
	defer view.Close()
	return steps.Run(ctx, view, all)
}

func newBoot(root layout.Root, plan address.Plan) (*boot, error) {
	cg, err := cgroup.Detect()
	if err != nil {
		return nil, err
	}
	source, err := sourceDir()
	if err != nil {
		return nil, err
	}
	user, err := privilege.Invoker(os.Getenv)
	if err != nil {
		return nil, err
	}
	return &boot{
		cluster: cluster.New(plan, root, cg).For(user),
		builder: build.Builder{Source: source, Store: cachedir.Store{Dir: root.Builds(), Locks: root.Locks()}, Logs: root.Logs(), User: user},
		root:    root,
		cg:      cg,
		knative: build.Current,
	}, nil
}

// claim reserves the cluster's name and index.
func (b *boot) claim(ctx context.Context) error {
	held, err := lock.Acquire(ctx, filepath.Join(b.root.Locks(), "clusters"), nil)
	if err != nil {
		return err
	}
	defer held.Release()
	return b.cluster.Claim(b.root)
}

// startRegistry has the registry running; two clusters may boot at once.
func (b *boot) startRegistry(ctx context.Context) error {
	held, err := lock.Acquire(ctx, filepath.Join(b.root.Locks(), "registry"), nil)
	if err != nil {
		return err
	}
	defer held.Release()
	return registry.Up(ctx, b.cg, b.root.Registry())
}

// sourceDir finds the sandbox's sources, which hold the modules to build.
func sourceDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "build", "platform", "go.mod")); err != nil {
		return "", fmt.Errorf("%s is not the sandbox's source folder: call it as `go -C internal/sandbox run . up`", dir)
	}
	return dir, nil
}

// boot is one run: what its steps hand to one another.
type boot struct {
	cluster *cluster.Cluster
	builder build.Builder
	root    layout.Root
	cg      cgroup.Hierarchies
	knative build.Knative // the version whose manifests are published

	platform, istio, hello, envoy, rendered string // paths of what was built
	knativePrograms                         string
	coreDNS                                 string // an image
	plugin                                  string // as above, where backups are made ready
	images                                  platform.Images
	client                                  *apply.Client

	joining, leaving []int // further nodes, by their numbers
}

// work is a list of steps that grows.
type work struct{ all []*steps.Step }

func (w *work) step(name string, run func(context.Context, func(string)) error, after ...*steps.Step) *steps.Step {
	s := &steps.Step{Name: name, Run: run, After: after}
	w.all = append(w.all, s)
	return s
}

// quiet is a step that has nothing to say while it runs.
func quiet(run func(context.Context) error) func(context.Context, func(string)) error {
	return func(ctx context.Context, _ func(string)) error { return run(ctx) }
}

// into is a step whose result is a path.
func into(to *string, get func(context.Context, func(string)) (string, error)) func(context.Context, func(string)) error {
	return func(ctx context.Context, say func(string)) (err error) {
		*to, err = get(ctx, say)
		return err
	}
}

// ground are the steps that both a boot and the platform's manifests begin with.
type ground struct{ packages, kubernetes, registry *steps.Step }

func (b *boot) ground(w *work) ground {
	packages := w.step("Debian packages", func(ctx context.Context, say func(string)) error {
		return debian.Install(ctx, !b.builder.HasEnvoy(), say)
	})
	sources := w.step("fetch Kubernetes and Knative", b.builder.FetchPlatform)
	return ground{
		packages:   packages,
		kubernetes: w.step("build Kubernetes and Knative", into(&b.platform, b.builder.Platform), sources),
		registry:   w.step("image registry", quiet(b.startRegistry)),
	}
}

// steps are the parts of up and what each needs.
func (b *boot) steps(bare bool) []*steps.Step {
	w := &work{}
	g := b.ground(w)
	hello := w.step("build test application", into(&b.hello, b.builder.Hello), g.kubernetes)
	prepare := w.step("network, keys, configuration", quiet(b.cluster.Prepare), g.packages)
	base := w.step("push images of Kubernetes", quiet(b.pushKubernetes), g.registry, g.kubernetes)
	w.step("push test images", quiet(b.pushHello), g.registry, hello)
	control := w.step("control plane", quiet(func(ctx context.Context) error { return b.cluster.ControlPlane(ctx, b.platform) }), prepare, g.kubernetes)
	node := w.step("node", quiet(b.startNode), control)
	b.further(w, base, node)
	dns := w.step("name service", quiet(func(ctx context.Context) error { return b.cluster.DNS(ctx, b.client, b.coreDNS) }), node, base)
	w.step("node and name service ready", quiet(func(ctx context.Context) error { return b.cluster.Ready(ctx, b.client) }), dns)
	if bare {
		return w.all
	}
	b.supply(w, g)
	return w.all
}

// supply adds what a platform is installed from: its images, and its manifests.
func (b *boot) supply(w *work, g ground) {
	knative := g.kubernetes
	if b.knative == build.Previous {
		knative = w.step("build the previous Knative", into(&b.knativePrograms, b.builder.KnativePrevious), g.kubernetes)
	}
	envoy := w.step("fetch Envoy", into(&b.envoy, func(ctx context.Context, _ func(string)) (string, error) { return b.builder.Envoy(ctx) }), g.packages)
	sources := w.step("fetch Istio", b.builder.FetchIstio)
	// After the other build, which has use for every core.
	istio := w.step("build Istio", into(&b.istio, b.builder.Istio), sources, g.kubernetes)
	manifests := w.step("manifests and charts", b.render, g.kubernetes)
	images := w.step("push images of Knative", quiet(b.pushKnative), g.registry, knative)
	mesh := w.step("push images of Istio", quiet(b.pushIstio), g.registry, istio, envoy)
	w.step("the cluster's manifests", quiet(b.publish), images, mesh, manifests)
}

// connect connects to the API server, which answers now.
func (b *boot) connect() error {
	config, err := b.cluster.Config()
	if err != nil {
		return err
	}
	b.client, err = apply.NewClient(config)
	return err
}

// startNode starts what makes pods run.
func (b *boot) startNode(ctx context.Context) error {
	if err := b.connect(); err != nil {
		return err
	}
	return b.cluster.Workloads(ctx, b.platform, b.client)
}
