package manifest

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func rendered(t *testing.T, text string, options Options) *Set {
	t.Helper()
	if options.Component == "" {
		options.Component = "x"
	}
	set, err := Render(Inline(text), options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What others need goes first, in whatever order the manifest has it.
func TestStages(t *testing.T) {
	const text = `
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a}}
---
{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.metrics}}
---
{apiVersion: example.com/v1, kind: Widget, metadata: {name: b, namespace: ns}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: b}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: c, namespace: ns}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: c, namespace: ns}}
---
{apiVersion: v1, kind: Service, metadata: {name: d, namespace: ns}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: d}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ns}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.com}}
`
	var got []string
	for _, object := range rendered(t, text, Options{}).Objects {
		got = append(got, object.String())
	}
	want := []string{
		"apiextensions.k8s.io/CustomResourceDefinition widgets.example.com",
		"Namespace ns",
		"Service ns/d",
		"rbac.authorization.k8s.io/ClusterRole d",
		"apps/Deployment ns/c",
		"batch/Job ns/c",
		"example.com/Widget ns/b",
		"gateway.networking.k8s.io/GatewayClass b",
		"admissionregistration.k8s.io/ValidatingWebhookConfiguration a",
		"apiregistration.k8s.io/APIService v1.metrics",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the order is\n%s", strings.Join(got, "\n"))
	}
}

// Objects get the namespace that they lack where they have one, by what
// Kubernetes or the manifest says of their kind.
func TestNamespaces(t *testing.T) {
	const text = `
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.com},
 spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: plans.example.com},
 spec: {group: example.com, scope: Cluster, names: {kind: Plan, plural: plans}}}
---
{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}}
---
{apiVersion: example.com/v1, kind: Plan, metadata: {name: a, namespace: wrong}}
---
{apiVersion: elsewhere.com/v1, kind: Thing, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: own}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a, namespace: wrong}}
`
	digests := rendered(t, text, Options{Namespace: "given"}).Digests()
	for _, want := range []string{
		"example.com/Widget given/a", "example.com/Plan a", "elsewhere.com/Thing a", "ConfigMap given/a", "ConfigMap own/b", "rbac.authorization.k8s.io/ClusterRole a",
	} {
		if digests[want] == "" {
			t.Errorf("there is no %s in %v", want, digests)
		}
	}
	var lacks *Error
	if _, err := Render(Inline(text), Options{}); !errors.As(err, &lacks) || lacks.Attribute != "namespace" {
		t.Errorf("without a namespace: %v", err)
	}
	for _, object := range rendered(t, text, Options{Namespace: "given"}).Objects {
		if want := map[string]string{"Widget": "widgets", "Plan": "plans", "Thing": "", "ConfigMap": "configmaps", "ClusterRole": "clusterroles"}[object.Kind]; object.Kind != CRDs.Name && object.Resource.Resource != want {
			t.Errorf("%s has the resource %q", object, object.Resource.Resource)
		}
	}
}

// An object with a generated name has one name for one content, and labels are
// no content: a Job must not run again for them.
func TestGeneratedNames(t *testing.T) {
	const text = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: install-, namespace: ns}, spec: {template: {spec: {containers: [{name: a, image: old/a}]}}}}"
	name := func(options Options, text string) string { return rendered(t, text, options).Objects[0].Name }
	first := name(Options{}, text)
	if !strings.HasPrefix(first, "install-") || len(first) != len("install-")+16 {
		t.Errorf("the name is %s", first)
	}
	if again := name(Options{Labels: map[string]string{"a": "b"}}, text); again != first {
		t.Errorf("labels make it %s", again)
	}
	if other := name(Options{Images: map[string]string{"old": "new"}}, text); other == first {
		t.Error("another image leaves the name")
	}
}

func TestLabels(t *testing.T) {
	const text = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: ns, labels: {own: x, both: x}}, spec: {template: {metadata: {labels: {app: a}}}}}"
	object := rendered(t, text, Options{Component: "c", Labels: map[string]string{"both": "y"}, Annotations: map[string]string{"note": "z"}}).Objects[0]
	if want := map[string]string{"own": "x", "both": "y", Label: "c"}; !reflect.DeepEqual(object.GetLabels(), want) {
		t.Errorf("the labels are %v", object.GetLabels())
	}
	if object.GetAnnotations()["note"] != "z" {
		t.Errorf("the annotations are %v", object.GetAnnotations())
	}
	if pod, _, _ := unstructured.NestedStringMap(object.Object.Object, "spec", "template", "metadata", "labels"); !reflect.DeepEqual(pod, map[string]string{"app": "a"}) {
		t.Errorf("the pods' labels are %v", pod)
	}
}

// What a server writes, and what holds a place only, is left out.
func TestClean(t *testing.T) {
	const text = `
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a, creationTimestamp: null, resourceVersion: "1", uid: u},
 spec: {conversion: {webhook: {clientConfig: {caBundle: Cg==, service: {name: s}}}}}, status: {storedVersions: []}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: a}, webhooks: [{name: w, clientConfig: {caBundle: "", service: {name: s}}}]}
---
{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: ns}, data: {b: eA==}, stringData: {a: text}}
`
	set := rendered(t, text, Options{})
	definition, secret, webhook := set.Objects[0].Object.Object, set.Objects[1].Object.Object, set.Objects[2].Object.Object
	if _, there := definition["status"]; there || len(definition["metadata"].(map[string]any)) != 2 { //nolint:errcheck // it is one
		t.Errorf("the definition is %v", definition)
	}
	if _, there, _ := unstructured.NestedString(definition, "spec", "conversion", "webhook", "clientConfig", "caBundle"); there {
		t.Error("a certificate authority that is none was kept")
	}
	if calls := Calls(&set.Objects[2].Object); len(calls) != 1 || calls[0].Trusted {
		t.Errorf("the webhook is %v", webhook)
	}
	if data, _, _ := unstructured.NestedStringMap(secret, "data"); !reflect.DeepEqual(data, map[string]string{"a": "dGV4dA==", "b": "eA=="}) || secret["stringData"] != nil {
		t.Errorf("the secret is %v", secret)
	}
}

// The same manifest comes to the same digests, whoever renders it: after an
// upgrade of the provider, a plan must stay empty. Who changes this on purpose
// also counts up the form in the component's render.go.
func TestDigestsStay(t *testing.T) {
	const text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ns}, data: {b: c, a: b}}"
	if got := rendered(t, text, Options{Labels: map[string]string{"a": "b"}}).Digests()["ConfigMap ns/a"]; got != "sha256:217ba6343b1fa0e2" {
		t.Errorf("the digest is %s", got)
	}
}

func TestDuplicates(t *testing.T) {
	const one = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: ns}, data: {a: b}}\n---\n"
	if n := len(rendered(t, one+one, Options{}).Objects); n != 1 {
		t.Errorf("the same twice are %d objects", n)
	}
	if _, err := Render(Inline(one+strings.Replace(one, "a: b", "a: c", 1)), Options{}); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("twice with another content: %v", err)
	}
}
