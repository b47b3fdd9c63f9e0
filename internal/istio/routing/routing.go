// Package routing knows how requests are routed by Istio's VirtualServices as
// this provider uses them: a root for each domain, and for each application a
// delegate that decides which of its revisions serves a request. It builds the
// delegate of rules, sticky users and percents, reads it back, and fits it
// under a domain's path prefix. It knows nothing of Terraform.
package routing

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Kinds of Istio's networking group.
var (
	VirtualServices  = kind("virtualservices", "VirtualService")
	Gateways         = kind("gateways", "Gateway")
	DestinationRules = kind("destinationrules", "DestinationRule")
	ServiceEntries   = kind("serviceentries", "ServiceEntry")
)

func kind(resource, name string) kube.Kind {
	return kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: resource},
		Name:                 name,
	}
}

// ExternalServiceMark is the annotation of the objects that belong to an
// sls_external_service. Its VirtualService has a host, and is no domain.
const ExternalServiceMark = serving.Group + "/external-service"

// Application names a Knative Service.
type Application struct {
	Namespace string
	Name      string
}

// Gateway is the Service of the cluster-local gateway, which every route of ours
// leads to: it knows Knative's own hosts, also those of revisions at zero.
type Gateway struct {
	Host string
	Port uint32
}
