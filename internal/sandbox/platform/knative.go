package platform

import (
	"fmt"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
)

const knativeNamespace = "knative-serving"

// knativeConfig is what the sandbox sets in Knative's ConfigMaps.
func knativeConfig(images Images) map[string]map[string]string {
	return map[string]map[string]string{
		"config-domain":  {address.Domain: ""},
		"config-network": {"ingress-class": "gateway-api.ingress.networking.knative.dev"},
		"config-deployment": {
			"queue-sidecar-image": images.Queue,
			// A hundred applications fit on a machine of two cores.
			"queue-sidecar-cpu-request": "5m",
		},
		// Applications may be deployed without starting a pod.
		"config-autoscaler": {"allow-zero-initial-scale": "true"},
		// Kubernetes' own periods. Knative's are four times as long, and that
		// is how long nothing happens after a controller was killed.
		"config-leader-election": {"lease-duration": "15s", "renew-deadline": "10s", "retry-period": "2s"},
		"config-gateway": {
			"external-gateways": gatewayClass("knative-gateway", "istio-ingressgateway"),
			"local-gateways":    gatewayClass("knative-local-gateway", "knative-local-gateway"),
		},
	}
}

func gatewayClass(gateway, service string) string {
	return fmt.Sprintf(`- class: istio
  gateway: %[1]s/%[2]s
  service: %[1]s/%[3]s
  supported-features: [HTTPRouteRequestTimeout]
`, istioNamespace, gateway, service)
}

// Manifests name images by the program's import path.
const imageScheme = "ko://"

func knativeImages(images Images) map[string]string {
	const serving = imageScheme + "knative.dev/serving/cmd/"
	return map[string]string{
		serving + "activator":  images.Activator,
		serving + "autoscaler": images.Autoscaler,
		serving + "controller": images.Controller,
		serving + "webhook":    images.Webhook,
		serving + "queue":      images.Queue,
		imageScheme + "knative.dev/net-gateway-api/cmd/controller": images.NetGatewayAPI,
	}
}

func knativeObjects(manifests string, images Images) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, dir := range []string{build.KnativeCRDs, build.KnativeBase, build.KnativeWorkloads, build.GatewayAPICRDs, build.NetGatewayAPI} {
		objects, err := read(filepath.Join(manifests, dir))
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	config, names := knativeConfig(images), knativeImages(images)
	for _, o := range all {
		if err := adapt(o, config, names); err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return all, nil
}

// adapt puts the sandbox's settings and images into an object.
func adapt(o *unstructured.Unstructured, config map[string]map[string]string, images map[string]string) error {
	switch o.GetKind() {
	case "ConfigMap":
		for key, value := range config[o.GetName()] {
			if err := unstructured.SetNestedField(o.Object, value, "data", key); err != nil {
				return err
			}
		}
	case "Image":
		name, _, _ := unstructured.NestedString(o.Object, "spec", "image")
		return unstructured.SetNestedField(o.Object, images[name], "spec", "image")
	case "Deployment":
		return adaptDeployment(o, images)
	}
	return nil
}

func adaptDeployment(o *unstructured.Unstructured, images map[string]string) error {
	path := []string{"spec", "template", "spec", "containers"}
	containers, _, err := unstructured.NestedSlice(o.Object, path...)
	if err != nil {
		return err
	}
	for _, c := range containers {
		container, ok := c.(map[string]any)
		if !ok {
			return fmt.Errorf("container is a %T", c)
		}
		name, _ := container["image"].(string)
		if image := images[name]; image != "" {
			container["image"] = image
		} else if strings.HasPrefix(name, imageScheme) {
			return fmt.Errorf("no image for %s", name)
		}
		// The scheduler would count what nobody uses, and two cores are few.
		// (Without requests, Kubernetes takes the limits for them.)
		if err := unstructured.SetNestedMap(container, map[string]any{"cpu": "10m", "memory": "32Mi"}, "resources", "requests"); err != nil {
			return err
		}
		if probe, ok := container["readinessProbe"].(map[string]any); ok {
			// Ready is seen as soon as it is; late answers of a busy machine don't end its service.
			probe["periodSeconds"], probe["timeoutSeconds"], probe["failureThreshold"] = int64(1), int64(3), int64(30)
		}
	}
	return unstructured.SetNestedSlice(o.Object, containers, path...)
}
