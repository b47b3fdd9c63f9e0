package chaos_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// A namespace that is stuck while it is deleted: what was there is planned anew, the
// apply says why that can't be, and a destroy has nothing left to do.
func TestAccNamespaceTerminating(t *testing.T) {
	t.Parallel()
	account := acctest.NewAccount(t, acctest.Namespace(t)) // the namespace's own end with it
	account.Grant(t, "", "cluster-admin")
	for _, s := range subjects {
		if s.admin {
			continue // not the owners'
		}
		t.Run(s.typ, func(t *testing.T) {
			t.Parallel()
			p := ownersPlace(t, false)
			if s.before != "" {
				prerequisites(t, s, p)
			}
			tf := acctest.NewTerraform(t)
			tf.Configure(t, p.configuration(t, account.Kubeconfig, s.config, "one"))
			tf.Apply(t)

			release := hold(t, p.namespace)
			result := tf.Run(t, "apply", "-auto-approve", "-no-color")
			// Where what it stands on is gone, that is what there is to say.
			if text := strings.Join(strings.Fields(result.Output), " "); result.ExitCode == 0 ||
				!strings.Contains(text, "the namespace is being deleted") && !strings.Contains(text, "There is no such application") {
				t.Errorf("the apply:\n%s", result.Output)
			}
			tf.Destroy(t)
			release()
		})
	}
}

// hold deletes a namespace that does not end until release is called, and waits until
// what was in it is gone.
func hold(t *testing.T, namespace string) (release func()) {
	t.Helper()
	core := acctest.OnCluster(t).Core
	held := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "held", Finalizers: []string{"example.com/held"}}}
	if _, err := core.ConfigMaps(namespace).Create(t.Context(), held, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	release = func() {
		acctest.Kubectl(t, "", "patch", "configmap/held", "-n", namespace, "--type=merge", "-p", `{"metadata":{"finalizers":null}}`)
	}
	if err := core.Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	acctest.Eventually(t, 2*time.Minute, func(context.Context) error {
		for _, kind := range []string{"services.serving.knative.dev", "virtualservices.networking.istio.io", "serviceentries.networking.istio.io", "pods"} {
			if left := acctest.Kubectl(t, "", "get", kind, "-n", namespace, "-o", "name"); left != "" {
				return errors.New("there still is " + left)
			}
		}
		return nil
	})
	return release
}
