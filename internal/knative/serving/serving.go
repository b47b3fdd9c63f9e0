// Package serving knows Knative Serving's objects as this provider uses them:
// their kinds, the labels that tie them together, and what their status means.
// It knows nothing of Terraform.
package serving

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Kinds of Knative Serving.
var (
	Services  = kind("services", "Service")
	Revisions = kind("revisions", "Revision")
	// Ingresses are what Knative asks of its ingress controller: one for each
	// Service, of its name.
	Ingresses = kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "networking.internal.knative.dev", Version: "v1alpha1", Resource: "ingresses"},
		Name:                 "Ingress",
	}
)

func kind(resource, name string) kube.Kind {
	return kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: resource},
		Name:                 name,
	}
}

const (
	// Group is the prefix of the labels and annotations that are ours.
	Group = "sls-platform.github.io"
	// VersionLabel carries the version that a revision was made for; on a
	// Service, that of its template.
	VersionLabel = Group + "/version"

	// TrafficAnnotation is on a Service whose traffic a sls_revision_traffic
	// manages.
	TrafficAnnotation = Group + "/traffic"
	// EarlierMinScaleAnnotation on a revision says that sls_revision_traffic keeps
	// its least number of pods for the time being, and what it was before: empty
	// if nothing was said. Whoever else manages it changes this annotation then.
	EarlierMinScaleAnnotation = Group + "/earlier-min-scale"

	// VisibilityLabel with the value VisibilityLocal keeps Knative from exposing
	// a Service outside the cluster.
	VisibilityLabel = "networking.knative.dev/visibility"
	// VisibilityLocal is a visibility in Knative's words and in ours.
	VisibilityLocal = "cluster-local"
	// VisibilityPublic is the visibility of a Service without the label. Knative
	// has no word for it.
	VisibilityPublic = "public"
)

// CurrentRevision returns the name of the revision that a Service's template
// stands for: the one that it names, or the newest that Knative made of it. It
// is empty while there is none.
func CurrentRevision(service *kube.Object) string {
	if name, _, _ := unstructured.NestedString(service.Object, "spec", "template", "metadata", "name"); name != "" {
		return name
	}
	name, _, _ := unstructured.NestedString(service.Object, "status", "latestCreatedRevisionName")
	return name
}

// DecodeService returns a Service in Knative's own type.
func DecodeService(object *kube.Object) (*servingv1.Service, error) {
	return decode[servingv1.Service](object)
}

// DecodeRevision returns a Revision in Knative's own type.
func DecodeRevision(object *kube.Object) (*servingv1.Revision, error) {
	return decode[servingv1.Revision](object)
}

func decode[T any](object *kube.Object) (*T, error) {
	decoded := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, decoded); err != nil {
		return nil, fmt.Errorf("decoding %s %s/%s: %w", object.GetKind(), object.GetNamespace(), object.GetName(), err)
	}
	return decoded, nil
}
