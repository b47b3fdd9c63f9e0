package platform

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
)

// settings are what the sandbox sets in ConfigMaps that sls_platform_config
// doesn't know. The rest of its configuration is in values.
var settings = map[string]map[string]string{
	// Kubernetes' own periods. Knative's are four times as long, and that
	// is how long nothing happens after a controller was killed.
	"config-leader-election": {"lease-duration": "15s", "renew-deadline": "10s", "retry-period": "2s"},
	"config-gateway": {
		"external-gateways": gatewayClass("knative-gateway", "istio-ingressgateway"),
		"local-gateways":    gatewayClass("knative-local-gateway", "knative-local-gateway"),
	},
}

// ingressRate is how often the ingress controller may ask the API server. By itself it
// does so five times a second, in which a hundred new applications wait for it with a
// machine at half its load.
var ingressRate = []any{
	map[string]any{"name": "KUBE_API_QPS", "value": "50"},
	map[string]any{"name": "KUBE_API_BURST", "value": "100"},
}

const ingressController = "net-gateway-api-controller"

func gatewayClass(gateway, service string) string {
	return fmt.Sprintf(`- class: istio
  gateway: %[1]s/%[2]s
  service: %[1]s/%[3]s
  supported-features: [HTTPRouteRequestTimeout]
`, istioNamespace, gateway, service)
}

func knativeServing(manifests string) ([]*unstructured.Unstructured, error) {
	return knative(manifests, build.KnativeCRDs, build.KnativeBase, build.KnativeWorkloads)
}

// netGatewayAPI is Knative's ingress with its gateways, and those of Istio's
// own kind, to which VirtualServices refer.
func netGatewayAPI(manifests string) ([]*unstructured.Unstructured, error) {
	all, err := knative(manifests, build.NetGatewayAPI)
	if err != nil {
		return nil, err
	}
	more, err := apply.DecodeText(gateways)
	return append(all, more...), err
}

func knative(manifests string, names ...string) ([]*unstructured.Unstructured, error) {
	all, err := folders(names...)(manifests)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.GetKind() != "ConfigMap" {
			continue
		}
		for key, value := range settings[o.GetName()] {
			if err := unstructured.SetNestedField(o.Object, value, "data", key); err != nil {
				return nil, fmt.Errorf("ConfigMap %s: %w", o.GetName(), err)
			}
		}
	}
	return all, adaptDeployments(all)
}
