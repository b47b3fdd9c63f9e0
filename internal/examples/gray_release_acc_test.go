package examples_test

import (
	"fmt"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/load"
)

const grayRelease = "../../examples/gray-release"

// The gray release, applied step by step as its README tells: who gets the new
// version, and an empty plan after each step.
func TestAccGrayRelease(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := namespace + ".example.com"
	tf := acctest.NewTerraform(t)

	const users, testers = 200, 20
	for _, step := range []struct {
		name  string
		share float64 // of the users who get 2.0.0
		asked string  // what those get who ask for a preview
	}{
		{"1-first", 0, "1.0.0"},
		{"2-preview", 0, "2.0.0"},
		{"3-canary", 0.1, "2.0.0"},
		{"4-half", 0.5, "2.0.0"},
		{"5-promoted", 1, "2.0.0"},
		{"6-rolled-back", 0, "1.0.0"},
	} {
		tf.Use(t, grayRelease, step.name+".tfvars", acctest.Values{
			"kubeconfig": acctest.Kubeconfig(t), "namespace": namespace, "host": host,
			"images": map[string]string{"1.0.0": acctest.Image(t, "HELLO_V1"), "2.0.0": acctest.Image(t, "HELLO_V2")},
		})
		tf.Apply(t)
		address := tf.Output(t, "url")
		// What an apply has written reaches the gateway a moment later.
		acctest.GetUntil(t, address, func(answer acctest.Answer) error {
			if got := answer.Header.Get("x-version"); got != step.asked {
				return fmt.Errorf("who asks for a preview gets %q, want %s", got, step.asked)
			}
			return nil
		}, "x-preview", "yes")
		if got := versions(t, address, users); !load.WithinBinomial(got["2.0.0"], users, step.share) || got["1.0.0"]+got["2.0.0"] != users {
			t.Errorf("%s: %d new users got %v, want %.0f %% of them 2.0.0", step.name, users, got, 100*step.share)
		}
		if got := versions(t, address, testers, "x-preview", "yes"); got[step.asked] != testers {
			t.Errorf("%s: those who asked for a preview got %v, want %s", step.name, got, step.asked)
		}
		if !tf.PlanIsEmpty(t) {
			t.Errorf("%s: the plan after the apply is not empty", step.name)
		}
	}
	tf.Destroy(t)
	if left := list(t, namespace); len(left) > 0 {
		t.Errorf("destroyed, it left %d applications", len(left))
	}
}

// versions counts the versions that answer new users.
func versions(t *testing.T, address string, users int, headers ...string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for range users {
		answer := acctest.Get(t, address, headers...)
		if err := acctest.OK(answer); err != nil {
			t.Errorf("%s: %s", answer, err)
		}
		counts[answer.Header.Get("x-version")]++
	}
	return counts
}
