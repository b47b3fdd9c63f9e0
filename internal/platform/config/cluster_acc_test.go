package config_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const this = "sls_platform_config.this"

// platform is a namespace with Knative's ConfigMaps as a release brings them, but
// without Knative: nobody reads them, and the tests' cluster stays as it is.
// Knative's webhook checks them all the same, for it goes by their labels.
type platform struct {
	testing.TB
	namespace string
}

// newPlatform makes such a namespace for one test.
func newPlatform(t testing.TB) platform {
	t.Helper()
	p := platform{t, acctest.Namespace(t)}
	for _, configMap := range releases(t) {
		configMap.Namespace = p.namespace
		_, err := acctest.OnCluster(t).Core.ConfigMaps(p.namespace).Create(t.Context(), configMap, metav1.CreateOptions{FieldManager: "release"})
		if err != nil {
			t.Fatalf("making the ConfigMap %s: %s", configMap.Name, err)
		}
	}
	return p
}

// releases reads the ConfigMaps from Knative's modules.
func releases(t testing.TB) []*corev1.ConfigMap {
	t.Helper()
	var found []*corev1.ConfigMap
	for module, pattern := range map[string]string{
		"knative.dev/serving":    "config/core/configmaps/*.yaml",
		"knative.dev/networking": "config/config-network.yaml",
	} {
		output, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			t.Fatalf("finding %s: %s", module, err)
		}
		files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(output)), pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no %s (%v)", module, pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			configMap := &corev1.ConfigMap{}
			if err := yaml.Unmarshal(text, configMap); err != nil {
				t.Fatalf("%s: %s", file, err)
			}
			found = append(found, configMap)
		}
	}
	return found
}

// config renders a configuration of the platform.
func (p platform) config(body string) string {
	return "resource \"sls_platform_config\" \"this\" {\n  namespace = \"" + p.namespace + "\"\n" + body + "\n}\n"
}

// keys returns what the release has not brought: the keys that are set in a
// ConfigMap.
func (p platform) keys(name string) map[string]string {
	p.Helper()
	live := p.live(name)
	delete(live.Data, "queue-sidecar-image")
	for _, configMap := range releases(p) {
		if configMap.Name == name && live.Data["_example"] != configMap.Data["_example"] {
			p.Errorf("the example of %s is not what it was", name)
		}
	}
	delete(live.Data, "_example")
	return live.Data
}

func (p platform) live(name string) *corev1.ConfigMap {
	p.Helper()
	live, err := acctest.OnCluster(p).Core.ConfigMaps(p.namespace).Get(context.WithoutCancel(p.Context()), name, metav1.GetOptions{})
	if err != nil {
		p.Fatalf("reading the ConfigMap %s: %s", name, err)
	}
	return live
}

// set sets keys as another client does, under its manager's name; null takes one
// away.
func (p platform) set(manager, name string, data map[string]any) {
	p.Helper()
	patch, err := json.Marshal(map[string]any{"data": data})
	if err != nil {
		p.Fatal(err)
	}
	_, err = acctest.OnCluster(p).Core.ConfigMaps(p.namespace).Patch(p.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		p.Fatalf("setting %v in %s: %s", data, name, err)
	}
}

// owners returns the managers of a ConfigMap, except the release.
func (p platform) owners(name string) []string {
	p.Helper()
	var managers []string
	for _, entry := range p.live(name).ManagedFields {
		if entry.Manager != "release" {
			managers = append(managers, entry.Manager)
		}
	}
	return managers
}

// isFinished makes sure that no creation is under way.
func (p platform) isFinished(name string) {
	p.Helper()
	for annotation, value := range p.live(name).Annotations {
		if strings.HasPrefix(annotation, "sls-platform.github.io/create") && value == "unfinished" {
			p.Errorf("%s has the mark of a creation that is not finished", name)
		}
	}
}

// has checks the keys of a ConfigMap.
func (p platform) has(name string, want map[string]string) {
	p.Helper()
	got := p.keys(name)
	same := len(got) == len(want)
	for key, value := range want {
		same = same && got[key] == value
	}
	if !same {
		p.Errorf("%s has %v, want %v", name, got, want)
	}
}
