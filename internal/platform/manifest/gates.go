package manifest

import (
	"slices"

	admission "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Call is a Service that the API server calls for a webhook or an aggregated
// API.
type Call struct {
	Webhook            string // the webhook's name; empty for an aggregated API
	Namespace, Service string
	Trusted            bool // there is a certificate authority to verify it with
	Ignorable          bool // writes go on when it does not answer
}

// Calls returns the Services that the API server calls because of an object.
func Calls(object *kube.Object) []Call {
	var calls []Call
	webhooks, _, _ := unstructured.NestedSlice(object.Object, "webhooks")
	for _, webhook := range webhooks {
		fields, _ := webhook.(map[string]any)
		name, _ := fields["name"].(string)
		service, there, _ := unstructured.NestedMap(fields, "clientConfig", "service")
		if !there {
			continue // a URL, which is not for us to look at
		}
		bundle, _, _ := unstructured.NestedString(fields, "clientConfig", "caBundle")
		policy, _ := fields["failurePolicy"].(string)
		calls = append(calls, call(name, service, bundle != "", policy == string(admission.Ignore)))
	}
	if object.GroupVersionKind().Group == "apiregistration.k8s.io" {
		if service, there, _ := unstructured.NestedMap(object.Object, "spec", "service"); there {
			calls = append(calls, call("", service, true, false)) // it may go unverified
		}
	}
	return calls
}

func call(webhook string, service map[string]any, trusted, ignorable bool) Call {
	namespace, _ := service["namespace"].(string)
	name, _ := service["name"].(string)
	return Call{webhook, namespace, name, trusted, ignorable}
}

// Untrusted returns the webhooks of an object whose Service has no certificate
// authority yet.
func Untrusted(object *kube.Object) []string {
	var names []string
	for _, call := range Calls(object) {
		if !call.Trusted && !slices.Contains(names, call.Webhook) {
			names = append(names, call.Webhook)
		}
	}
	return names
}
