package platform

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
)

var images = Images{
	Activator: "r/activator@sha256:1", Autoscaler: "r/autoscaler@sha256:1", Controller: "r/controller@sha256:1", Webhook: "r/webhook@sha256:1",
	Queue: "r/queue@sha256:1", NetGatewayAPI: "r/net-gateway-api@sha256:1", Istiod: "r/pilot@sha256:1", Envoy: "r/envoy@sha256:1",
}

func decode(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	objects, err := apply.Decode(strings.NewReader(text))
	if err != nil || len(objects) != 1 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	return objects[0]
}

func TestGateway(t *testing.T) {
	text := gatewayManifest(images)
	if strings.Contains(text, "${") {
		t.Error("something was not filled in")
	}
	objects, err := apply.Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, o := range objects {
		names[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = true
	}
	// VirtualServices of users name these.
	for _, want := range []string{"Gateway knative-serving/knative-ingress-gateway", "Gateway knative-serving/knative-local-gateway", "Deployment istio-system/istio-ingressgateway"} {
		if !names[want] {
			t.Errorf("no %s", want)
		}
	}
	// A cluster that is restored elsewhere must find its own istiod.
	if !strings.Contains(text, "address: istiod.istio-system.svc.cluster.local") {
		t.Error("istiod is not named by its service")
	}
}

func TestAdaptConfig(t *testing.T) {
	for name, want := range map[string][2]string{
		"config-domain":     {address.Domain, ""},
		"config-autoscaler": {"allow-zero-initial-scale", "true"},
		"config-deployment": {"queue-sidecar-image", images.Queue},
	} {
		o := decode(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+"}, data: {_example: kept}}")
		if err := adapt(o, knativeConfig(images), nil); err != nil {
			t.Fatal(err)
		}
		data, _, err := unstructured.NestedStringMap(o.Object, "data")
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := data[want[0]]; !ok || got != want[1] || data["_example"] != "kept" {
			t.Errorf("%s: got %v", name, data)
		}
	}
	// Tags of the sandbox's registry are to be resolved.
	if v, ok := knativeConfig(images)["config-deployment"]["registries-skipping-tag-resolving"]; ok && strings.Contains(v, address.RegistryHost) {
		t.Error("Knative would not resolve tags to digests")
	}
}

func deployment(image string) string {
	return fmt.Sprintf(`{kind: Deployment, metadata: {name: d}, spec: {template: {spec: {containers: [
  {name: c, image: %q, resources: {requests: {cpu: 300m}, limits: {cpu: "1"}}, readinessProbe: {periodSeconds: 5}}]}}}}`, image)
}

func TestAdaptDeployment(t *testing.T) {
	o := decode(t, deployment("ko://knative.dev/serving/cmd/activator"))
	if err := adapt(o, nil, knativeImages(images)); err != nil {
		t.Fatal(err)
	}
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(containers[0]); !strings.Contains(got, "image:"+images.Activator) || !strings.Contains(got, "requests:map[cpu:10m") || !strings.Contains(got, "limits:map[cpu:1]") {
		t.Errorf("got %s", got)
	}
	if err := adapt(decode(t, deployment("ko://knative.dev/serving/cmd/other")), nil, knativeImages(images)); err == nil {
		t.Error("a program without an image was let through")
	}
}

func TestRender(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Chart.yaml":          "{apiVersion: v2, name: istiod, version: 1.0.0}",
		"templates/b.yaml":    "{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: {{ .Release.Namespace }}}}",
		"templates/a.yaml":    "{{ if .Values.image }}" + strings.ReplaceAll(deployment("IMAGE"), `"IMAGE"`, "{{ .Values.image }}") + "{{ end }}",
		"templates/NOTES.txt": "installed",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := render(dir, "istiod", istiodValues(images))
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != 2 || objects[0].GetKind() != "Deployment" || objects[1].GetNamespace() != istioNamespace {
		t.Errorf("got %v", objects)
	}
}
