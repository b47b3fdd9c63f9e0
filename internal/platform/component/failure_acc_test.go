package component_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// An image that can't be pulled ends the apply within seconds and says so. What
// a create has made is removed, what an update has made is told.
func testPull(t *testing.T, cluster *bare, name string) {
	broken := widgets(t, name, acctest.Values{"image": "registry.sls.local:5000/nothing:here"})
	tf := cluster.terraform(t, inline(t, name, broken, ""))
	began := time.Now()
	said(t, refused(t, tf, apply, "apps/Deployment pull/web: an image can't be pulled", "nothing:here"), "was removed again")
	t.Logf("the failed create took %s, with the removal", time.Since(began).Round(time.Second))
	cluster.gone(t, namespaces, "", name)
	cluster.gone(t, definitions, "", "widgets."+name+".example.com")
	cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)
	if tf.State(t, address) != nil {
		t.Error("the state has what was removed")
	}

	cluster.configure(t, tf, inline(t, name, broken, `on_create_failure = "keep"`))
	said(t, tf.Apply(t), "was created but is not ready: apps/Deployment pull/web: an image can't be pulled")
	if is := tf.State(t, address); is.Tainted || is.Attributes["ready"] != false || !strings.Contains(is.Attributes["status_message"].(string), "image") { //nolint:errcheck // a test's
		t.Errorf("the state is %+v", is)
	}
	cluster.gone(t, webhooks, "", name+".example.com")

	// Other images, by the attribute that is for it.
	cluster.configure(t, tf, inline(t, name, broken, `images = { "registry.sls.local:5000/nothing:here" = "`+acctest.Image(t, "HELLO_V1")+`" }`))
	applied(t, tf)

	cluster.configure(t, tf, inline(t, name, broken, ""))
	began = time.Now()
	refused(t, tf, apply, "Can't update the component pull: apps/Deployment pull/web: an image can't be pulled")
	t.Logf("the failed update took %s", time.Since(began).Round(time.Second))
	said(t, tf.Run(t, "plan", "-no-color"), "ready", "false", "known after apply")
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)
	tf.Destroy(t)
}

// A webhook whose Service has no endpoint is not set up: it would block writes.
func testGate(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, acctest.Values{"selector": "nobody"}),
		`on_create_failure = "keep"`))
	said(t, tf.Apply(t), "ValidatingWebhookConfiguration gate.example.com would call a Service that does not answer",
		"calls the Service gate/web, which has no ready endpoint", "No pod has the labels", "app=nobody")
	cluster.gone(t, webhooks, "", name+".example.com")
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)
	if cluster.find(t, webhooks, "", name+".example.com") == nil {
		t.Error("the webhook is not there")
	}
	tf.Destroy(t)
}

// A webhook that blocks nothing may be there before what it calls, as Istio's
// chart of definitions has one for an istiod that comes later. One that blocks
// may not.
func testDormant(t *testing.T, cluster *bare, name string) {
	early := func(policy string) string {
		text := replaced(t, widgets(t, name, acctest.Values{"bundle": ""}), "service: {name: web,", "service: {name: later,")
		return inline(t, name, replaced(t, text, "failurePolicy: Ignore", "failurePolicy: "+policy), `on_create_failure = "keep"`)
	}
	tf := cluster.terraform(t, early("Fail"))
	said(t, tf.Apply(t), "calls the Service dormant/later, which has no ready endpoint", "There is no such Service")
	cluster.gone(t, webhooks, "", name+".example.com")
	cluster.configure(t, tf, early("Ignore"))
	applied(t, tf)
	if cluster.find(t, webhooks, "", name+".example.com") == nil {
		t.Error("the webhook is not there")
	}
	tf.Destroy(t)
}

// A webhook without a certificate authority does not work: it is waited for.
func testTrust(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, acctest.Values{"bundle": ""}), `
  on_create_failure = "keep"
  timeouts          = { create = "20s" }
`))
	said(t, tf.Apply(t), "is not ready", "Nothing has given a certificate authority (caBundle) to its webhook gadgets.trust.example.com", "timeouts")

	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	run.WaitFor(t, "Still modifying")
	cluster.patch(t, "a-controller", webhooks, "", name+".example.com",
		`{"webhooks":[{"name":"gadgets.`+name+`.example.com","failurePolicy":"Ignore","sideEffects":"None","admissionReviewVersions":["v1"],`+
			`"clientConfig":{"caBundle":"`+bundle(t)+`","service":{"name":"web","namespace":"`+name+`","path":"/admit"}},`+
			`"rules":[{"apiGroups":["`+name+`.example.com"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["gadgets"]}]}]}`)
	if result := run.Wait(t); result.ExitCode != 0 {
		t.Fatal(result.Output)
	}
	settled(t, tf)
	tf.Destroy(t)
}

// What the API server refuses of a manifest is told by the object's name. A
// create leaves nothing; what an update has written by then, the next one goes
// on from.
func testInvalid(t *testing.T, cluster *bare, name string) {
	invalid := func(greeting string) string {
		text := widgets(t, name, acctest.Values{"greeting": greeting})
		return inline(t, name, replaced(t, text, "  replicas: 1\n", "  replicas: -1\n"), "")
	}
	tf := cluster.terraform(t, invalid("hello"))
	said(t, refused(t, tf, apply, "Can't create the component invalid: apps/Deployment invalid/web", "spec.replicas"), "was removed again")
	cluster.gone(t, namespaces, "", name)
	cluster.gone(t, definitions, "", "widgets."+name+".example.com")
	cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)

	cluster.configure(t, tf, invalid("later"))
	refused(t, tf, apply, "Can't update the component invalid: apps/Deployment invalid/web", "spec.replicas")
	if is := tf.State(t, address); is == nil || is.Tainted || is.Attributes["ready"] != false {
		t.Errorf("the state is %+v", is)
	}
	if cluster.find(t, deployments, name, "web") == nil || cluster.find(t, webhooks, "", name+".example.com") == nil {
		t.Error("an update that failed has removed something")
	}
	cluster.configure(t, tf, inline(t, name, widgets(t, name, acctest.Values{"greeting": "again"}), ""))
	applied(t, tf)
	if text, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); text != "again" {
		t.Errorf("the greeting is %q", text)
	}
	tf.Destroy(t)
	cluster.gone(t, namespaces, "", name)
}

// Somebody else's webhook that is down and has to be asked is told by its name.
func testBlocked(t *testing.T, cluster *bare, name string) {
	block := func() {
		cluster.create(t, webhooks, "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: down-"+name+"}\n"+
			"webhooks: [{name: down."+name+".example.com, admissionReviewVersions: [v1], sideEffects: None, failurePolicy: Fail,"+
			" clientConfig: {service: {name: down, namespace: default}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "+name+"}},"+
			" rules: [{apiGroups: [\"\"], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]}]\n")
	}
	block()
	defer func() { // also of a test that has failed
		if cluster.find(t, webhooks, "", "down-"+name) != nil {
			cluster.remove(t, webhooks, "", "down-"+name)
		}
	}()
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	said(t, refused(t, tf, apply, "Can't create the component blocked: ConfigMap blocked/settings", "down.blocked.example.com"), "was removed again")
	cluster.gone(t, namespaces, "", name)
	cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)
	cluster.remove(t, webhooks, "", "down-"+name)
	applied(t, tf)

	block()
	cluster.configure(t, tf, inline(t, name, widgets(t, name, acctest.Values{"greeting": "later"}), ""))
	refused(t, tf, apply, "Can't update the component blocked: ConfigMap blocked/settings", "down.blocked.example.com")
	cluster.remove(t, webhooks, "", "down-"+name)
	applied(t, tf)
	if text, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); text != "later" {
		t.Errorf("the greeting is %q", text)
	}
	tf.Destroy(t)
}

// An apply that was killed is taken up by the next one, whatever the state knows
// of it.
func testKilled(t *testing.T, cluster *bare, name string) {
	// Its workload never runs, so that it waits when it is killed.
	waits := replaced(t, widgets(t, name, nil), "        image:", "        readinessProbe: {tcpSocket: {port: 1}}\n        image:")
	tf := cluster.terraform(t, inline(t, name, waits, ""))
	killed := func(when func() error) {
		t.Helper()
		run := tf.Start(t, "apply", "-auto-approve", "-no-color")
		acctest.Eventually(t, time.Minute, func(context.Context) error { return when() })
		run.Kill(t)
		run.Wait(t)
	}
	killed(func() error {
		if cluster.find(t, deployments, name, "web") == nil {
			return errors.New("there is no Deployment yet")
		}
		return nil
	})
	if tf.State(t, address) != nil {
		t.Fatal("the state has what was killed")
	}
	// One that is interrupted keeps what it knows.
	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	run.WaitFor(t, "Still creating")
	run.Interrupt(t)
	said(t, run.Wait(t), "Interrupted before the component was ready", "The next apply goes on")
	if is := tf.State(t, address); is == nil || is.Tainted || is.Attributes["ready"] != false {
		t.Errorf("after an interrupt the state is %+v", is)
	}
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)

	cluster.configure(t, tf, inline(t, name, replaced(t, waits, "greeting: hello", "greeting: later"), ""))
	killed(func() error {
		if text, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); text != "later" {
			return errors.New("the change is not there yet")
		}
		return nil
	})
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), ""))
	said(t, tf.Run(t, "plan", "-no-color"), "not applied yet: an apply was interrupted")
	applied(t, tf)
	if text, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); text != "hello" {
		t.Errorf("the greeting is %q", text)
	}
	tf.Destroy(t)
	cluster.gone(t, namespaces, "", name)
}

// Who may not write something is told what, and nothing is left behind that
// nobody knows of.
func testDenied(t *testing.T, cluster *bare, name string) {
	account := cluster.account(t, name, withoutWebhooks(name))
	tf := acctest.NewTerraform(t)
	config := inline(t, name, widgets(t, name, nil), "")
	tf.Configure(t, acctest.ProviderBlockFor(account)+config)
	refused(t, tf, apply, "admissionregistration.k8s.io/ValidatingWebhookConfiguration denied.example.com",
		"no permission for validatingwebhookconfigurations.admissionregistration.k8s.io", "verbs:")
	cluster.gone(t, namespaces, "", name)
	cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)
	cluster.configure(t, tf, config) // with more rights
	applied(t, tf)
	tf.Destroy(t)
}
