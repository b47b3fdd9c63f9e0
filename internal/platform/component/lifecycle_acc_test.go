package component_test

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// TestAccComponent goes the whole way of a component on a cluster with nothing
// but Kubernetes.
func TestAccComponent(t *testing.T) {
	t.Parallel()
	cluster := newBare(t)
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlockFor(cluster.kubeconfig)+inline(t, "widgets", widgets(t, "widgets", nil), ""))
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	if is := tf.State(t, address); is == nil || is.Attributes["ready"] != true {
		t.Errorf("the component is not ready: %v", is)
	}

	tf.Run(t, "state", "rm", address)
	if imported := tf.Run(t, "import", "-no-color", address, "widgets"); imported.ExitCode != 0 {
		t.Fatal(imported.Output)
	}
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the import is not empty")
	}

	destroyed := tf.Destroy(t)
	if !strings.Contains(destroyed.Output, "Something was kept") {
		t.Errorf("nothing says that the definition was kept:\n%s", destroyed.Output)
	}
}
