package traffic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// routeByHand sets the traffic of the Service web as kubectl edit does: all to
// its newest revision, by name and with a tag.
func routeByHand(t *testing.T, namespace string) {
	t.Helper()
	revision, _, _ := unstructured.NestedString(object(t, serving.Services, namespace, "web").Object, "status", "latestReadyRevisionName")
	patchAs(t, "kubectl-edit", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"traffic": []any{
		map[string]any{"revisionName": revision, "percent": 100, "tag": "live"},
	}}})
}

// Traffic that somebody has set is not taken over without a word: the error
// shows the import block; the import takes it over from known predecessors.
func TestAccTrafficExists(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	config := appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1")},
		resource.TestStep{
			PreConfig: func() { routeByHand(t, namespace) }, Config: config,
			ExpectError: acctest.ErrorSays("The traffic is managed already", "kubectl-edit", "import {", `id = "`+namespace+`/web"`, "adopt = true"),
		},
		resource.TestStep{
			Config: config, ResourceName: res, ImportState: true, ImportStateId: namespace + "/web", ImportStatePersist: true,
			ImportStateCheck: func(states []*terraform.InstanceState) error {
				for _, state := range states {
					for name, want := range map[string]string{"revisions.0.version": "v1", "revisions.0.percent": "100", "revisions.0.tag": "live", "drift.#": "1"} {
						if got := state.Attributes[name]; state.Attributes["application"] == "web" && got != want {
							return fmt.Errorf("%s is %q, want %q", name, got, want)
						}
					}
				}
				return nil
			},
		},
		resource.TestStep{Config: config, Check: resource.TestCheckResourceAttr(res, "targets.0.tag", "stable")},
	)
}

// adopt = true takes over what there is, also what another configuration has
// made; without it, that is refused.
func TestAccTrafficAdopt(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	second := `
resource "sls_revision_traffic" "second" {
  application = sls_revision_traffic.web.application
  namespace   = sls_revision_traffic.web.namespace
  revisions   = [{ version = "v1", percent = 100 }]
  %s
}
`
	config := appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1")},
		resource.TestStep{
			PreConfig: func() { routeByHand(t, namespace) },
			Config:    appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1+"\n  adopt = true\n"),
			Check:     resource.TestCheckResourceAttr(res, "targets.0.tag", "stable"),
		},
		resource.TestStep{
			Config:      config + fmt.Sprintf(second, ""),
			ExpectError: acctest.ErrorSays("The traffic is managed already", "Another sls_revision_traffic"),
		},
	)
}

// What a restore has brought to another cluster: the image that CI had deployed,
// and traffic to a revision that was not restored, so that nothing answers. It is
// adopted with that image, and answers.
func TestAccTrafficAdoptsARestoredApplication(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	restored := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": serving.Services.APIVersion(), "kind": serving.Services.Name,
		"metadata": map[string]any{"name": "web", "namespace": namespace, "annotations": map[string]any{serving.TrafficAnnotation: "managed"}},
		"spec": map[string]any{
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]any{serving.VersionLabel: "v1"}},
				"spec":     map[string]any{"containers": []any{map[string]any{"image": acctest.Image(t, "HELLO_V2")}}},
			},
			"traffic": []any{map[string]any{"revisionName": "web-00007", "percent": 100, "tag": "now"}},
		},
	}}
	if _, err := client(t, serving.Services, namespace).Create(t.Context(), restored, metav1.CreateOptions{FieldManager: "velero-server"}); err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(appOf(t, namespace, "v1"), "  rollout ", "  image_source = \"external\"\n  adopt = true\n  rollout ", 1) +
		trafficOf(t, namespace, "  revisions = [{ latest = true, percent = 100, tag = \"now\" }]\n  adopt = true\n")
	acctest.Test(t, resource.TestStep{Config: config, Check: answers(t, domain(t, namespace, "/"), "v2")})
}

// A VirtualService of the delegate's name that is not ours is refused.
func TestAccTrafficForeignDelegate(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	foreign := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": routing.VirtualServices.APIVersion(), "kind": routing.VirtualServices.Name,
		"metadata": map[string]any{"name": delegate, "namespace": namespace},
		"spec":     map[string]any{"http": []any{map[string]any{"route": []any{map[string]any{"destination": map[string]any{"host": "elsewhere.example.test"}}}}}},
	}}
	if _, err := client(t, routing.VirtualServices, namespace).Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	acctest.Test(t, resource.TestStep{
		Config:      appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1),
		ExpectError: acctest.ErrorSays("The traffic is managed already", "There is a VirtualService "+namespace+"/"+delegate, "adopt = true"),
	})
}

// What an application with a manual rollout has pinned is taken over, and the
// application leaves it alone from then on.
func TestAccTrafficTakesOverThePin(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	pinnedIs := func(want string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if got := object(t, serving.Services, namespace, "web").GetAnnotations()["sls-platform.github.io/traffic-pinned"]; got != want {
				return fmt.Errorf("the mark of a pin is %q, want %q", got, want)
			}
			return nil
		}
	}
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1")},
		resource.TestStep{Config: appOf(t, namespace, "v2"), Check: resource.ComposeAggregateTestCheckFunc(pinnedIs("true"), answers(t, address, "v1"))},
		resource.TestStep{
			Config: appOf(t, namespace, "v2") + trafficOf(t, namespace, onlyV1),
			Check:  resource.ComposeAggregateTestCheckFunc(pinnedIs(""), answers(t, address, "v1")),
		},
		resource.TestStep{
			Config: appOf(t, namespace, "v3") + trafficOf(t, namespace, onlyV1),
			Check:  resource.ComposeAggregateTestCheckFunc(pinnedIs(""), answers(t, address, "v1")),
		},
	)
}

// The traffic is told from its namesake on another cluster, and imported, by its
// identity. Terraform knows identities from 1.12 on.
func TestAccTrafficIdentity(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	system, err := acctest.OnCluster(t).Core.Namespaces().Get(t.Context(), "kube-system", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	acctest.TestFrom(t, tfversion.Version1_12_0,
		resource.TestStep{
			// The cluster does not tell the drain: an import takes the default.
			Config: appOf(t, namespace, "v1") + replaceOnce(t, trafficOf(t, namespace, onlyV1), `drain       = "2s"`, ""),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(res, map[string]knownvalue.Check{
				"cluster_id": knownvalue.StringExact(string(system.UID)),
				"namespace":  knownvalue.StringExact(namespace),
				"name":       knownvalue.StringExact("web"),
			})},
		},
		resource.TestStep{
			ResourceName: res, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
			ImportPlanChecks: resource.ImportPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(res, plancheck.ResourceActionNoop),
			}},
		},
	)
}
