package config

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"sigs.k8s.io/yaml"
)

// withoutAttribute are the keys that Knative documents and that have no
// attribute, with the reason.
var withoutAttribute = map[string]string{
	"config-network: auto-tls":            "deprecated: external-domain-tls has taken its place, and wins over it",
	"config-network: internal-encryption": "deprecated: system-internal-tls has taken its place",
	"config-domain: svc.cluster.local":    "an example: the keys are domains",
	"config-domain: example.com":          "an example: the keys are domains",
	"config-domain: example.org":          "an example: the keys are domains",
	"config-deployment: queue-sidecar-image": "the release's own: it says which queue proxy belongs to its controllers; " +
		"sls_platform_component rewrites it with the other images",
}

// withoutSection are the ConfigMaps of a release that have no attribute.
var withoutSection = map[string]string{
	"config-tracing":         "empty since Knative 1.19: traces are keys of config-observability",
	"config-logging":         "levels of the logs of Knative's own components: not of what the platform does",
	"config-leader-election": "times of the components' leases: not of what the platform does",
	"config-certmanager":     "of issuers of cert-manager, and only there with its controller",
}

// documented returns the keys that a release's ConfigMaps have or explain, by
// ConfigMap, with the values of the explanations.
func documented(t *testing.T) map[string]map[string]string {
	t.Helper()
	found := map[string]map[string]string{}
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
			var configMap struct {
				Metadata struct{ Name string }
				Data     map[string]string
			}
			if err := yaml.Unmarshal(text, &configMap); err != nil {
				t.Fatalf("%s: %s", file, err)
			}
			var example map[string]any
			if err := yaml.Unmarshal([]byte(configMap.Data[exampleKey]), &example); err != nil {
				t.Fatalf("%s: the example: %s", file, err)
			}
			keys := map[string]string{}
			for key, value := range example {
				keys[key], _ = value.(string)
			}
			for key, value := range configMap.Data {
				if key != exampleKey {
					keys[key] = value
				}
			}
			found[configMap.Metadata.Name] = keys
		}
	}
	return found
}

// What Knative documents has an attribute, or a reason to have none: a new
// version of Knative can't bring keys unseen. And there is no attribute of a key
// that Knative does not have, but those that its parsers read and nobody
// explains.
func TestEveryKeyOfKnativeHasAnAttribute(t *testing.T) {
	undocumented := []string{
		"config-observability: runtime-export-interval",
		"config-deployment: default-affinity-type", // explained, but in a comment
	}
	release := documented(t)
	reasons := maps.Clone(withoutAttribute)
	for name, keys := range release {
		s := sectionOf(name)
		if s == nil {
			if withoutSection[name] == "" {
				t.Errorf("the ConfigMap %s has neither an attribute nor a reason", name)
			}
			continue
		}
		for key := range keys {
			place := name + ": " + key
			_, excused := reasons[place]
			delete(reasons, place)
			typed, isTyped := s.content.(typedKeys)
			if has := isTyped && typed.knows(key); has == excused {
				t.Errorf("%s: has an attribute: %t, has a reason to have none: %t", place, has, excused)
			}
		}
	}
	for place := range reasons {
		t.Errorf("%s has a reason to have no attribute, but Knative does not have it", place)
	}
	for _, s := range sections {
		if release[s.configMap] == nil {
			t.Errorf("Knative has no ConfigMap %s", s.configMap)
		}
		typed, _ := s.content.(typedKeys)
		for _, k := range typed {
			place := s.configMap + ": " + k.name
			if _, there := release[s.configMap][k.name]; there == slices.Contains(undocumented, place) {
				t.Errorf("%s: Knative documents it: %t", place, there)
			}
		}
	}
}

func sectionOf(configMap string) *section {
	for _, s := range sections {
		if s.configMap == configMap {
			return s
		}
	}
	return nil
}

// A default that is told is Knative's: with the attribute set to it, Knative reads
// what it reads without. Where nothing is told so, words tell it.
func TestDefaultsAreKnatives(t *testing.T) {
	checked := 0
	for _, s := range sections {
		keys, _ := s.content.(typedKeys)
		nothing, err := s.parse(map[string]string{})
		if err != nil {
			t.Fatalf("%s: %s", s.configMap, err)
		}
		for _, k := range keys {
			if k.byDefault == "" {
				if !strings.Contains(k.about, "default") {
					t.Errorf("%s: %s does not say what counts by default", s.configMap, k.name)
				}
				continue
			}
			checked++
			text := k.codec.expand(configured(t, k))
			said, err := s.parse(map[string]string{k.name: text})
			if err != nil || !same(said, nothing) {
				t.Errorf("%s: %s = %q is not Knative's default (%v)", s.configMap, k.name, text, err)
			}
		}
	}
	if checked < 75 {
		t.Errorf("only %d defaults were checked", checked)
	}
}

// configured returns a key's attribute when it is set to what is said to be its
// default.
func configured(t *testing.T, k key) attr.Value {
	t.Helper()
	if k.codec.schema("").GetType().Equal(types.StringType) {
		return types.StringValue(k.byDefault)
	}
	value, err := k.codec.flatten(k.byDefault)
	if err != nil {
		t.Fatalf("%s: the default %q: %s", k.name, k.byDefault, err)
	}
	return value
}

// same compares what parsers return. Templates are compared by their texts.
func same(a, b any) bool {
	return reflect.DeepEqual(plain(a), plain(b))
}

// An attribute is found by who knows the key, and no two keys share one.
func TestAttributesAreNamedAsTheirKeys(t *testing.T) {
	for _, s := range sections {
		keys, _ := s.content.(typedKeys)
		names := map[string]string{}
		for _, k := range keys {
			name := attributeOf(k.name)
			if other := names[name]; other != "" {
				t.Errorf("%s: %s and %s are both %s", s.configMap, other, k.name, name)
			}
			names[name] = k.name
		}
		if !slices.IsSortedFunc(keys, func(a, b key) int { return strings.Compare(a.name, b.name) }) {
			t.Errorf("the keys of %s are not in order", s.configMap)
		}
	}
}
