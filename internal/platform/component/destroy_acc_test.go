package component_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

func widget(name, of string) string {
	return fmt.Sprintf("apiVersion: %s.example.com/v1\nkind: Widget\nmetadata: {name: %s, namespace: default}\n", of, name)
}

// What users have made of a component's kinds keeps it from being destroyed.
func testUsers(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)
	cluster.create(t, widgetsOf(name), widget("theirs", name))
	refused(t, tf, destroy, "1 objects need the component", "Widget default/theirs", "force_destroy = true")
	settled(t, tf) // nothing was removed

	cluster.create(t, configMaps, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs, namespace: "+name+"}\n")
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), "force_destroy = true"))
	applied(t, tf)
	tf.Destroy(t)
	if cluster.find(t, widgetsOf(name), "default", "theirs") == nil {
		t.Error("what a user has made went, without delete_crds")
	}
	cluster.gone(t, namespaces, "", name)
	cluster.remove(t, widgetsOf(name), "default", "theirs")
}

// Of two components of which one needs the other's kinds, neither is destroyed
// while users have something of these: not even the one that goes first.
func testRequired(t *testing.T, cluster *bare, name string) {
	both := func(needing, arguments string) string {
		return inline(t, name, widgets(t, name, nil), arguments) + acctest.Render(t, `
resource "sls_platform_component" "router" {
  name        = "{{.name}}-router"
  manifest    = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{.name}}-router, namespace: default}\n"
  required_by = ["no-such-things.example.com", {{quote .needing}}]
  {{.arguments}}
  depends_on  = [sls_platform_component.widgets]
}
`, acctest.Values{"name": name, "needing": needing, "arguments": arguments})
	}
	kind, group := "widgets."+name+".example.com", name+".example.com"
	tf := cluster.terraform(t, both(kind, ""))
	applied(t, tf)
	cluster.create(t, widgetsOf(name), widget("theirs", name))
	refused(t, tf, destroy, "Can't destroy the component required-router", "1 objects need the component", "Widget default/theirs", "force_destroy = true")
	settled(t, tf)
	if cluster.find(t, configMaps, "default", name+"-router") == nil {
		t.Error("the first component went before the second one was refused")
	}

	// So is it by the kind's group, which an import knows from the cluster.
	cluster.configure(t, tf, both(group, ""))
	applied(t, tf)
	tf.Run(t, "state", "rm", "sls_platform_component.router")
	if imported := tf.Run(t, "import", "-no-color", "sls_platform_component.router", name+"-router"); imported.ExitCode != 0 {
		t.Fatal(imported.Output)
	}
	refused(t, tf, destroy, "Can't destroy the component required-router", "Widget default/theirs")
	if cluster.find(t, configMaps, "default", name+"-router") == nil {
		t.Error("the imported component went")
	}
	cluster.configure(t, tf, both(group, "force_destroy = true"))
	applied(t, tf)
	tf.Destroy(t)
	cluster.remove(t, widgetsOf(name), "default", "theirs")
}

// With delete_crds nothing is left; a namespace in which others have something
// is, and it is told.
func testDeleteDefinitions(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), "delete_crds = true"))
	applied(t, tf)
	cluster.create(t, configMaps, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: theirs, namespace: "+name+"}\n")
	said(t, tf.Destroy(t), "Namespace delete was kept, because it is not empty: ConfigMap theirs")
	cluster.gone(t, definitions, "", "widgets."+name+".example.com")
	cluster.gone(t, deployments, name, "web")
	if cluster.find(t, namespaces, "", name) == nil {
		t.Error("the namespace went with what others had in it")
	}
	cluster.remove(t, namespaces, "", name)
}

// A destroy takes as long as the pods take to end, not as long as they might.
func testGrace(t *testing.T, cluster *bare, name string) {
	patient := replaced(t, widgets(t, name, nil), "terminationGracePeriodSeconds: 1\n", "terminationGracePeriodSeconds: 600\n")
	tf := cluster.terraform(t, inline(t, name, patient, `timeouts = { delete = "2m" }`))
	applied(t, tf)
	began := time.Now()
	tf.Destroy(t)
	t.Logf("the destroy took %s", time.Since(began).Round(time.Second))
	cluster.gone(t, namespaces, "", name)
}

// A Job with a generated name runs once for each content.
func testJob(t *testing.T, cluster *bare, name string) {
	config := func(values acctest.Values) string { return inline(t, name, widgets(t, name, values), "") }
	tf := cluster.terraform(t, config(acctest.Values{"job": true}))
	applied(t, tf)
	made, err := cluster.List(t.Context(), jobs, name, nil)
	if err != nil || len(made) != 1 || !strings.HasPrefix(made[0].GetName(), "install-") {
		t.Fatalf("the Jobs are %v, %v", made, err)
	}
	first := made[0]
	cluster.remove(t, jobs, name, first.GetName()) // as its time to live does
	if !tf.PlanIsEmpty(t) {
		t.Error("a Job that has run is made again")
	}
	cluster.configure(t, tf, config(acctest.Values{"job": true, "greeting": "later"}))
	applied(t, tf)
	cluster.gone(t, jobs, name, first.GetName())

	cluster.configure(t, tf, config(acctest.Values{"job": true, "image": acctest.Image(t, "HELLO_V2")}))
	applied(t, tf)
	made, err = cluster.List(t.Context(), jobs, name, nil)
	if err != nil || len(made) != 1 || made[0].GetName() == first.GetName() {
		t.Errorf("the Jobs are %v, %v", made, err)
	}
	tf.Destroy(t)
}
