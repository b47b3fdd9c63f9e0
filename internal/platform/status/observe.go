package status

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Kinds that the platform is made of.
var (
	deployments    = kind("apps", "v1", "deployments", "Deployment")
	configMaps     = kind("", "v1", "configmaps", "ConfigMap")
	services       = kind("", "v1", "services", "Service")
	endpointSlices = kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
	crds           = kind("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition")
	istioGateways  = kind("networking.istio.io", "v1", "gateways", "Gateway")
	apiGateways    = kind("gateway.networking.k8s.io", "v1", "gateways", "Gateway")
)

func kind(group, version, resource, name string) kube.Kind {
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: version, Resource: resource}, Name: name}
}

// reader is what is asked of a cluster.
type reader interface {
	Version(ctx context.Context) (string, error)
	Find(ctx context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error)
	ListMatching(ctx context.Context, kind kube.Kind, namespace string, selector labels.Selector) ([]kube.Object, error)
}

// place says where the platform's parts are, as the provider was configured.
type place struct {
	ingress         lifecycle.Ingress
	veleroNamespace string
}

// platform is what was found on a cluster.
type platform struct {
	products     map[product]installation
	ingressClass string            // empty: not known
	flags        map[string]string // nil: not known
	gateways     []gateway
	components   map[string]component
	problems     []string
}

// observer looks at one part of the platform after the other. What it may not
// read, and what it can't make sense of, it tells as a problem and leaves
// unknown; its errors are those of the connection.
type observer struct {
	reader
	place
	found platform
}

// observe returns the state of the platform, or the error that kept it from
// asking.
func observe(ctx context.Context, cluster reader, at place) (*platform, error) {
	o := &observer{reader: cluster, place: at, found: platform{
		products: map[product]installation{}, components: map[string]component{},
	}}
	for _, look := range []func(context.Context) error{
		o.kubernetes, o.knative, o.istio, o.gatewayAPI, o.velero, o.allGateways, o.installed,
	} {
		if err := look(ctx); err != nil {
			return nil, err
		}
	}
	return &o.found, nil
}

func (o *observer) tell(format string, arguments ...any) {
	o.found.problems = append(o.found.problems, fmt.Sprintf(format, arguments...))
}

// find reads an object: nil is one that is not there, also for want of its
// kind. known is false where it may not be read, which was told.
func (o *observer) find(ctx context.Context, kind kube.Kind, namespace, name string) (object *kube.Object, known bool, err error) {
	object, err = o.Find(ctx, kind, namespace, name)
	switch {
	case apierrors.IsForbidden(err):
		where := ""
		if namespace != "" {
			where = " in the namespace " + namespace
		}
		o.tell("There is no permission to get the %s %s%s: what it says is unknown. It needs the verb get on %s.",
			kind.Name, name, where, kind.GroupResource())
		return nil, false, nil
	case apierrors.IsNotFound(err):
		return nil, true, nil
	}
	return object, err == nil, err
}

// list reads objects of a kind that every cluster has, by name. known is false where they may not be listed,
// which is not told: there may be another way.
func (o *observer) list(ctx context.Context, kind kube.Kind, namespace string, selector labels.Selector) (objects []kube.Object, known bool, err error) {
	objects, err = o.ListMatching(ctx, kind, namespace, selector)
	switch {
	case apierrors.IsForbidden(err):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	slices.SortFunc(objects, func(a, b kube.Object) int {
		return cmpNames(a.GetNamespace(), a.GetName(), b.GetNamespace(), b.GetName())
	})
	return objects, true, nil
}

// tellUnlisted tells that objects may not be listed.
func (o *observer) tellUnlisted(kind kube.Kind, namespace, so string) {
	where := "in all namespaces"
	if namespace != "" {
		where = "in the namespace " + namespace
	}
	o.tell("There is no permission to list %s %s: %s. It needs the verb list on %s there.", kind.Resource, where, so, kind.GroupResource())
}

func decode[T any](object *kube.Object) (*T, error) {
	decoded := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, decoded); err != nil {
		return nil, fmt.Errorf("decoding %s %s/%s: %w", object.GetKind(), object.GetNamespace(), object.GetName(), err)
	}
	return decoded, nil
}
