package build

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
)

// Folders of what Manifests gathers.
const (
	KnativeCRDs      = "knative/crds"
	KnativeBase      = "knative/base"
	KnativeWorkloads = "knative/workloads"
	GatewayAPICRDs   = "gateway-api/crds"
	NetGatewayAPI    = "net-gateway-api"
	IstioBase        = "istio/base"
	IstioDiscovery   = "istio/istio-discovery"
)

// source is a part of a module that goes to a folder.
type source struct {
	// build is the folder of the module that pins the version.
	build  string
	module string
	// release is the version that the project's release says its objects are of;
	// in the sources they say "devel". Empty where a project has no such label.
	release string
	// paths are files, patterns of files, or folders.
	paths []string
	to    string
}

// sources are what the platform's manifests are made of. Knative's release 1.N
// is version 0.(N+27) of its Go modules.
func sources(k Knative) []source {
	return []source{
		{k.module, "knative.dev/serving", k.release, []string{"config/core/300-resources/*.yaml"}, KnativeCRDs},
		// Serving's own folder has these as links into other repositories, which a module doesn't hold.
		{k.module, "knative.dev/networking", k.release, []string{"config/certificate.yaml", "config/domain-claim.yaml", "config/ingress.yaml", "config/serverlessservice.yaml"}, KnativeCRDs},
		{k.module, "knative.dev/caching", k.release, []string{"config/image.yaml"}, KnativeCRDs},
		{k.module, "knative.dev/serving", k.release, []string{"config/core/100-namespace.yaml", "config/core/200-serviceaccount.yaml", "config/core/200-roles/*.yaml", "config/core/configmaps/*.yaml"}, KnativeBase},
		{k.module, "knative.dev/networking", k.release, []string{"config/config-network.yaml"}, KnativeBase},
		// Without the autoscalers and disruption budgets: there is one node, and no metrics server.
		{k.module, "knative.dev/serving", k.release, []string{
			"config/core/300-knativecertificate.yaml", "config/core/999-cache.yaml", "config/core/webhooks/*.yaml",
			"config/core/deployments/activator.yaml", "config/core/deployments/autoscaler.yaml",
			"config/core/deployments/controller.yaml", "config/core/deployments/webhook.yaml",
		}, KnativeWorkloads},
		{"build/platform", "sigs.k8s.io/gateway-api", "", []string{"config/crd/standard/*.yaml"}, GatewayAPICRDs},
		{"build/platform", "knative.dev/net-gateway-api", "1.21.0", []string{
			"config/200-clusterrole.yaml", "config/config-gateway.yaml", "config/300-controller.yaml",
			"third_party/istio/*.yaml",
		}, NetGatewayAPI},
		{"build/istio", "istio.io/istio", "", []string{"manifests/charts/base"}, IstioBase},
		{"build/istio", "istio.io/istio", "", []string{"manifests/charts/istio-control/istio-discovery"}, IstioDiscovery},
	}
}

// Knative is a version of Knative Serving.
type Knative struct {
	// Version is that of its Go module.
	Version string
	// module is the folder, within Source, that pins it.
	module  string
	release string
}

// Current is the version that the platform has, and Previous the one before,
// from which tests upgrade.
var (
	Current  = Knative{Version: "v0.50.0", module: "build/platform", release: "1.23.0"}
	Previous = Knative{Version: "v0.49.0", module: "build/knative-previous", release: "1.22.0"}
)

// Manifests gathers the platform's own manifests and charts, as its modules
// hold them, and returns their folder.
func (b Builder) Manifests(ctx context.Context, k Knative, say func(string)) (string, error) {
	all := sources(k)
	key := cachedir.NewKey(fmt.Sprintf("%q", all))
	for _, module := range []string{platform().module, istio().module, k.module} {
		if err := key.Files(filepath.Join(b.Source, module), moduleFiles); err != nil {
			return "", err
		}
	}
	return b.Store.Get(ctx, "manifests", key, func(dir string) error {
		modules := map[string]map[string]string{} // by the build that uses them
		for _, s := range all {
			if modules[s.build] == nil {
				say(s.build)
				var err error
				if modules[s.build], err = b.modules(ctx, s.build); err != nil {
					return err
				}
			}
			if err := gather(s, modules[s.build][s.module], dir); err != nil {
				return fmt.Errorf("manifests of %s: %w", s.module, err)
			}
		}
		return nil
	})
}

// programs are what is built from the modules that hold manifests too.
var programs = map[string][]string{
	Current.module:  {"knative.dev/serving/cmd/controller", "knative.dev/net-gateway-api/cmd/controller"},
	Previous.module: {"knative.dev/serving/cmd/controller"},
	istio().module:  {"istio.io/istio/pilot/cmd/pilot-discovery"},
}

// modules returns the folders of the modules that a build's programs are made
// of. (go mod download would also ask the proxy for when a version was
// published, which it does not tell of each.)
func (b Builder) modules(ctx context.Context, build string) (map[string]string, error) {
	out, err := b.output(ctx, set{module: build}, append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Dir}}{{end}}"}, programs[build]...)...)
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for line := range strings.Lines(out) {
		if module, dir, found := strings.Cut(strings.TrimSpace(line), " "); found {
			dirs[module] = dir
		}
	}
	return dirs, nil
}

// gather copies a source from its module's folder.
func gather(s source, module, dir string) error {
	if module == "" {
		return fmt.Errorf("nothing that is built in %s is made of it", s.build)
	}
	to := filepath.Join(dir, s.to)
	for _, pattern := range s.paths {
		from := filepath.Join(module, pattern)
		if info, err := os.Stat(from); err == nil && info.IsDir() {
			if err := os.CopyFS(to, os.DirFS(from)); err != nil {
				return err
			}
			continue
		}
		paths, err := filepath.Glob(from)
		if err != nil {
			return err
		}
		if len(paths) == 0 {
			return fmt.Errorf("no %s in the module", pattern)
		}
		for _, p := range paths {
			if err := copyFile(p, to, s.release); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyFile copies a manifest into a folder, labelled as its release is.
func copyFile(from, dir, release string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if release != "" {
		text = bytes.ReplaceAll(text, []byte("app.kubernetes.io/version: devel"), []byte("app.kubernetes.io/version: "+strconv.Quote(release)))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, filepath.Base(from)), text, 0o644)
}
