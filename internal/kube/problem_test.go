package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var ksvcs = schema.GroupResource{Group: "serving.knative.dev", Resource: "services"}

// unserved is what client-go makes of an answer that is no Status.
func unserved(code int, resource schema.GroupResource, text string) error {
	return apierrors.NewGenericServerResponse(code, "GET", resource, "shop", text, 0, true)
}

func TestDiagnose(t *testing.T) {
	for name, test := range map[string]struct {
		err     error
		summary string
		detail  []string // what the detail must say, among other things
	}{
		"unknown connection": {
			fmt.Errorf("%w: host, token", ErrUnknownConnection),
			"the cluster is not known yet",
			[]string{"host, token", "-target"},
		},
		"no configuration": {
			ErrNotConfigured,
			"no cluster is configured",
			[]string{"config_path", "KUBE_CONFIG_PATH", "KUBECONFIG"},
		},
		"unusable setting": {
			&SettingError{Setting: "insecure", Origin: "insecure", Err: errors.New("a CA certificate is given too")},
			"insecure cannot be used",
			[]string{"a CA certificate is given too"},
		},
		"setting of the environment": {
			&SettingError{Setting: "cluster_ca_certificate", Origin: "KUBE_CLUSTER_CA_CERT_DATA", Err: errNoPEM},
			"cluster_ca_certificate cannot be used",
			[]string{"environment variable KUBE_CLUSTER_CA_CERT_DATA", "base64decode"},
		},
		"unknown context": {
			&EntryError{Kind: "context", Name: "red", Origin: "config_context", Paths: []string{"~/config"}, Available: []string{"blue", "green"}},
			"the kubeconfig has no such context",
			[]string{`"red"`, "~/config", "Set config_context", "blue, green"},
		},
		"no current context": {
			&EntryError{Kind: "context", Origin: "KUBE_CTX", Paths: []string{"a"}, Available: []string{"blue"}},
			"the kubeconfig has no such context",
			[]string{"no current context", "Set KUBE_CTX"},
		},
		"kubeconfig without contexts": {
			&EntryError{Kind: "context", Paths: []string{"a"}},
			"the kubeconfig has no such context",
			[]string{"is it the right file"},
		},
		"unauthorized": {
			apierrors.NewUnauthorized("Unauthorized"),
			"the credential is refused (401)",
			[]string{"expired", "exec"},
		},
		"forbidden by RBAC": {
			apierrors.NewForbidden(ksvcs, "shop", errors.New(`User "ci" cannot patch resource "services" in the namespace "prod"`)),
			"no permission for services.serving.knative.dev (403)",
			[]string{`cannot patch resource "services" in the namespace "prod"`, `apiGroups: ["serving.knative.dev"]`, `resources: ["services"]`},
		},
		"forbidden by a webhook": {
			&apierrors.StatusError{ErrStatus: metav1.Status{Reason: metav1.StatusReasonForbidden, Code: 403, Message: `admission webhook "policy" denied the request: no`}},
			"the cluster's policy refuses it (403)",
			[]string{`admission webhook "policy" denied`},
		},
		"namespace is going": {
			&apierrors.StatusError{ErrStatus: metav1.Status{
				Reason: metav1.StatusReasonForbidden, Code: 403, Message: "unable to create new content",
				Details: &metav1.StatusDetails{Kind: "services", Causes: []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}},
			}},
			"the namespace is being deleted",
			[]string{"unable to create new content"},
		},
		"no Knative": {
			unserved(404, ksvcs, "404 page not found"),
			"Knative Serving is not installed on the cluster",
			[]string{"services.serving.knative.dev", "Install Knative Serving"},
		},
		"no Istio": {
			unserved(404, schema.GroupResource{Group: "networking.istio.io", Resource: "virtualservices"}, "404 page not found"),
			"Istio is not installed on the cluster", nil,
		},
		"no such kind": {
			unserved(404, schema.GroupResource{Group: "example.com", Resource: "things"}, "404 page not found"),
			"the cluster does not serve things.example.com", nil,
		},
		"no API server": {
			unserved(404, schema.GroupResource{Resource: "namespaces"}, "404 page not found"),
			"this is not a Kubernetes API server",
			[]string{"Check host"},
		},
		"no namespace": {
			apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "prod"),
			`the namespace "prod" does not exist`, nil,
		},
		"no object": {
			apierrors.NewNotFound(ksvcs, "shop"),
			`services.serving.knative.dev "shop" does not exist`, nil,
		},
		"fields of another manager": {
			apierrors.NewApplyConflict([]metav1.StatusCause{
				{Type: metav1.CauseTypeFieldManagerConflict, Field: ".spec.replicas", Message: `conflict with "ci"`},
			}, "Apply failed with 1 conflict"),
			"somebody else has set some of its fields",
			[]string{`.spec.replicas (conflict with "ci")`, "force_conflicts"},
		},
		"fields of another manager, with values": {
			&ConflictError{Object: "Service prod/shop", Conflicts: []Conflict{{Field: ".spec.replicas", Managers: []string{"ci"}, Live: 1, Wanted: 2}}},
			"somebody else has set some of its fields",
			[]string{"Service prod/shop", "it is 1, this configuration wants 2"},
		},
		"exists already": {apierrors.NewAlreadyExists(ksvcs, "shop"), "the object exists already", []string{"shop", "Import"}},
		"changed meanwhile": {
			apierrors.NewConflict(ksvcs, "shop", errors.New("the object has been modified")),
			"the object was changed meanwhile",
			[]string{"Apply again"},
		},
		"invalid": {
			apierrors.NewInvalid(schema.GroupKind{Group: "serving.knative.dev", Kind: "Service"}, "shop", field.ErrorList{
				field.Required(field.NewPath("spec", "a"), "give one"), field.Invalid(field.NewPath("spec", "b"), -1, "is negative"),
			}),
			"the cluster does not accept the object (422)",
			[]string{"  - spec.a: ", "  - spec.b: "},
		},
		"denied by Knative's webhook": {
			apierrors.NewBadRequest(`admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed`),
			"the cluster does not accept the object (400)",
			[]string{"validation failed"},
		},
		"HTTP to a TLS port": {
			unserved(400, schema.GroupResource{Resource: "namespaces"}, "Client sent an HTTP request to an HTTPS server."),
			"this may not be a Kubernetes API server (400)",
			[]string{"Client sent an HTTP request", "scheme"},
		},
		"a proxy's 403": {
			unserved(403, ksvcs, "<html>blocked</html>"),
			"this may not be a Kubernetes API server (403)",
			[]string{"proxy"},
		},
		"too many requests": {
			unserved(429, ksvcs, "Too many requests, please try again later."),
			"the API server is overloaded or away (429)",
			[]string{"-parallelism"},
		},
		"unavailable":     {apierrors.NewServiceUnavailable("etcd"), "the API server is overloaded or away (503)", nil},
		"a gateway's 503": {unserved(503, ksvcs, "<html>"), "the API server is overloaded or away (503)", nil},
		"server timeout":  {apierrors.NewServerTimeout(ksvcs, "patch", 1), "the API server is overloaded or away (500)", nil},
		"internal error": {
			apierrors.NewInternalError(errors.New(`failed calling webhook "w": connection refused`)),
			"the API server failed (500)",
			[]string{`failed calling webhook "w"`},
		},
		"gone":        {apierrors.NewResourceExpired("too old"), "the API server refused the request (410)", []string{"too old."}},
		"time is up":  {fmt.Errorf("waiting for shop: %w", context.DeadlineExceeded), "time is up", []string{"waiting for shop", "`timeouts`"}},
		"interrupted": {context.Canceled, "interrupted", nil},
		"other":       {errors.New("who knows"), "request to the cluster failed", []string{"who knows."}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, err := range []error{test.err, fmt.Errorf("applying: %w", test.err)} {
				problem := Diagnose(err)
				if problem.Summary != test.summary {
					t.Errorf("summary is %q, want %q", problem.Summary, test.summary)
				}
				for _, text := range test.detail {
					if !strings.Contains(problem.Detail, text) {
						t.Errorf("detail lacks %q:\n%s", text, problem.Detail)
					}
				}
				if problem.Detail == "" || strings.Contains(problem.Detail, "..") || strings.HasSuffix(problem.Summary, ".") {
					t.Errorf("not well put: %q\n%s", problem.Summary, problem.Detail)
				}
			}
		})
	}
}

func TestDiagnoseNothing(t *testing.T) {
	if problem := Diagnose(nil); problem != (Problem{}) {
		t.Errorf("no error is a problem: %+v", problem)
	}
}

func TestDiagnoseFiles(t *testing.T) {
	missing := Connection{ConfigPath: "/no/such/file", Origins: map[string]string{"config_path": "KUBE_CONFIG_PATH"}}
	_, err := missing.RESTConfig()
	problem := Diagnose(err)
	if problem.Summary != "a file is missing" {
		t.Errorf("summary is %q", problem.Summary)
	}
	for _, text := range []string{"/no/such/file", "KUBE_CONFIG_PATH"} {
		if !strings.Contains(problem.Detail, text) {
			t.Errorf("detail lacks %q:\n%s", text, problem.Detail)
		}
	}

	_, err = Connection{ConfigPath: write(t, "config", "clusters: [")}.RESTConfig()
	if problem := Diagnose(err); problem.Summary != "the kubeconfig cannot be used" {
		t.Errorf("summary is %q", problem.Summary)
	}

	_, err = Connection{Host: "https://api.example", Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "sls-no-such-program"}}.RESTConfig()
	if problem := Diagnose(err); problem.Summary != "the program for the credential failed" || !strings.Contains(problem.Detail, "sls-no-such-program") {
		t.Errorf("a missing plugin: %+v", problem)
	}
}
