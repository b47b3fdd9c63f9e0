package component_test

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// TestAccComponent boots one cluster for all tests that need one to themselves;
// within it each has a release of its own name, and none disturbs another.
func TestAccComponent(t *testing.T) {
	t.Parallel()
	cluster := newBare(t)
	for name, test := range map[string]func(*testing.T, *bare, string){
		"lifecycle": testLifecycle,
		"prune":     testPrune,
		"env":       testEnv,
		"drift":     testDrift,
		"outside":   testDeletedOutside,
		"ignored":   testIgnored,
		"pull":      testPull,
		"gate":      testGate,
		"dormant":   testDormant,
		"trust":     testTrust,
		"invalid":   testInvalid,
		"blocked":   testBlocked,
		"killed":    testKilled,
		"denied":    testDenied,
		"claimed":   testClaimed,
		"existing":  testExisting,
		"takeover":  testTakeOver,
		"stored":    testStored,
		"users":     testUsers,
		"required":  testRequired,
		"rights":    testRights,
		"delete":    testDeleteDefinitions,
		"grace":     testGrace,
		"job":       testJob,
		"conflict":  testConflict,
		"source":    testSource,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, cluster, name)
		})
	}
}

// A component goes the whole way: from nothing to ready, changed, imported, gone.
func testLifecycle(t *testing.T, cluster *bare, name string) {
	config := func(values acctest.Values) string { return inline(t, name, widgets(t, name, values), "") }
	tf := cluster.terraform(t, config(nil))
	planned := tf.Run(t, "plan", "-no-color")
	said(t, planned, `"ConfigMap lifecycle/settings"`, "sha256:", `"apps/Deployment lifecycle/web"`, "sha256:")
	applied(t, tf)

	// A change shows at the object that it is about, and only there.
	cluster.configure(t, tf, config(acctest.Values{"greeting": "good day"}))
	planned = tf.Run(t, "plan", "-no-color")
	said(t, planned, "~ objects", `~ "ConfigMap lifecycle/settings"`, "->", "unchanged elements hidden")
	if strings.Contains(planned.Output, "lifecycle/web") {
		t.Errorf("the plan shows objects that do not change:\n%s", planned.Output)
	}
	applied(t, tf)
	if data, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); data != "good day" {
		t.Errorf("the setting is %q", data)
	}

	// A manifest that breaks leaves what there is as it is.
	cluster.configure(t, tf, inline(t, name, widgets(t, name, acctest.Values{"greeting": "broken"})+"\n---\napiVersion: [v1\n", ""))
	for _, command := range [][]string{plan, apply} {
		refused(t, tf, command, "The manifest is broken", "Nothing of it was applied")
	}
	if data, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); data != "good day" {
		t.Errorf("of a broken manifest the setting is %q", data)
	}
	cluster.configure(t, tf, config(acctest.Values{"greeting": "good day"}))
	settled(t, tf)

	tf.Run(t, "state", "rm", address)
	refused(t, tf, plan, "the component exists already", "import {", `id = "lifecycle"`)
	if imported := tf.Run(t, "import", "-no-color", address, name); imported.ExitCode != 0 {
		t.Fatal(imported.Output)
	}
	applied(t, tf)

	said(t, tf.Destroy(t), "Something was kept", "widgets.lifecycle.example.com was kept", "delete_crds")
	cluster.gone(t, deployments, name, "web")
	cluster.gone(t, webhooks, "", name+".example.com")
	cluster.gone(t, namespaces, "", name)
	cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)
	if cluster.find(t, definitions, "", "widgets."+name+".example.com") == nil {
		t.Error("the definition went, and with it what users had made")
	}
	applied(t, tf) // what the destroy has kept is taken up again
	tf.Destroy(t)
}

// What a new version drops goes, but for definitions.
func testPrune(t *testing.T, cluster *bare, name string) {
	full := widgets(t, name, nil)
	tf := cluster.terraform(t, inline(t, name, full, ""))
	applied(t, tf)

	documents := strings.Split(full, "\n---\n")
	var without []string
	for _, document := range documents {
		if !strings.Contains(document, "kind: ConfigMap") && !strings.Contains(document, "Widget") {
			without = append(without, document)
		}
	}
	cluster.configure(t, tf, inline(t, name, strings.Join(without, "\n---\n"), ""))
	said(t, tf.Run(t, "plan", "-no-color"), `- "ConfigMap prune/settings"`)
	said(t, tf.Apply(t), "Something was kept", "widgets.prune.example.com was kept")
	settled(t, tf)
	cluster.gone(t, configMaps, name, "settings")
	cluster.gone(t, widgetsOf(name), name, "first")
	if cluster.find(t, definitions, "", "widgets."+name+".example.com") == nil {
		t.Error("the definition went, and with it what users had made")
	}

	// With delete_crds it goes, unless users have something of it.
	bare := strings.Join(without, "\n---\n")
	cluster.configure(t, tf, inline(t, name, full, "delete_crds = true"))
	applied(t, tf)
	cluster.create(t, widgetsOf(name), widget("theirs", name))
	cluster.configure(t, tf, inline(t, name, bare, "delete_crds = true"))
	said(t, tf.Apply(t), "Something was kept", "widgets.prune.example.com was kept", "Widget default/theirs", "force_destroy")
	settled(t, tf)
	if cluster.find(t, widgetsOf(name), "default", "theirs") == nil {
		t.Error("an update has removed what users had made")
	}
	cluster.configure(t, tf, inline(t, name, full, "delete_crds = true\nforce_destroy = true"))
	applied(t, tf)
	cluster.configure(t, tf, inline(t, name, bare, "delete_crds = true\nforce_destroy = true"))
	applied(t, tf)
	cluster.gone(t, definitions, "", "widgets."+name+".example.com")
	tf.Destroy(t)
}
