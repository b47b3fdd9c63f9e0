package config_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// Without Knative there is nothing to configure, and no ConfigMap is made that a
// release would find in its way.
func TestAccPlatformConfigWithoutKnative(t *testing.T) {
	t.Parallel()
	p := platform{t, acctest.Namespace(t)}
	acctest.Test(t, resource.TestStep{
		Config: p.config(`  gc = { min_non_active_revisions = 1 }`),
		ExpectError: acctest.ErrorSays("There is no ConfigMap config-gc in "+p.namespace, "Install Knative Serving first",
			"let this resource depend on it", `correct namespace = "`+p.namespace+`"`),
	})
	found, err := acctest.OnCluster(t).Core.ConfigMaps(p.namespace).Get(t.Context(), "config-gc", metav1.GetOptions{})
	if err == nil {
		t.Errorf("the ConfigMap was made: %v", found)
	}
}

// Who may not write learns it before the first write.
func TestAccPlatformConfigForbidden(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	account := acctest.NewAccount(t, p.namespace)
	account.Grant(t, p.namespace, "view")
	config := acctest.ProviderBlockFor(account.Kubeconfig, `cluster_id = "test"`) + p.config(`
  gc      = { min_non_active_revisions = 1 }
  network = { rollout_duration = "1m" }
`)
	refused := resource.TestStep{Config: config, ExpectError: acctest.ErrorSays(
		"Can't configure Knative Serving in "+p.namespace, "no permission for configmaps (403)", "patch", `resources: ["configmaps"]`)}
	granted := resource.TestStep{Config: config}
	granted.PreConfig = func() {
		p.has("config-network", nil)
		account.Grant(t, p.namespace, "edit")
	}
	acctest.Test(t, refused, granted)
}

var policies = schema.GroupVersion{Group: "admissionregistration.k8s.io", Version: "v1"}

// What the cluster's own policy says against a key is told at its attribute, and
// nothing is written of the other ConfigMaps either.
func TestAccPlatformConfigRefusedByAPolicy(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	client := acctest.OnCluster(t).Dynamic
	for resource, object := range map[string]map[string]any{
		"validatingadmissionpolicies": {
			"kind": "ValidatingAdmissionPolicy",
			"spec": map[string]any{
				"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
					"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "operations": []any{"UPDATE"}, "resources": []any{"configmaps"},
				}}},
				"validations": []any{map[string]any{
					"expression": "!has(object.data) || !('max-scale' in object.data) || int(object.data['max-scale']) <= 20",
					"message":    "max-scale is at most 20 here",
				}},
			},
		},
		"validatingadmissionpolicybindings": {
			"kind": "ValidatingAdmissionPolicyBinding",
			"spec": map[string]any{
				"policyName": p.namespace, "validationActions": []any{"Deny"},
				"matchResources": map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": p.namespace}}},
			},
		},
	} {
		object["apiVersion"], object["metadata"] = policies.String(), map[string]any{"name": p.namespace}
		kind := client.Resource(policies.WithResource(resource))
		if _, err := kind.Create(t.Context(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := kind.Delete(context.WithoutCancel(t.Context()), p.namespace, metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	// A policy counts a moment after it is made.
	acctest.Eventually(t, time.Minute, func(ctx context.Context) error {
		live := p.live("config-autoscaler")
		live.Data["max-scale"] = "21"
		_, err := acctest.OnCluster(t).Core.ConfigMaps(p.namespace).Update(ctx, live, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil {
			return io.ErrNoProgress
		}
		return nil
	})
	config := func(most string) string {
		return p.config(`
  network    = { rollout_duration = "1m" }
  autoscaler = { min_scale = 1, max_scale = ` + most + ` }
`)
	}
	refused := resource.TestStep{Config: config("30"), ExpectError: acctest.ErrorSays(
		"Can't configure Knative Serving in "+p.namespace+", autoscaler.max_scale", "max-scale is at most 20 here")}
	allowed := resource.TestStep{Config: config("20")}
	allowed.PreConfig = func() { p.has("config-network", nil) }
	acctest.Test(t, refused, allowed)
}

// An apply that is killed between two ConfigMaps leaves keys that no state knows.
// The next one takes them up, also with another configuration.
func TestAccPlatformConfigKilled(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]struct {
		body    string
		network map[string]string
		gc      map[string]string
	}{
		"the same":       {`  network = { rollout_duration = "1m" }` + "\n" + `  gc = { min_non_active_revisions = 1 }`, map[string]string{"rollout-duration": "60"}, map[string]string{"min-non-active-revisions": "1"}},
		"something else": {`  gc = { min_non_active_revisions = 2 }`, nil, map[string]string{"min-non-active-revisions": "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			slow := newGate(t, func(r *http.Request) bool {
				return r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/config-gc") && r.URL.Query().Get("dryRun") == ""
			})
			tf := acctest.NewTerraform(t)
			tf.Configure(t, slow.provider+p.config(`  network = { rollout_duration = "1m" }`+"\n"+`  gc = { min_non_active_revisions = 1 }`))
			run := tf.Start(t, "apply", "-auto-approve", "-no-color")
			slow.waitFor(t)
			run.Kill(t)
			t.Logf("the killed apply:\n%s", run.Wait(t).Output)
			p.has("config-network", map[string]string{"rollout-duration": "60"})
			p.has("config-gc", nil)

			tf.Configure(t, acctest.ProviderBlock(t)+p.config(next.body))
			tf.Apply(t)
			p.has("config-network", next.network)
			p.has("config-gc", next.gc)
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan is not empty")
			}
			for _, name := range []string{"config-network", "config-gc"} {
				p.isFinished(name)
			}
			tf.Destroy(t)
			p.has("config-network", nil)
			p.has("config-gc", nil)
		})
	}
}

// A creation that came to its end and that no state knows of, as when the last answer was
// lost, is taken up by the same configuration, and by no other.
func TestAccPlatformConfigCreateNotHeard(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	keys := func(most string) string {
		return acctest.ProviderBlock(t) + p.config(`  gc = { max_non_active_revisions = `+most+` }`)
	}
	tf := acctest.NewTerraform(t)
	tf.Configure(t, keys("30"))
	tf.Apply(t)
	if result := tf.Run(t, "state", "rm", this); result.ExitCode != 0 {
		t.Fatal(result.Output)
	}
	tf.Configure(t, keys("31"))
	if other := tf.Run(t, "apply", "-auto-approve", "-no-color"); other.ExitCode == 0 || !strings.Contains(other.Output, "for this namespace already") {
		t.Errorf("another configuration:\n%s", other.Output)
	}
	tf.Configure(t, keys("30"))
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan is not empty")
	}
	tf.Destroy(t)
	p.has("config-gc", map[string]string{})
}

// A change that is killed leaves keys that the state does not know either. A plan
// of what was before gives them back.
func TestAccPlatformConfigChangeKilled(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	before := p.config(`  gc = { min_non_active_revisions = 1 }`)
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+before)
	tf.Apply(t)
	slow := newGate(t, func(r *http.Request) bool {
		return r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/config-gc") && r.URL.Query().Get("dryRun") == ""
	})
	tf.Configure(t, slow.provider+p.config(`  network = { rollout_duration = "1m" }`+"\n"+`  gc = { min_non_active_revisions = 2 }`))
	run := tf.Start(t, "apply", "-auto-approve", "-no-color")
	slow.waitFor(t)
	run.Kill(t)
	run.Wait(t)
	p.has("config-network", map[string]string{"rollout-duration": "60"})

	tf.Configure(t, acctest.ProviderBlock(t)+before)
	if tf.PlanIsEmpty(t) {
		t.Error("the plan does not show the key that is left")
	}
	tf.Apply(t)
	p.has("config-network", nil)
	p.has("config-gc", map[string]string{"min-non-active-revisions": "1"})
}

// gate is a way to the tests' API server on which some requests get no answer.
type gate struct {
	provider string // the configuration of one that takes the way
	reached  chan struct{}
	once     sync.Once
}

func newGate(t testing.TB, stops func(*http.Request) bool) *gate {
	t.Helper()
	g := &gate{reached: make(chan struct{})}
	g.provider = acctest.NewProxy(t, func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		if stops(r) {
			g.once.Do(func() { close(g.reached) })
			<-r.Context().Done()
			return
		}
		pass.ServeHTTP(w, r)
	})
	return g
}

// waitFor waits until a request is stopped.
func (g *gate) waitFor(t testing.TB) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(time.Minute):
		t.Fatal("no request came to the gate")
	}
}
