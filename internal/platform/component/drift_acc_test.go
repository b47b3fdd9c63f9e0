package component_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What somebody has changed is told object by object, with who did it, and is
// repaired.
func testDrift(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)

	cluster.patch(t, "kubectl-edit", deployments, name, "web", `{"spec":{"replicas":2}}`)
	cluster.patch(t, "an-operator", configMaps, name, "settings", `{"data":{"greeting":"hi","more":"of theirs"}}`)
	cluster.patch(t, "kubectl-label", widgetsOf(name), name, "first", `{"spec":{"size":null}}`)
	result := tf.Run(t, "plan", "-no-color")
	said(t, result, `"ConfigMap drift/settings"`, `"changed by an-operator: .data.greeting" ->`)
	said(t, result, `"apps/Deployment drift/web"`, `"changed by kubectl-edit: .spec.replicas" ->`)
	said(t, result, `/Widget drift/first"`, `"removed: .spec.size" ->`)

	applied(t, tf)
	if replicas, _, _ := unstructured.NestedInt64(cluster.find(t, deployments, name, "web").Object, "spec", "replicas"); replicas != 1 {
		t.Errorf("the Deployment has %d replicas", replicas)
	}
	settings := cluster.find(t, configMaps, name, "settings")
	if greeting, _, _ := unstructuredString(settings, "data", "greeting"); greeting != "hello" {
		t.Errorf("the greeting is %q", greeting)
	}
	if more, _, _ := unstructuredString(settings, "data", "more"); more != "of theirs" {
		t.Errorf("what somebody has added is %q", more)
	}
	tf.Destroy(t)
}

// What somebody has deleted is made again; a component whose inventory went is
// made anew over its own objects.
func testDeletedOutside(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)
	cluster.remove(t, deployments, name, "web")
	cluster.remove(t, webhooks, "", name+".example.com")
	result := tf.Run(t, "plan", "-no-color")
	said(t, result, `ValidatingWebhookConfiguration outside.example.com"`, `"missing" ->`, `"apps/Deployment outside/web"`, `"missing" ->`)
	applied(t, tf)

	cluster.remove(t, namespaces, "", name)
	applied(t, tf)

	cluster.patch(t, "somebody", configMaps, "kube-system", "sls-component-"+name, `{"data":{"objects":"x"}}`)
	refused(t, tf, plan, "Can't read the component outside: the component's inventory is broken", "kube-system/sls-component-outside", "delete it and apply again")
	cluster.remove(t, configMaps, "kube-system", "sls-component-"+name)
	said(t, tf.Run(t, "plan", "-no-color"), "1 to add")
	applied(t, tf)
	tf.Destroy(t)
	cluster.gone(t, namespaces, "", name)
}

// What others are left to decide is applied once, and then theirs.
func testIgnored(t *testing.T, cluster *bare, name string) {
	config := func(greeting string) string {
		return inline(t, name, widgets(t, name, acctest.Values{"greeting": greeting}),
			`ignore_fields = [{ kind = "ConfigMap", name = "settings", paths = ["/data/greeting"] }]`)
	}
	tf := cluster.terraform(t, config("hello"))
	applied(t, tf)
	greeting := func() string {
		text, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting")
		return text
	}
	if greeting() != "hello" {
		t.Errorf("the greeting is %q", greeting())
	}
	cluster.patch(t, "an-operator", configMaps, name, "settings", `{"data":{"greeting":"hi"}}`)
	// So a webhook's own controller does.
	cluster.patch(t, "a-controller", webhooks, "", name+".example.com",
		`{"webhooks":[{"name":"gadgets.`+name+`.example.com","failurePolicy":"Fail","sideEffects":"None","admissionReviewVersions":["v1"],`+
			`"clientConfig":{"caBundle":"`+bundle(t)+`","service":{"name":"web","namespace":"`+name+`","path":"/elsewhere"}},`+
			`"rules":[{"apiGroups":["`+name+`.example.com"],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["gadgets"]}]}]}`)
	if !tf.PlanIsEmpty(t) {
		t.Error("what others are left to decide is shown as drift")
	}
	cluster.configure(t, tf, config("good day")) // another digest: the object is written
	applied(t, tf)
	if greeting() != "hi" {
		t.Errorf("the greeting is %q: it was somebody else's", greeting())
	}
	tf.Destroy(t)
}

// What somebody else has set of an object before the component wants it is a
// conflict that names them, until it is forced.
func testConflict(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)
	cluster.patch(t, "an-operator", deployments, name, "web", `{"spec":{"minReadySeconds":1}}`)
	if !tf.PlanIsEmpty(t) {
		t.Error("a field that the manifest does not set is shown as drift")
	}
	more := replaced(t, widgets(t, name, nil), "  replicas: 1\n", "  replicas: 1\n  minReadySeconds: 2\n")
	cluster.configure(t, tf, inline(t, name, more, ""))
	refused(t, tf, apply, "apps/Deployment conflict/web: somebody else has set some of its fields",
		".spec.minReadySeconds, set by an-operator: it is 1, this configuration wants 2", "force_conflicts = true")
	cluster.configure(t, tf, inline(t, name, more, "force_conflicts = true"))
	applied(t, tf)
	tf.Destroy(t)
}

func unstructuredString(object *kube.Object, path ...string) (string, bool, error) {
	return unstructured.NestedString(object.Object, path...)
}
