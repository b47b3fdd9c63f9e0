package kube

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// products names what has to be installed for a group of kinds to be served.
var products = map[string]string{
	"serving.knative.dev":       "Knative Serving",
	"networking.istio.io":       "Istio",
	"security.istio.io":         "Istio",
	"velero.io":                 "Velero",
	"cert-manager.io":           "cert-manager",
	"eventing.knative.dev":      "Knative Eventing",
	"sources.knative.dev":       "Knative Eventing",
	"messaging.knative.dev":     "Knative Eventing",
	"gateway.networking.k8s.io": "the Gateway API",
}

// diagnoseStatus explains an answer of the API server.
func diagnoseStatus(err error) (Problem, bool) {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return Problem{}, false
	}
	status := answer.Status()
	details := metav1.StatusDetails{}
	if status.Details != nil {
		details = *status.Details
	}
	answerText, unexpected := unexpectedAnswer(details)

	switch {
	case apierrors.IsUnauthorized(err):
		return Problem{
			Summary: "the credential is refused (401)",
			Detail: paragraphs("The API server does not accept the credential: it has expired, was withdrawn, or is another cluster's",
				"Get a fresh token, certificate or kubeconfig. A credential that outlives a long apply comes from an exec block, "+
					"whose program is asked again when it expires"),
		}, true
	case apierrors.IsTooManyRequests(err), apierrors.IsServerTimeout(err), apierrors.IsTimeout(err), apierrors.IsServiceUnavailable(err):
		return Problem{
			Summary: fmt.Sprintf("the API server is overloaded or away (%d)", status.Code),
			Detail:  paragraphs(status.Message, "Apply again in a while. If it stays so, look at the API server's health and lower Terraform's -parallelism"),
		}, true
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return Problem{
			Summary: "the namespace is being deleted",
			Detail:  paragraphs(status.Message, "Wait until it is gone, make it anew, and apply again"),
		}, true
	case unexpected && status.Code < http.StatusInternalServerError && status.Code != http.StatusNotFound:
		return Problem{
			Summary: fmt.Sprintf("this may not be a Kubernetes API server (%d)", status.Code),
			Detail:  paragraphs(status.Message+": "+answerText, "Check host, its scheme and its port, and that no proxy answers in its place"),
		}, true
	case apierrors.IsForbidden(err):
		return diagnoseForbidden(status, details), true
	case apierrors.IsNotFound(err):
		return diagnoseNotFound(status, details), true
	case apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict):
		var fields []string
		for _, cause := range details.Causes {
			fields = append(fields, fmt.Sprintf("%s (%s)", cause.Field, cause.Message))
		}
		return Problem{
			Summary: "somebody else has set some of its fields",
			Detail:  paragraphs("Refused are "+strings.Join(fields, ", "), conflictAdvice),
		}, true
	case apierrors.IsAlreadyExists(err):
		return Problem{
			Summary: "the object exists already",
			Detail:  paragraphs(status.Message, "Import it, or choose another name"),
		}, true
	case apierrors.IsConflict(err):
		return Problem{
			Summary: "the object was changed meanwhile",
			Detail:  paragraphs(status.Message, "Somebody else wrote to it at the same time. Apply again: the next plan starts from what is there now"),
		}, true
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsRequestEntityTooLargeError(err):
		return diagnoseRefused(status, details), true
	case apierrors.IsInternalError(err):
		return Problem{
			Summary: "the API server failed (500)",
			Detail: paragraphs(status.Message, "If it names a webhook, look at the pods of the webhook's service: "+
				"a webhook that is away blocks writes. Otherwise look at the API server's log"),
		}, true
	}
	return Problem{
		Summary: fmt.Sprintf("the API server refused the request (%d)", status.Code),
		Detail:  paragraphs(status.Message, "Apply again: it may pass. If it stays so, look at the API server's log"),
	}, true
}

// diagnoseForbidden explains a 403. Its details name the resource, and only the
// message names the verb, the user and the namespace.
func diagnoseForbidden(status metav1.Status, details metav1.StatusDetails) Problem {
	if details.Kind == "" {
		return Problem{
			Summary: "the cluster's policy refuses it (403)",
			Detail:  paragraphs(status.Message, "The message names the policy or the admission webhook that decides: meet it, or ask its owner"),
		}
	}
	return Problem{
		Summary: fmt.Sprintf("no permission for %s (403)", resourceOf(details)),
		Detail: paragraphs(status.Message, fmt.Sprintf("If that is about what the user may do, the role bound to it there lacks a rule such as\n\n"+
			"  - apiGroups: [%q]\n    resources: [%q]\n    verbs: [get, list, watch, create, patch, update, delete]\n\n"+
			"Otherwise a quota or an admission policy of the namespace decides, and the message says which", details.Group, details.Kind)),
	}
}

// diagnoseNotFound tells apart the three things that can be missing: the kind,
// the namespace and the object.
func diagnoseNotFound(status metav1.Status, details metav1.StatusDetails) Problem {
	_, unexpected := unexpectedAnswer(details)
	switch {
	case unexpected:
		// An API server has no Status for a path that it does not serve.
		if product, ok := products[details.Group]; ok {
			return Problem{
				Summary: product + " is not installed on the cluster",
				Detail: paragraphs(fmt.Sprintf("The API server does not serve %s", resourceOf(details)),
					fmt.Sprintf("Install %s first, or connect to the cluster that has it. If it is installed, its CRDs or their version differ from what is needed here", product)),
			}
		}
		if details.Group == "" {
			return Problem{
				Summary: "this is not a Kubernetes API server",
				Detail:  paragraphs(status.Message, "Check host, and a path in it if there is one"),
			}
		}
		return Problem{
			Summary: fmt.Sprintf("the cluster does not serve %s", resourceOf(details)),
			Detail:  paragraphs(status.Message, "Install what brings this kind, or connect to the cluster that has it"),
		}
	case details.Kind == "namespaces" && details.Group == "":
		return Problem{
			Summary: fmt.Sprintf("the namespace %q does not exist", details.Name),
			Detail:  paragraphs(status.Message, "Make the namespace first, for example by a kubernetes_namespace that the resource depends on, or correct its name"),
		}
	}
	return Problem{
		Summary: fmt.Sprintf("%s %q does not exist", resourceOf(details), details.Name),
		Detail:  paragraphs(status.Message, "It was deleted by somebody else, or its name or namespace is wrong"),
	}
}

// diagnoseRefused explains an object that the server or an admission webhook
// finds wrong.
func diagnoseRefused(status metav1.Status, details metav1.StatusDetails) Problem {
	var lines []string
	for _, cause := range details.Causes {
		if cause.Field != "" {
			lines = append(lines, fmt.Sprintf("  - %s: %s", cause.Field, cause.Message))
		}
	}
	what := sentence(status.Message)
	if len(lines) > 1 {
		what += "\n" + strings.Join(lines, "\n")
	}
	return Problem{
		Summary: fmt.Sprintf("the cluster does not accept the object (%d)", status.Code),
		Detail:  paragraphs(what, "Change what the message names; an admission webhook that it names is the one that decides"),
	}
}

// unexpectedAnswer returns what came back when that was no Status, and
// client-go had to make one up.
func unexpectedAnswer(details metav1.StatusDetails) (string, bool) {
	for _, cause := range details.Causes {
		if cause.Type == metav1.CauseTypeUnexpectedServerResponse {
			return cause.Message, true
		}
	}
	return "", false
}

// resourceOf names a resource as kubectl does: services.serving.knative.dev.
func resourceOf(details metav1.StatusDetails) string {
	return schema.GroupResource{Group: details.Group, Resource: details.Kind}.String()
}
