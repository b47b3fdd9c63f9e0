package status

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	networking "knative.dev/networking/pkg/config"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Who uses a gateway.
const (
	byKnative  = "knative"  // for the applications' own hosts
	byProvider = "provider" // for domains and the rules of a gray release
)

// gatewayAPIClass is the ingress class of net-gateway-api.
const gatewayAPIClass = "gateway-api.ingress.networking.knative.dev"

// gateway is what requests come in by: an object of Istio or of the Gateway API,
// and the Service of the pods behind it.
type gateway struct {
	kind            kube.Kind
	namespace, name string
	visibility      string
	service         string   // namespace/name; empty: not known
	usedBy          []string // in alphabetical order
	ready           *bool    // nil: not known
	message         string   // why it is not ready
}

// allGateways looks at the gateways that the provider was configured for, and at
// those that Knative uses. They are the same ones with net-istio's defaults.
func (o *observer) allGateways(ctx context.Context) error {
	var all []gateway
	if o.found.products[istio].presence != absent {
		all = append(all,
			configured(o.ingress.Gateway, o.ingress.GatewayService, serving.VisibilityPublic),
			configured(o.ingress.LocalGateway, serviceOfHost(o.ingress.LocalGatewayHost), serving.VisibilityLocal))
	}
	ofKnative, err := o.knativeGateways(ctx)
	if err != nil {
		return err
	}
	for _, g := range ofKnative {
		i := slices.IndexFunc(all, func(other gateway) bool {
			return other.kind == g.kind && other.namespace == g.namespace && other.name == g.name
		})
		if i < 0 {
			all = append(all, g)
			continue
		}
		all[i].usedBy = append(g.usedBy, all[i].usedBy...)
	}
	for i := range all {
		if err := o.look(ctx, &all[i]); err != nil {
			return err
		}
	}
	o.found.gateways = all
	return nil
}

// configured returns a gateway of the provider's configuration.
func configured(name, service, visibility string) gateway {
	g := gateway{kind: istioGateways, visibility: visibility, service: service, usedBy: []string{byProvider}}
	g.namespace, g.name, _ = strings.Cut(name, "/")
	return g
}

// serviceOfHost returns the Service, as namespace/name, that a host in the
// cluster is of, such as name.namespace.svc.cluster.local.
func serviceOfHost(host string) string {
	parts := strings.SplitN(host, ".", 3)
	if len(parts) < 2 {
		return ""
	}
	return parts[1] + "/" + parts[0]
}

// knativeGateways reads which gateways Knative uses. What other ingress classes
// use, such as Kourier's, is no gateway in an API of Istio or Kubernetes.
func (o *observer) knativeGateways(ctx context.Context) ([]gateway, error) {
	var name string
	var parse func(map[string]string) ([]gateway, error)
	switch o.found.ingressClass {
	case networking.IstioIngressClassName:
		name, parse = "config-istio", parseNetIstio
	case gatewayAPIClass:
		name, parse = "config-gateway", parseNetGatewayAPI
	default:
		return nil, nil
	}
	object, known, err := o.find(ctx, configMaps, knativeNamespace, name)
	if err != nil || !known {
		return nil, err
	}
	if object == nil {
		o.tell("The ingress class is %s, but the namespace %s has no ConfigMap %s: install the controller of that class, or change ingress-class in the ConfigMap %s.",
			o.found.ingressClass, knativeNamespace, name, networking.ConfigMapName)
		return nil, nil
	}
	data, _, err := unstructured.NestedStringMap(object.Object, "data")
	if err != nil {
		return nil, err
	}
	gateways, err := parse(data)
	if err != nil {
		o.tell("The ConfigMap %s in the namespace %s can't be read, so that Knative's gateways are unknown: %s.", name, knativeNamespace, err)
		return nil, nil
	}
	return gateways, nil
}

// look finds out whether a gateway can serve.
func (o *observer) look(ctx context.Context, g *gateway) error {
	object, known, err := o.find(ctx, g.kind, g.namespace, g.name)
	if err != nil || !known {
		return err
	}
	ready := object != nil
	switch {
	case object == nil:
		g.message = fmt.Sprintf("there is no %s %s in the namespace %s", g.kind.Name, g.name, g.namespace)
	case g.kind == apiGateways:
		ready, g.message = programmed(object)
	}
	if ready {
		ready, known, err = o.lookBehind(ctx, g)
		if err != nil || !known {
			return err
		}
	}
	g.ready = &ready
	if ready {
		return nil
	}
	wayOut := "Applications can't be reached by it until it is"
	if slices.Contains(g.usedBy, byProvider) {
		wayOut += "; if another gateway is meant, the provider's argument ingress names it"
	}
	o.tell("The %s gateway %s/%s is not ready: %s. %s.", g.visibility, g.namespace, g.name, g.message, wayOut)
	return nil
}

// programmed tells whether a Gateway of the Gateway API is in effect.
func programmed(object *kube.Object) (ready bool, message string) {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, condition := range conditions {
		if fields, _ := condition.(map[string]any); fields["type"] == "Programmed" {
			return fields["status"] == string(corev1.ConditionTrue), fmt.Sprintf("%v: %v", fields["reason"], fields["message"])
		}
	}
	return false, "no controller has programmed it"
}

// lookBehind tells whether the gateway's Service has a pod that serves. known is
// false where that can't be said.
func (o *observer) lookBehind(ctx context.Context, g *gateway) (ready, known bool, err error) {
	g.message = ""
	namespace, name, _ := strings.Cut(g.service, "/")
	if name == "" {
		return false, false, nil
	}
	service, known, err := o.find(ctx, services, namespace, name)
	if err != nil || !known {
		return false, false, err
	}
	if service == nil {
		g.message = fmt.Sprintf("there is no Service %s in the namespace %s", name, namespace)
		return false, true, nil
	}
	slices, known, err := o.list(ctx, endpointSlices, namespace, labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: name}))
	if err != nil {
		return false, false, err
	}
	if !known {
		o.tellUnlisted(endpointSlices, namespace, fmt.Sprintf("whether the gateway %s/%s has pods is unknown", g.namespace, g.name))
		return false, false, nil
	}
	for i := range slices {
		slice, err := decode[discoveryv1.EndpointSlice](&slices[i])
		if err != nil {
			return false, false, err
		}
		for _, endpoint := range slice.Endpoints {
			// Unset means ready.
			if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
				return true, true, nil
			}
		}
	}
	g.message = fmt.Sprintf("no pod behind its Service %s is ready", g.service)
	return false, true, nil
}
