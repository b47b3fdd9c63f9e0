package component_test

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Variables of a manifest's containers are set, changed and taken back, and nobody's
// else with them; a name that the manifest does not have is refused at plan.
func testEnv(t *testing.T, cluster *bare, name string) {
	config := func(arguments string) string { return inline(t, name, widgets(t, name, nil), arguments) }
	has := func(want ...string) {
		t.Helper()
		var live appsv1.Deployment
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(cluster.find(t, deployments, name, "web").Object, &live); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, variable := range live.Spec.Template.Spec.Containers[0].Env {
			got = append(got, variable.Name+"="+variable.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the variables are %q, not %q", got, want)
		}
	}
	tf := cluster.terraform(t, config(`env = { "web" = { TARGET = "all", LOG = "debug" }, "web/web" = { TARGET = "one" } }`))
	applied(t, tf)
	has("LOG=debug", "TARGET=one")

	cluster.create(t, deployments, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: `+name+`}
spec: {template: {spec: {containers: [{name: web, env: [{name: THEIRS, value: "1"}]}]}}}
`)
	cluster.configure(t, tf, config(`env = { "web" = { LOG = "info" } }`))
	said(t, tf.Run(t, "plan", "-no-color"), "debug", "info", `~ "apps/Deployment env/web"`)
	applied(t, tf)
	has("LOG=info", "THEIRS=1")

	tf.Run(t, "state", "rm", address)
	if imported := tf.Run(t, "import", "-no-color", address, name); imported.ExitCode != 0 {
		t.Fatal(imported.Output)
	}
	if env, _ := tf.State(t, address).Attributes["env"].(map[string]any); len(env) != 1 {
		t.Errorf("the imported env is %v", env)
	}
	applied(t, tf)

	for key, says := range map[string]string{
		`env = { "wep" = { LOG = "info" } }`:       "The manifest has no such container",
		`env = { "web/side" = { LOG = "info" } }`:  "It has web/web",
		`env = { "Web" = { LOG = "info" } }`:       "must be the name of a workload",
		`env = { "web" = { "NO TEXT" = "info" } }`: "NO TEXT",
		`env = { "web" = {} }`:                     "at least 1",
	} {
		cluster.configure(t, tf, config(key))
		refused(t, tf, plan, says)
	}
	cluster.configure(t, tf, config(""))
	applied(t, tf)
	has("THEIRS=1")
	tf.Destroy(t)
}
