package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/debian"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/image"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/lock"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
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
	cg, err := cgroup.Detect()
	if err != nil {
		return err
	}
	held, err := lock.Acquire(ctx, filepath.Join(root.Locks(), "cluster-"+plan.Name), func(holder string) {
		fmt.Fprintf(stderr, "waiting: %s is at work on cluster %s\n", holder, plan.Name)
	})
	if err != nil {
		return err
	}
	defer held.Release()
	source, err := sourceDir()
	if err != nil {
		return err
	}
	user, err := privilege.Invoker(os.Getenv)
	if err != nil {
		return err
	}
	b := &boot{
		cluster: cluster.New(plan, root, cg).For(user),
		builder: build.Builder{Source: source, Store: cachedir.Store{Dir: root.Builds(), Locks: root.Locks()}, Logs: root.Logs(), User: user},
		root:    root,
		cg:      cg,
	}
	if err := b.claim(ctx, o.bare); err != nil {
		return err
	}
	all := b.steps(o.bare)
	begun := time.Now()
	view := progress.New(stderr, len(all))
	err = steps.Run(ctx, view, all)
	view.Close()
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "cluster %s is up (%.1fs): %s, gateway %s\n", plan.Name, time.Since(begun).Seconds(), plan.APIServer(), plan.Gateway())
	return nil
}

// claim reserves the cluster's name and index.
func (b *boot) claim(ctx context.Context, bare bool) error {
	held, err := lock.Acquire(ctx, filepath.Join(b.root.Locks(), "clusters"), nil)
	if err != nil {
		return err
	}
	defer held.Release()
	return b.cluster.Claim(b.root, bare)
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

// boot is one run of up: what its steps hand to one another.
type boot struct {
	cluster *cluster.Cluster
	builder build.Builder
	root    layout.Root
	cg      cgroup.Hierarchies

	platform, istio, hello, envoy, manifests string // paths of what was built
	coreDNS                                  string // an image
	images                                   platform.Images
	client                                   *apply.Client
}

// steps are the parts of up and what each needs.
func (b *boot) steps(bare bool) []*steps.Step {
	var all []*steps.Step
	step := func(name string, run func(context.Context, func(string)) error, after ...*steps.Step) *steps.Step {
		s := &steps.Step{Name: name, Run: run, After: after}
		all = append(all, s)
		return s
	}
	quiet := func(run func(context.Context) error) func(context.Context, func(string)) error {
		return func(ctx context.Context, _ func(string)) error { return run(ctx) }
	}
	into := func(to *string, get func(context.Context, func(string)) (string, error)) func(context.Context, func(string)) error {
		return func(ctx context.Context, say func(string)) (err error) {
			*to, err = get(ctx, say)
			return err
		}
	}
	packages := step("Debian packages", func(ctx context.Context, say func(string)) error {
		return debian.Install(ctx, !b.builder.HasEnvoy(), say)
	})
	sources := step("fetch Kubernetes and Knative", b.builder.FetchPlatform)
	kubernetes := step("build Kubernetes and Knative", into(&b.platform, b.builder.Platform), sources)
	registryUp := step("image registry", quiet(b.startRegistry))
	hello := step("build test application", into(&b.hello, b.builder.Hello), kubernetes)
	prepare := step("network, keys, configuration", quiet(b.cluster.Prepare), packages)
	base := step("push images of Kubernetes and Knative", quiet(b.pushPlatform), registryUp, kubernetes)
	step("push test images", quiet(b.pushHello), registryUp, hello)
	control := step("control plane", quiet(func(ctx context.Context) error { return b.cluster.ControlPlane(ctx, b.platform) }), prepare, kubernetes)
	node := step("node", quiet(b.startNode), control)
	dns := step("name service", quiet(func(ctx context.Context) error { return b.cluster.DNS(ctx, b.client, b.coreDNS) }), node, base)
	step("node and name service ready", quiet(func(ctx context.Context) error { return b.cluster.Ready(ctx, b.client) }), dns)
	if bare {
		return all
	}
	envoy := step("fetch Envoy", into(&b.envoy, func(ctx context.Context, _ func(string)) (string, error) { return b.builder.Envoy(ctx) }), packages)
	istioSources := step("fetch Istio", b.builder.FetchIstio)
	// After the other build, which has use for every core.
	istio := step("build Istio", into(&b.istio, b.builder.Istio), istioSources, kubernetes)
	manifests := step("manifests and charts", into(&b.manifests, b.builder.Manifests), kubernetes)
	mesh := step("push images of Istio", quiet(b.pushIstio), registryUp, istio, envoy)
	install := step("install Knative and Istio", quiet(b.install), node, base, mesh, manifests)
	step("platform ready", func(ctx context.Context, say func(string)) error { return platform.Wait(ctx, b.client, say) }, install)
	return all
}

// startNode connects to the API server, which answers now, and starts what
// makes pods run.
func (b *boot) startNode(ctx context.Context) error {
	config, err := b.cluster.Config()
	if err != nil {
		return err
	}
	if b.client, err = apply.NewClient(config); err != nil {
		return err
	}
	return b.cluster.Node(ctx, b.platform, b.client)
}

// push has an image of a built program in the registry. The key of a build
// is the last part of its folder's name.
func push(ctx context.Context, repository, tag string, spec image.Spec, buildDir string) (string, error) {
	key := cachedir.NewKey(filepath.Base(buildDir), fmt.Sprintf("%+v", spec), image.Format).String()
	return registry.Push(ctx, repository, tag, key, func() (v1.Image, error) { return image.Build(spec) })
}

func (b *boot) pushPlatform(ctx context.Context) error {
	var pause string
	for _, i := range []struct {
		to            *string
		repository    string
		tag           string
		file, program string
	}{
		{&pause, "kubernetes/pause", "v1", "pause", "pause"},
		{&b.coreDNS, "kubernetes/coredns", "v1.15.0", "coredns", "coredns"},
		{&b.images.Activator, "knative/activator", "v0.50.0", "activator", "activator"},
		{&b.images.Autoscaler, "knative/autoscaler", "v0.50.0", "autoscaler", "autoscaler"},
		{&b.images.Controller, "knative/controller", "v0.50.0", "controller", "controller"},
		{&b.images.Webhook, "knative/webhook", "v0.50.0", "webhook", "webhook"},
		{&b.images.Queue, "knative/queue", "v0.50.0", "queue", "queue"},
		{&b.images.NetGatewayAPI, "knative/net-gateway-api", "v0.48.0", "net-gateway-api", "controller"},
	} {
		var err error
		if *i.to, err = push(ctx, i.repository, i.tag, image.Program(filepath.Join(b.platform, i.file), i.program), b.platform); err != nil {
			return err
		}
	}
	return nil
}

func (b *boot) pushIstio(ctx context.Context) (err error) {
	b.images.Istiod, err = push(ctx, "istio/pilot", "v1.31.1", image.Program(filepath.Join(b.istio, "pilot-discovery"), "pilot-discovery"), b.istio)
	if err != nil {
		return err
	}
	b.images.Envoy, err = push(ctx, "envoy/envoy", "v1.40.0", image.Program(b.envoy, "envoy"), filepath.Dir(b.envoy))
	return err
}

func (b *boot) pushHello(ctx context.Context) error {
	for _, v := range build.HelloVersions {
		if _, err := push(ctx, "hello", v, image.Program(filepath.Join(b.hello, "hello-"+v), "hello"), b.hello); err != nil {
			return err
		}
	}
	return nil
}

func (b *boot) install(ctx context.Context) error {
	keys, err := b.meshKeys()
	if err != nil {
		return err
	}
	objects, err := platform.Objects(b.manifests, b.images, keys)
	if err != nil {
		return err
	}
	return platform.Install(ctx, b.client, objects)
}

// meshKeys returns the keys of istiod and of the gateway, which stay the same as
// long as the cluster does.
func (b *boot) meshKeys() (keys platform.Keys, err error) {
	namespace, account := platform.GatewayIdentity()
	dir, err := pki.EnsureMesh(b.cluster.Files.MeshPKI(), namespace, account)
	if err != nil {
		return keys, err
	}
	for path, into := range map[string]*[]byte{
		dir.Cert(pki.CA): &keys.CA, dir.Key(pki.CA): &keys.CAKey, dir.Cert(pki.Gateway): &keys.Gateway, dir.Key(pki.Gateway): &keys.GatewayKey,
	} {
		if *into, err = os.ReadFile(path); err != nil {
			return keys, err
		}
	}
	return keys, nil
}
