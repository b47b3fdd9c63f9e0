package build

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

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
	// paths are files, patterns of files, or folders.
	paths []string
	to    string
}

var sources = []source{
	{"build/platform", "knative.dev/serving", []string{"config/core/300-resources/*.yaml"}, KnativeCRDs},
	// Serving's own folder has these as links into other repositories, which a module doesn't hold.
	{"build/platform", "knative.dev/networking", []string{"config/certificate.yaml", "config/domain-claim.yaml", "config/ingress.yaml", "config/serverlessservice.yaml"}, KnativeCRDs},
	{"build/platform", "knative.dev/caching", []string{"config/image.yaml"}, KnativeCRDs},
	{"build/platform", "knative.dev/serving", []string{"config/core/100-namespace.yaml", "config/core/200-serviceaccount.yaml", "config/core/200-roles/*.yaml", "config/core/configmaps/*.yaml"}, KnativeBase},
	{"build/platform", "knative.dev/networking", []string{"config/config-network.yaml"}, KnativeBase},
	// Without the autoscalers and disruption budgets: there is one node, and no metrics server.
	{"build/platform", "knative.dev/serving", []string{
		"config/core/300-knativecertificate.yaml", "config/core/999-cache.yaml", "config/core/webhooks/*.yaml",
		"config/core/deployments/activator.yaml", "config/core/deployments/autoscaler.yaml",
		"config/core/deployments/controller.yaml", "config/core/deployments/webhook.yaml",
	}, KnativeWorkloads},
	{"build/platform", "sigs.k8s.io/gateway-api", []string{"config/crd/standard/*.yaml"}, GatewayAPICRDs},
	{"build/platform", "knative.dev/net-gateway-api", []string{
		"config/200-clusterrole.yaml", "config/config-gateway.yaml", "config/300-controller.yaml",
		"third_party/istio/*.yaml",
	}, NetGatewayAPI},
	{"build/istio", "istio.io/istio", []string{"manifests/charts/base"}, IstioBase},
	{"build/istio", "istio.io/istio", []string{"manifests/charts/istio-control/istio-discovery"}, IstioDiscovery},
}

// Manifests gathers the platform's own manifests and charts, as its modules
// hold them, and returns their folder.
func (b Builder) Manifests(ctx context.Context, say func(string)) (string, error) {
	key := cachedir.NewKey(fmt.Sprintf("%q", sources))
	for _, s := range []set{platform(), istio()} {
		if err := key.Files(filepath.Join(b.Source, s.module), moduleFiles); err != nil {
			return "", err
		}
	}
	return b.Store.Get(ctx, "manifests", key, func(dir string) error {
		for _, s := range sources {
			if err := b.gather(ctx, s, dir, say); err != nil {
				return fmt.Errorf("manifests of %s: %w", s.module, err)
			}
		}
		return nil
	})
}

func (b Builder) gather(ctx context.Context, s source, dir string, say func(string)) error {
	say(s.module)
	out, err := b.output(ctx, set{module: s.build}, "mod", "download", "-json", s.module)
	if err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &module); err != nil {
		return err
	}
	to := filepath.Join(dir, s.to)
	for _, pattern := range s.paths {
		from := filepath.Join(module.Dir, pattern)
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
			if err := copyFile(p, to); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyFile(from, dir string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, filepath.Base(from)), text, 0o644)
}
