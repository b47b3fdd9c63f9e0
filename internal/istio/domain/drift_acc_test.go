package domain_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// What is deleted behind Terraform's back is created again.
func TestAccDomainDeletedOutside(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	created := resource.TestStep{Config: config(t, namespace, shopConfig)}
	again := resource.TestStep{Config: config(t, namespace, shopConfig), PreConfig: func() {
		if err := istio(t, "virtualservices", namespace).Delete(t.Context(), host, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}}
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(shop, plancheck.ResourceActionCreate)}
	again.Check = answers(t, "http://"+host+"/", told{Version: "v1"})
	acctest.Test(t, created, again)
}

// What somebody edits shows in the plan: in its attribute where there is one, and
// in words where not. It is theirs until it is forced, and the error says whose.
func TestAccDomainEditedOutside(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit  func(t *testing.T, http map[string]any)
		shows plancheck.PlanCheck
	}{
		"a timeout, which is an attribute": {
			func(_ *testing.T, http map[string]any) { http["timeout"] = "7s" },
			changes("timeout", "7s", nil),
		},
		"a fault, which is none": {
			func(_ *testing.T, http map[string]any) {
				http["fault"] = map[string]any{"abort": map[string]any{"httpStatus": int64(503), "percentage": map[string]any{"value": 0.1}}}
			},
			changes("drift", driftSays("http[0] (rules:/), fault", "httpStatus", "should be missing"), knownvalue.ListSizeExact(0)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			host := "shop." + namespace + ".example.com"
			created := resource.TestStep{Config: config(t, namespace, shopConfig)}
			refused := resource.TestStep{Config: config(t, namespace, shopConfig), PreConfig: func() {
				editByHand(t, istio(t, "virtualservices", namespace), host, func(object map[string]any) {
					test.edit(t, fields(t, object, "spec", "http", 0))
					if name != "a fault, which is none" {
						test.edit(t, fields(t, object, "spec", "http", 1))
					}
				})
			}}
			refused.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{test.shows}
			refused.ExpectError = acctest.ErrorSays("somebody else has set some of its fields", ".spec.http", "kubectl-edit", "force_conflicts")
			forced := resource.TestStep{Config: replaceOnce(t, config(t, namespace, shopConfig), "  routes ", "  force_conflicts = true\n  routes ")}
			forced.Check = resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(shop, "drift.#", "0"), resource.TestCheckNoResourceAttr(shop, "timeout"),
				answers(t, "http://"+host+"/", told{Version: "v1", ForwardedHost: host}))
			acctest.Test(t, created, refused, forced)
		})
	}
}

// What others add to the metadata is left alone, and survives our next change.
func TestAccDomainLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	labelled := func(team string) string {
		return replaceOnce(t, config(t, namespace, shopConfig), "  routes ", "  labels = { team = \""+team+"\" }\n  routes ")
	}
	created := resource.TestStep{Config: labelled("a")}
	added := resource.TestStep{Config: labelled("a"), PreConfig: func() {
		editByHand(t, istio(t, "virtualservices", namespace), host, func(object map[string]any) {
			fields(t, object, "metadata", "labels")["tier"] = "gold"
		})
	}}
	added.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	changed := resource.TestStep{Config: labelled("b")}
	acctest.Test(t, created, added, changed, resource.TestStep{Config: labelled("b"), PreConfig: func() {
		if labels := virtualService(t, namespace, host).GetLabels(); labels["tier"] != "gold" || labels["team"] != "b" {
			t.Errorf("the labels are %v", labels)
		}
	}})
}
