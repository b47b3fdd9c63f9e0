package status

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// The keys of both controllers' ConfigMaps.
const (
	externalGatewaysKey = "external-gateways"
	localGatewaysKey    = "local-gateways"
)

func knativeGateway(kind kube.Kind, namespace, name, service, visibility string) gateway {
	return gateway{kind: kind, namespace: namespace, name: name, service: service, visibility: visibility, usedBy: []string{byKnative}}
}

// parseNetIstio reads net-istio's ConfigMap config-istio as net-istio does
// (pkg/reconciler/ingress/config/istio.go): gateways as lists, in an older form
// as a key each, or its defaults.
func parseNetIstio(data map[string]string) ([]gateway, error) {
	var all []gateway
	for _, of := range []struct{ list, prefix, visibility, gateway, service string }{
		{externalGatewaysKey, "gateway.", serving.VisibilityPublic, "knative-ingress-gateway", "istio-ingressgateway"},
		{localGatewaysKey, "local-gateway.", serving.VisibilityLocal, "knative-local-gateway", "knative-local-gateway"},
	} {
		if text := data[of.list]; text != "" {
			var entries []struct {
				Namespace string `json:"namespace"`
				Name      string `json:"name"`
				Service   string `json:"service"`
			}
			if err := yaml.Unmarshal([]byte(text), &entries); err != nil {
				return nil, fmt.Errorf("%s: %w", of.list, err)
			}
			for _, e := range entries { // none is allowed: then there is only the mesh
				all = append(all, knativeGateway(istioGateways, e.Namespace, e.Name, serviceOfHost(e.Service), of.visibility))
			}
			continue
		}
		before := len(all)
		for _, key := range slices.Sorted(maps.Keys(data)) {
			qualified, ok := strings.CutPrefix(key, of.prefix)
			if !ok || qualified == "" {
				continue
			}
			namespace, name, ok := strings.Cut(qualified, ".")
			if !ok {
				namespace, name = knativeNamespace, qualified
			}
			all = append(all, knativeGateway(istioGateways, namespace, name, serviceOfHost(data[key]), of.visibility))
		}
		if len(all) == before {
			all = append(all, knativeGateway(istioGateways, knativeNamespace, of.gateway, istioNamespace+"/"+of.service, of.visibility))
		}
	}
	return all, nil
}

// parseNetGatewayAPI reads net-gateway-api's ConfigMap config-gateway as
// net-gateway-api does (pkg/reconciler/ingress/config/gateway.go): one gateway
// each, or its defaults.
func parseNetGatewayAPI(data map[string]string) ([]gateway, error) {
	var all []gateway
	for _, of := range []struct{ list, visibility, gateway, service string }{
		{externalGatewaysKey, serving.VisibilityPublic, "knative-gateway", "istio-ingressgateway"},
		{localGatewaysKey, serving.VisibilityLocal, "knative-local-gateway", "knative-local-gateway"},
	} {
		var entries []struct {
			Gateway string `json:"gateway"`
			Service string `json:"service"`
		}
		if err := yaml.Unmarshal([]byte(data[of.list]), &entries); err != nil {
			return nil, fmt.Errorf("%s: %w", of.list, err)
		}
		if len(entries) == 0 {
			all = append(all, knativeGateway(apiGateways, istioNamespace, of.gateway, istioNamespace+"/"+of.service, of.visibility))
		}
		for _, e := range entries {
			namespace, name, ok := strings.Cut(e.Gateway, "/")
			if !ok {
				return nil, fmt.Errorf("%s: %q is not of the form namespace/name", of.list, e.Gateway)
			}
			all = append(all, knativeGateway(apiGateways, namespace, name, e.Service, of.visibility))
		}
	}
	return all, nil
}
