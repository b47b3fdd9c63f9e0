package manifest

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// CRDs is the kind of custom resource definitions.
var CRDs = kube.Kind{GroupVersionResource: schema.GroupVersionResource{
	Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
}, Name: "CustomResourceDefinition"}

// builtIn are the groups that every API server serves. Not every group below
// k8s.io is one of them: the Gateway API's is not.
var builtIn = []string{
	"", "apps", "batch", "autoscaling", "policy",
	"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "authentication.k8s.io", "authorization.k8s.io",
	"certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "flowcontrol.apiserver.k8s.io", "networking.k8s.io",
	"node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
}

// clusterScoped are the built-in kinds that are in no namespace.
var clusterScoped = []string{
	"Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "APIService",
	"PriorityClass", "StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "VolumeAttributesClass", "RuntimeClass", "IngressClass",
	"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
	"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
	"FlowSchema", "PriorityLevelConfiguration", "CertificateSigningRequest", "ClusterTrustBundle",
	"DeviceClass", "ResourceSlice", "IPAddress", "ServiceCIDR", "StorageVersionMigration",
}

type scope int

const (
	unknownScope scope = iota // only the cluster knows
	inNamespace
	inCluster
)

// kinds knows what a manifest says of its kinds itself, by its definitions.
type kinds map[schema.GroupKind]definition

type definition struct {
	plural string
	scope  scope
}

func kindsOf(all []parsed) kinds {
	known := kinds{}
	for _, p := range all {
		object := unstructured.Unstructured{Object: p.object}
		if object.GroupVersionKind().GroupKind() != (schema.GroupKind{Group: CRDs.Group, Kind: CRDs.Name}) {
			continue
		}
		group, _, _ := unstructured.NestedString(p.object, "spec", "group")
		kind, _, _ := unstructured.NestedString(p.object, "spec", "names", "kind")
		plural, _, _ := unstructured.NestedString(p.object, "spec", "names", "plural")
		in := inNamespace
		if text, _, _ := unstructured.NestedString(p.object, "spec", "scope"); text == "Cluster" {
			in = inCluster
		}
		known[schema.GroupKind{Group: group, Kind: kind}] = definition{plural, in}
	}
	return known
}

// resolve returns how the API names an object's kind, and where its objects
// are. Of kinds that neither Kubernetes nor the manifest brings, the resource
// stays empty.
func (k kinds) resolve(gvk schema.GroupVersionKind) (kube.Kind, scope) {
	resource := kube.Kind{GroupVersionResource: gvk.GroupVersion().WithResource(""), Name: gvk.Kind}
	if slices.Contains(builtIn, gvk.Group) {
		resource.GroupVersionResource, _ = meta.UnsafeGuessKindToResource(gvk)
		if slices.Contains(clusterScoped, gvk.Kind) {
			return resource, inCluster
		}
		return resource, inNamespace
	}
	defined, ok := k[gvk.GroupKind()]
	if !ok {
		return resource, unknownScope
	}
	resource.Resource = defined.plural
	return resource, defined.scope
}

// custom reports whether an object is of a kind that a definition brings.
func custom(group string) bool { return !slices.Contains(builtIn, group) }

// Versions returns the versions that a custom resource definition brings.
func Versions(definition *kube.Object) []string {
	var names []string
	versions, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	for _, version := range versions {
		fields, _ := version.(map[string]any)
		name, _ := fields["name"].(string)
		names = append(names, name)
	}
	return names
}

// Defines returns the kind that a custom resource definition brings, in the
// version that is stored.
func Defines(definition *kube.Object) kube.Kind {
	group, _, _ := unstructured.NestedString(definition.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	plural, _, _ := unstructured.NestedString(definition.Object, "spec", "names", "plural")
	version := ""
	versions, _, _ := unstructured.NestedSlice(definition.Object, "spec", "versions")
	for _, v := range versions {
		fields, _ := v.(map[string]any)
		if fields["served"] == true && (version == "" || fields["storage"] == true) {
			version, _ = fields["name"].(string)
		}
	}
	return kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: group, Version: version, Resource: plural}, Name: strings.TrimSpace(kind)}
}
