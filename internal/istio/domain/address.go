package domain

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// observeAddress finds what the host's DNS record has to point to.
func (o *observed) observeAddress(ctx context.Context, read read, at place) error {
	switch {
	case o.rules.Scope == scopeInternal:
		o.dns = at.ingress.LocalGatewayHost
		return nil
	case len(o.rules.Gateways) > 0:
		o.dnsMessage = "The domain is on Gateways of its own choice (gateways); the provider knows the Service of its own ingress.gateway only."
		return nil
	}
	namespace, name, _ := strings.Cut(at.ingress.GatewayService, "/")
	service, err := read(ctx, services, namespace, name)
	switch {
	case apierrors.IsForbidden(err):
		o.dnsMessage = fmt.Sprintf("There is no permission to read the gateway's Service %s/%s.", namespace, name)
		return nil
	case err != nil:
		return err
	case service == nil:
		o.dnsMessage = fmt.Sprintf("There is no Service %s/%s: the provider's argument ingress.gateway_service names the gateway's.", namespace, name)
		return nil
	}
	addresses, _, _ := unstructured.NestedSlice(service.Object, "status", "loadBalancer", "ingress")
	for _, address := range addresses {
		fields, _ := address.(map[string]any)
		for _, field := range []string{"ip", "hostname"} {
			if text, _ := fields[field].(string); text != "" {
				o.dns = text
				return nil
			}
		}
	}
	o.dnsMessage = fmt.Sprintf("The gateway's Service %s/%s has no address of a load balancer", namespace, name)
	if kind, _, _ := unstructured.NestedString(service.Object, "spec", "type"); kind != "LoadBalancer" {
		o.dnsMessage += fmt.Sprintf(": its type is %s.", kind)
	} else {
		o.dnsMessage += " yet."
	}
	return nil
}
