package platform

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
)

var images = Images{
	Knative: map[string]string{
		"activator": "r/activator@sha256:1", "autoscaler": "r/autoscaler@sha256:1", "controller": "r/controller@sha256:1",
		"webhook": "r/webhook@sha256:1", "queue": "r/queue@sha256:1",
	},
	NetGatewayAPI: "r/net-gateway-api@sha256:1", Istiod: "r/pilot@sha256:1", Envoy: "r/envoy@sha256:1",
}

func decode(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := apply.DecodeText(text)
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// upstream is a folder as build.Manifests leaves it, with the least that each
// project has to have.
func upstream(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const object = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: knative-serving}, data: {_example: kept}}"
	for name, text := range map[string]string{
		build.GatewayAPICRDs + "/a.yaml":                  "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: gateways}}",
		build.KnativeCRDs + "/a.yaml":                     "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: services}}",
		build.KnativeBase + "/a.yaml":                     fmt.Sprintf(object, "config-leader-election"),
		build.KnativeWorkloads + "/a.yaml":                deployment("activator", "ko://knative.dev/serving/cmd/activator"),
		build.NetGatewayAPI + "/a.yaml":                   fmt.Sprintf(object, "config-gateway"),
		build.NetGatewayAPI + "/b.yaml":                   deployment("net-gateway-api-controller", "ko://knative.dev/net-gateway-api/cmd/controller"),
		build.IstioBase + "/Chart.yaml":                   "{apiVersion: v2, name: base, version: 1.0.0}",
		build.IstioBase + "/templates/a.yaml":             "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: {{ .Release.Namespace }}}}\n---\n{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: v}}",
		build.IstioDiscovery + "/Chart.yaml":              "{apiVersion: v2, name: istiod, version: 1.0.0}",
		build.IstioDiscovery + "/templates/b.yaml":        "{{ if not .Values.autoscaleEnabled }}" + deployment("istiod", istiodImage) + "{{ end }}",
		build.IstioDiscovery + "/templates/NOTES.txt":     "installed",
		build.IstioDiscovery + "/templates/comments.yaml": "# nothing",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func deployment(name, image string) string {
	return fmt.Sprintf(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: %s}, spec: {template: {spec: {containers: [
  {name: c, image: %q, resources: {requests: {cpu: 300m}, limits: {cpu: "1"}}, readinessProbe: {periodSeconds: 5}}]}}}}`, name, image)
}

// rendered returns the manifests by file name.
func rendered(t *testing.T) (dir string, files map[string]string) {
	t.Helper()
	dir = t.TempDir()
	if err := Render(upstream(t), dir); err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, c := range components {
		text, err := os.ReadFile(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		files[c.file] = string(text)
	}
	return dir, files
}

func TestRender(t *testing.T) {
	_, files := rendered(t)
	for file, want := range map[string]string{
		"gateway-api.yaml":          "CustomResourceDefinition /gateways",
		"istio-base.yaml":           "Namespace /istio-system, ServiceAccount istio-system/a, ValidatingWebhookConfiguration /v",
		"istiod.yaml":               "Deployment /istiod",
		"istio-ingressgateway.yaml": "ServiceAccount istio-system/istio-ingressgateway, Role istio-system/istio-ingressgateway-sds, RoleBinding istio-system/istio-ingressgateway-sds, ConfigMap istio-system/istio-ingressgateway-bootstrap, Deployment istio-system/istio-ingressgateway, Service istio-system/istio-ingressgateway",
		"knative-serving.yaml":      "CustomResourceDefinition /services, ConfigMap knative-serving/config-leader-election, Deployment /activator",
		// Users' VirtualServices name the gateways.
		"net-gateway-api.yaml": "ConfigMap knative-serving/config-gateway, Deployment /net-gateway-api-controller, Gateway knative-serving/knative-ingress-gateway, Gateway knative-serving/knative-local-gateway, DestinationRule istio-system/knative-local-gateway",
	} {
		var got []string
		for _, o := range decode(t, files[file]) {
			got = append(got, o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName())
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s:\n got %s\nwant %s", file, strings.Join(got, ", "), want)
		}
		if strings.Contains(files[file], "${") {
			t.Errorf("%s: something was not filled in", file)
		}
	}
	// A cluster that is restored elsewhere must find its own istiod.
	if !strings.Contains(files["istio-ingressgateway.yaml"], "address: istiod.istio-system.svc.cluster.local") {
		t.Error("the gateway doesn't name istiod by its service")
	}
	for _, key := range []string{"_example: kept", "lease-duration: 15s"} {
		if !strings.Contains(files["knative-serving.yaml"], key) {
			t.Errorf("Knative's configuration lacks %q", key)
		}
	}
}

func TestDeploymentsAreAdapted(t *testing.T) {
	_, files := rendered(t)
	text := files["knative-serving.yaml"]
	for _, want := range []string{"cpu: 10m", `cpu: "1"`, "periodSeconds: 1", "failureThreshold: 30"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "KUBE_API_QPS") || !strings.Contains(files["net-gateway-api.yaml"], "- name: KUBE_API_QPS\n          value: \"50\"") {
		t.Errorf("the ingress controller's rate is not set in\n%s", files["net-gateway-api.yaml"])
	}
}

// Every image of the manifests has one in the sandbox's registry: pods have no
// way to the outside.
func TestEveryImageIsRewritten(t *testing.T) {
	_, files := rendered(t)
	for file, text := range files {
		rewrites := images.of([]byte(text))
		if want := map[string]int{"knative-serving.yaml": 1, "net-gateway-api.yaml": 1, "istiod.yaml": 1, "istio-ingressgateway.yaml": 1}[file]; len(rewrites) != want {
			t.Errorf("%s: %d images are rewritten, want %d: %v", file, len(rewrites), want, rewrites)
		}
		for _, o := range decode(t, text) {
			containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range containers {
				container, ok := c.(map[string]any)
				if name := fmt.Sprint(container["image"]); !ok || !strings.HasPrefix(rewrites[name], "r/") {
					t.Errorf("%s: no image for %s", file, name)
				}
			}
		}
	}
}

func TestPublish(t *testing.T) {
	from, files := rendered(t)
	dir := filepath.Join(t.TempDir(), "manifests")
	keys := Keys{CA: []byte("ca"), CAKey: []byte("ca-key"), Gateway: []byte("gateway"), GatewayKey: []byte("gateway-key")}
	for range 2 { // over what is there, too
		if err := Publish(from, dir, keys, images, nil); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, ValuesFile))
	if err != nil {
		t.Fatal(err)
	}
	var all values
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	inputs := slices.Sorted(maps.Keys(all.Manifests))
	if want := []string{"gateway", "gateway_api", "ingress", "istio_base", "istiod", "knative_serving"}; !slices.Equal(inputs, want) {
		t.Errorf("got the inputs %q, want %q", inputs, want)
	}
	secrets := map[string]string{"istiod.yaml": "name: cacerts", "istio-ingressgateway.yaml": "name: istio-ingressgateway-identity"}
	for _, c := range components {
		path := all.Manifests[c.input].Source
		if path != filepath.Join(dir, c.file) {
			t.Errorf("%s is %s", c.input, path)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		published, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wantMode, wantText := os.FileMode(0o644), files[c.file]
		if secrets[c.file] != "" {
			wantMode = 0o600
			if !strings.Contains(string(published), secrets[c.file]) {
				t.Errorf("%s has no %s", c.file, secrets[c.file])
			}
		} else if string(published) != wantText {
			t.Errorf("%s is another than was rendered", c.file)
		}
		if info.Mode().Perm() != wantMode {
			t.Errorf("%s has mode %o, want %o", c.file, info.Mode().Perm(), wantMode)
		}
	}
	// Where others can read it, there is no key.
	for _, key := range [][]byte{keys.CAKey, keys.GatewayKey} {
		if strings.Contains(string(text), string(key)) {
			t.Error("a key is among the values")
		}
	}
}
