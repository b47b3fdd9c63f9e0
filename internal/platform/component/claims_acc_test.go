package component_test

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// An object has one component. Who comes second is told both names, already in
// the plan.
func testClaimed(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	applied(t, tf)
	second := cluster.terraform(t, inline(t, "second", widgets(t, name, nil), ""))
	for _, command := range [][]string{plan, apply} {
		refused(t, second, command, "Namespace claimed belongs to another component", "Both the component second and the component claimed")
	}

	// Two at the same moment, which no plan can know.
	both := strings.NewReplacer("\"widgets\"", "\"third\"").Replace(inline(t, "third", settings(t, "kube-system", "both"), "")) +
		strings.NewReplacer("\"widgets\"", "\"fourth\"").Replace(inline(t, "fourth", settings(t, "kube-system", "both"), ""))
	together := cluster.terraform(t, both)
	refused(t, together, apply, "ConfigMap kube-system/both belongs to another component")
	// Without a refresh, because that plans the one that is refused.
	if destroyed := together.Run(t, append(destroy, "-refresh=false", "-no-color")...); destroyed.ExitCode != 0 {
		t.Fatal(destroyed.Output)
	}
	cluster.gone(t, configMaps, "kube-system", "both")
	tf.Destroy(t)
}

// What is there and nobody's is refused, and taken over where that is meant.
func testExisting(t *testing.T, cluster *bare, name string) {
	cluster.create(t, namespaces, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+name+"}\n")
	cluster.create(t, configMaps, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: "+name+"}\ndata: {greeting: hello, more: of theirs}\n")
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	for _, command := range [][]string{plan, apply} {
		refused(t, tf, command, "2 objects of the manifest exist already", "Namespace existing", "ConfigMap existing/settings", "adopt = true")
	}
	cluster.gone(t, deployments, name, "web")
	cluster.gone(t, configMaps, "kube-system", "sls-component-"+name)

	// A create that fails leaves what it has not made.
	cluster.configure(t, tf, inline(t, name, widgets(t, name, acctest.Values{"image": "registry.sls.local:5000/nothing:here"}), "adopt = true"))
	said(t, refused(t, tf, apply, "an image can't be pulled"), "was removed again")
	cluster.gone(t, deployments, name, "web")
	if cluster.find(t, configMaps, name, "settings") == nil {
		t.Fatal("what was there before went with the create that failed")
	}

	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), "adopt = true"))
	applied(t, tf)
	if more, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "more"); more != "of theirs" {
		t.Errorf("what the manifest does not set is %q", more)
	}
	tf.Destroy(t)
}

// A component that another state has installed is taken over as it is. An apply
// that then fails removes nothing of it: it serves.
func testTakeOver(t *testing.T, cluster *bare, name string) {
	before := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	applied(t, before)
	cluster.create(t, widgetsOf(name), widget("theirs", name))
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, nil), ""))
	refused(t, tf, apply, "the component exists already", "adopt = true")

	broken := widgets(t, name, acctest.Values{"image": "registry.sls.local:5000/nothing:here"})
	cluster.configure(t, tf, inline(t, name, broken, "adopt = true"))
	said(t, tf.Apply(t), "is not ready", "an image can't be pulled")
	if is := tf.State(t, address); is == nil || is.Tainted || is.Attributes["ready"] != false {
		t.Errorf("the state is %+v", is)
	}
	for kind, namespace := range map[kube.Kind]string{deployments: name, services: name} {
		if cluster.find(t, kind, namespace, "web") == nil {
			t.Errorf("the %s went", kind.Name)
		}
	}
	if cluster.find(t, widgetsOf(name), "default", "theirs") == nil {
		t.Fatal("what users had made went with the create that failed")
	}
	cluster.configure(t, tf, inline(t, name, widgets(t, name, nil), "adopt = true"))
	applied(t, tf)
	cluster.remove(t, widgetsOf(name), "default", "theirs")
	tf.Destroy(t)
}

// A definition that lacks a version in which objects are stored is refused
// before anything is written.
func testStored(t *testing.T, cluster *bare, name string) {
	tf := cluster.terraform(t, inline(t, name, widgets(t, name, acctest.Values{"versions": []string{"v2", "v1"}}), ""))
	applied(t, tf)
	older := widgets(t, name, acctest.Values{"versions": []string{"v1"}, "greeting": "older"})
	cluster.configure(t, tf, inline(t, name, older, ""))
	for _, command := range [][]string{plan, append(apply, "-refresh=false")} {
		refused(t, tf, command, "widgets.stored.example.com lacks a version in which objects are stored", "v2", "storedVersions")
	}
	if text, _, _ := unstructuredString(cluster.find(t, configMaps, name, "settings"), "data", "greeting"); text != "hello" {
		t.Errorf("something was written: the greeting is %q", text)
	}
	cluster.configure(t, tf, inline(t, name, widgets(t, name, acctest.Values{"versions": []string{"v1", "v2"}}), ""))
	applied(t, tf)
	tf.Destroy(t)
}
