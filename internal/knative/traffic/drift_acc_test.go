package traffic_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// changesPlanned checks that a plan changes the traffic.
var changesPlanned = []plancheck.PlanCheck{plancheck.ExpectResourceAction(res, plancheck.ResourceActionUpdate)}

// What somebody has changed by hand shows in the plan; the apply names them and
// both values, and repairs it when told to.
func TestAccTrafficEditedByHand(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	config := appOf(t, namespace, "v2") + trafficOf(t, namespace, half)
	forced := appOf(t, namespace, "v2") + trafficOf(t, namespace, half+"\n  force_conflicts = true\n")
	editTraffic := func() {
		list, _, _ := unstructured.NestedSlice(object(t, serving.Services, namespace, "web").Object, "spec", "traffic")
		first, _ := list[0].(map[string]any)
		second, _ := list[1].(map[string]any)
		first["percent"], second["percent"] = 40, 60
		patchAs(t, "kubectl-edit", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"traffic": list}})
	}
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{Config: config, Check: answers(t, address, "v2", "x-tester", "yes")},
		resource.TestStep{
			PreConfig: editTraffic, Config: config,
			ExpectError: acctest.ErrorSays("somebody else has set some of its fields", ".spec.traffic", "kubectl-edit", `"percent":40`, `"percent":100`, "force_conflicts"),
		},
		resource.TestStep{
			Config: forced, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: changesPlanned},
			Check: trafficIs(t, namespace, func(entries []entry) error {
				if entries[0].percent != 100 || entries[1].percent != 0 {
					return fmt.Errorf("the traffic is %v", entries)
				}
				return nil
			}),
		},
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { breakRule(t, namespace) }, Config: config,
			ExpectError: acctest.ErrorSays("somebody else has set some of its fields", ".spec.http", "kubectl-edit", "x-other", "x-tester", "force_conflicts"),
		},
		resource.TestStep{
			Config: forced, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: changesPlanned},
			Check: answers(t, address, "v2", "x-tester", "yes"),
		},
	)
}

// What is gone shows in the plan and comes back: the delegate, a tag, the whole
// traffic.
func TestAccTrafficDeletedByHand(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	address := domain(t, namespace, "/")
	config := appOf(t, namespace, "v2") + trafficOf(t, namespace, half)
	removeDelegate := func() {
		if err := client(t, routing.VirtualServices, namespace).Delete(t.Context(), delegate, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	acctest.Test(t,
		resource.TestStep{Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)},
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: removeDelegate, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: append(changesPlanned,
				plancheck.ExpectKnownValue(res, tfjsonpath.New("drift"), knownvalue.ListSizeExact(0)))},
			Check: answers(t, address, "v2", "x-tester", "yes"),
		},
		resource.TestStep{
			PreConfig: func() {
				patchAs(t, "kubectl-edit", serving.Services, namespace, "web", map[string]any{"spec": map[string]any{"traffic": nil}})
			},
			Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: changesPlanned},
			Check: resource.ComposeAggregateTestCheckFunc(answers(t, address, "v2", "x-tester", "yes"), answers(t, address, "v1")),
		},
	)
}

// A manager of another name that claims the traffic is named, and not
// overwritten.
func TestAccTrafficClaimed(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	config := appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)
	claim := func() {
		live := object(t, serving.Services, namespace, "web")
		revision, _, _ := unstructured.NestedString(live.Object, "status", "latestReadyRevisionName")
		wanted := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "serving.knative.dev/v1", "kind": "Service",
			"metadata": map[string]any{"name": "web", "namespace": namespace, "annotations": map[string]any{}},
			"spec":     map[string]any{"traffic": []any{map[string]any{"revisionName": revision, "latestRevision": false, "percent": 100, "tag": "theirs"}}},
		}}
		_, err := client(t, serving.Services, namespace).Apply(t.Context(), "web", wanted, metav1.ApplyOptions{FieldManager: "argo-rollouts", Force: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	acctest.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{PreConfig: claim, Config: config, ExpectError: acctest.ErrorSays(".spec.traffic", "argo-rollouts", "theirs", "stable")},
		resource.TestStep{
			Config: appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1+"\n  force_conflicts = true\n"),
			Check: trafficIs(t, namespace, func(entries []entry) error {
				if len(entries) != 1 || entries[0].tag != "stable" {
					return fmt.Errorf("the traffic is %v", entries)
				}
				return nil
			}),
		},
	)
}

// Knative that looks again at a Route that was ready, as it does when a gateway or
// one of its controllers starts anew, is no change.
func TestAccTrafficLookedAtAgain(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	// An ingress that nobody serves, in the place of the one that was ready.
	lookAgain := func() {
		patchAs(t, "kubectl-edit", serving.Services, namespace, "web", map[string]any{"metadata": map[string]any{"annotations": map[string]any{
			"networking.knative.dev/ingress-class": "nobody.example.com",
		}}})
		acctest.Eventually(t, 30*time.Second, func(context.Context) error {
			if is := object(t, serving.Ingresses, namespace, "web").GetAnnotations()["networking.knative.dev/ingress.class"]; is != "nobody.example.com" {
				return fmt.Errorf("the ingress is of the class %s", is)
			}
			return nil
		})
		patchAs(t, "kubectl-edit", serving.Ingresses, namespace, "web", map[string]any{"metadata": map[string]any{"finalizers": nil}})
		if err := client(t, serving.Ingresses, namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		acctest.Eventually(t, 30*time.Second, func(context.Context) error {
			service, err := serving.DecodeService(object(t, serving.Services, namespace, "web"))
			if err != nil {
				return err
			}
			if routes := service.Status.GetCondition(servingv1.ServiceConditionRoutesReady); routes.Status != corev1.ConditionUnknown {
				return fmt.Errorf("RoutesReady is %s", routes.Status)
			}
			return nil
		})
	}
	config := appOf(t, namespace, "v1") + trafficOf(t, namespace, onlyV1)
	acctest.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: lookAgain, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("sls_application.web", "ready", "true"), resource.TestCheckResourceAttr(res, "ready", "true")),
		},
	)
}
