// Package platform_test shows modules/platform on clusters of the tests' own: a
// bare one, and back; and from one version of Knative to the next.
package platform_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

var (
	services   = schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}
	ingresses  = schema.GroupVersionResource{Group: "networking.internal.knative.dev", Version: "v1alpha1", Resource: "ingresses"}
	crds       = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	roles      = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterroles"}
	bindings   = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "clusterrolebindings"}
	validating = schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "validatingwebhookconfigurations"}
	mutating   = schema.GroupVersionResource{Group: "admissionregistration.k8s.io", Version: "v1", Resource: "mutatingwebhookconfigurations"}
	configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
)

// One apply makes a platform of a bare cluster, and an application on it that
// answers; the next plan is empty. A destroy is refused while somebody else has
// an application there, which answers all the while; without it, the destroy
// leaves what was there before.
func TestAccPlatformFromBareAndBack(t *testing.T) {
	t.Parallel()
	image := acctest.Image(t, "HELLO_V1")
	p := acctest.NoPlatform(t, 5)
	cluster := acctest.OnClusterOf(t, p.Kubeconfig)
	before := inventory(t, cluster)

	must(t, "one apply", p.Install(t, "image="+image))
	url := lastLine(must(t, "the output", p.Terraform(t, "output", "-raw", "-no-color", "url")))
	p.GetUntil(t, url, acctest.OK)
	must(t, "the second plan, which should be empty", p.Terraform(t, "plan", "-detailed-exitcode", "-no-color"))

	coveredByRole(t, cluster)

	// Another's application is in the way of a destroy.
	other := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": map[string]any{"name": "others"},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"image": image}}}}},
	}}
	if _, err := cluster.Dynamic.Resource(services).Namespace("default").Create(t.Context(), other, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	others := "http://others.default." + acctest.Domain(t)
	p.GetUntil(t, others, acctest.OK)
	attack := load.Start(t, load.Options{Gateway: p.Gateway}, load.Get(others+"/"))
	refused := p.Terraform(t, "destroy", "-auto-approve", "-no-color")
	if refused.ExitCode == 0 || !acctest.ErrorSays("need the component", "default/others").MatchString(refused.Output) {
		t.Errorf("the destroy with an application of somebody else's ended with %d:\n%s", refused.ExitCode, refused.Output)
	}
	// It has taken the application of its own, and nothing of the platform.
	left := p.Terraform(t, "plan", "-no-color")
	if !acctest.ErrorSays("sls_application.first[0] will be created", "Plan: 1 to add, 0 to change, 0 to destroy").MatchString(left.Output) {
		t.Errorf("after the refused destroy there is to do:\n%s", left.Output)
	}
	// Nor has anybody who calls the other application noticed.
	report := attack.Stop()
	if failed := report.Failed(); len(report) == 0 || len(failed) > 0 {
		t.Errorf("while the destroy was refused, %d of %d requests failed:\n%s", len(failed), len(report), failed)
	}

	// Now to be removed whole.
	must(t, "the apply after a refused destroy", p.Install(t, "delete_crds=true", "force_destroy=true"))
	if err := cluster.Dynamic.Resource(services).Namespace("default").Delete(t.Context(), "others", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	// An application is gone when its Ingress is, which its controller, of the
	// component that is destroyed first, has to see to.
	acctest.Eventually(t, applicationGone, func(ctx context.Context) error {
		list, err := cluster.Dynamic.Resource(ingresses).List(ctx, metav1.ListOptions{})
		if err == nil && len(list.Items) > 0 {
			err = fmt.Errorf("%d applications are there", len(list.Items))
		}
		return err
	})
	must(t, "the destroy", p.Terraform(t, "destroy", "-auto-approve", "-no-color"))
	for what, names := range inventory(t, cluster) {
		for name := range names {
			if !before[what][name] {
				t.Errorf("the destroy has left the %s %s", what, name)
			}
		}
	}
}

// coveredByRole fails the test if the example's role for who installs the platform
// does not have all kinds that the platform consists of.
func coveredByRole(t *testing.T, cluster *acctest.Cluster) {
	t.Helper()
	all, err := acctest.ExampleRoles("platform-components.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules := all["sls-platform-components"].Rules
	noted, err := cluster.Core.ConfigMaps(metav1.NamespaceSystem).List(t.Context(), metav1.ListOptions{LabelSelector: manifest.Label})
	if err != nil || len(noted.Items) < 4 {
		t.Fatalf("there are the inventories %v (%v)", noted, err)
	}
	for _, configMap := range noted.Items {
		var objects []struct{ Group, Kind, Resource string }
		if err := json.Unmarshal([]byte(configMap.Data["objects"]), &objects); err != nil || len(objects) == 0 {
			t.Fatalf("the inventory %s has no objects (%v)", configMap.Name, err)
		}
		for _, object := range objects {
			for _, verb := range []string{"get", "list", "watch", "create", "patch", "delete"} {
				if !slices.ContainsFunc(rules, func(rule rbacv1.PolicyRule) bool {
					return slices.Contains(rule.Verbs, verb) && slices.Contains(rule.APIGroups, object.Group) &&
						(slices.Contains(rule.Resources, object.Resource) || slices.Contains(rule.Resources, "*"))
				}) {
					t.Errorf("the role lacks %s of %s.%s, for %s", verb, object.Resource, object.Group, configMap.Name)
				}
			}
		}
	}
}

// inventory returns what there is on a cluster of the kinds that a platform
// consists of, apart from the certificates that istiod puts into every namespace
// and nobody takes out again.
func inventory(t *testing.T, cluster *acctest.Cluster) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{}
	for _, kind := range []schema.GroupVersionResource{crds, namespaces, roles, bindings, validating, mutating, configMaps} {
		resource := cluster.Dynamic.Resource(kind)
		list, err := resource.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, object := range list.Items {
			if kind == configMaps && strings.HasPrefix(object.GetName(), "istio-ca-") {
				continue
			}
			names[object.GetNamespace()+"/"+object.GetName()] = true
		}
		all[kind.Resource] = names
	}
	return all
}

// must fails the test if a run failed, and returns what it said.
func must(t *testing.T, what string, result acctest.Result) string {
	t.Helper()
	if result.ExitCode != 0 {
		t.Fatalf("%s: exit code %d\n%s", what, result.ExitCode, result.Output)
	}
	return result.Output
}

// lastLine is what a program said after its warnings.
func lastLine(text string) string {
	return text[strings.LastIndex(text, "\n")+1:]
}
