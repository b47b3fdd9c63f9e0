package config_test

import (
	"context"
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// The example with the two forms of hosts, on a platform of its own: the service
// that asks for it has the new form, the other one keeps its own, and both answer;
// destroyed, the platform is as it was.
func TestAccPlatformConfigExample(t *testing.T) {
	t.Parallel()
	image := acctest.Image(t, "HELLO_V1")
	tf := acctest.NewTerraform(t)
	own := acctest.OwnPlatform(t, 3)
	maps := acctest.OnClusterOf(t, own.Kubeconfig).Core.ConfigMaps("knative-serving")
	data := func(name string) map[string]string {
		t.Helper()
		live, err := maps.Get(context.WithoutCancel(t.Context()), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return live.Data
	}
	before := fmt.Sprint(data("config-domain"), data("config-network"))

	tf.Use(t, "../../../examples/platform-config", "", acctest.Values{"cluster": "test", "image": image})
	tf.Setenv("KUBE_CONFIG_PATH", own.Kubeconfig)
	// The platform has an sls_platform_config of its own, which keeps its keys.
	tf.Override(t, `provider "sls" { field_manager = "example" }`)
	tf.Apply(t)
	oldURL, newURL := tf.Output(t, "old_url"), tf.Output(t, "new_url")
	if want := "http://new.sls-test.example.com"; newURL != want {
		t.Errorf("the new service is at %s, want %s", newURL, want)
	}
	if want := "http://old.default." + acctest.Domain(t); oldURL != want {
		t.Errorf("the old service is at %s, want %s", oldURL, want)
	}
	own.GetUntil(t, oldURL, acctest.OK)
	own.GetUntil(t, newURL, acctest.OK)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after the apply is not empty")
	}
	tf.Destroy(t)
	if after := fmt.Sprint(data("config-domain"), data("config-network")); after != before {
		t.Errorf("destroyed, the platform's configuration is\n%s\nand was\n%s", after, before)
	}
}
