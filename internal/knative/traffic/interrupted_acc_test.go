package traffic_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// tagsOf returns the tags that the Service web asks for.
func tagsOf(ctx context.Context, t testing.TB, namespace string) ([]string, error) {
	live, err := client(t, serving.Services, namespace).Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	list, _, _ := unstructured.NestedSlice(live.Object, "spec", "traffic")
	var tags []string
	for _, element := range list {
		fields, _ := element.(map[string]any)
		if tag, _ := fields["tag"].(string); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

// moments are when a switch is killed, each told by what is on the cluster. The
// configuration before has the tag stable, the one after the tag next.
var moments = map[string]func(ctx context.Context, t testing.TB, namespace string) error{
	"before the first write": func(context.Context, testing.TB, string) error { return nil },
	"when the tags are there": func(ctx context.Context, t testing.TB, namespace string) error {
		tags, err := tagsOf(ctx, t, namespace)
		if err == nil && !slices.Contains(tags, "next") {
			err = errors.New("the tag next is not there yet")
		}
		return err
	},
	"when the delegate is switched": func(ctx context.Context, t testing.TB, namespace string) error {
		live, err := client(t, routing.VirtualServices, namespace).Get(ctx, delegate, metav1.GetOptions{})
		if err == nil && !strings.Contains(fmt.Sprint(live.Object["spec"]), "next-web") {
			err = errors.New("the delegate does not know the tag next yet")
		}
		return err
	},
	"during the drain": func(ctx context.Context, t testing.TB, namespace string) error {
		live, err := client(t, serving.Services, namespace).Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		list, _, _ := unstructured.NestedSlice(live.Object, "spec", "traffic")
		if first, _ := list[0].(map[string]any); first["tag"] != "next" {
			return errors.New("the traffic is not switched yet")
		}
		return nil
	},
}

// A run that is killed on the way leaves the old intent or the new one, drops no
// request, and the next apply converges.
func TestAccTrafficKilled(t *testing.T) {
	t.Parallel()
	for moment, reached := range moments {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			address := domain(t, namespace, "/")
			tf := acctest.NewTerraform(t)
			configure := func(lines string) {
				tf.Configure(t, acctest.ProviderBlock(t)+appOf(t, namespace, "v2")+strings.Replace(trafficOf(t, namespace, lines), `"2s"`, `"4s"`, 1))
			}
			tf.Configure(t, acctest.ProviderBlock(t)+appOf(t, namespace, "v1"))
			tf.Apply(t)
			configure(`revisions = [{ version = "v1", percent = 100, tag = "stable" }]`)
			tf.Apply(t)
			_ = answers(t, address, "v1")(nil)

			during := &requests{t: t, namespace: namespace, address: address}
			_ = during.start(nil)
			configure(`revisions = [{ version = "v2", percent = 100, tag = "next" }]`)
			run := tf.Start(t, "apply", "-auto-approve", "-no-color")
			run.WaitFor(t, "Modifying...")
			acctest.Eventually(t, time.Minute, func(ctx context.Context) error { return reached(ctx, t, namespace) })
			run.Kill(t)
			t.Logf("the killed apply:\n%s", run.Wait(t).Output)
			during.attack.For(t, 2*time.Second)

			tf.Apply(t)
			if err := errors.Join(answers(t, address, "v2")(nil), during.noneFailed(nil)); err != nil {
				t.Error(err)
			}
			if tags, err := tagsOf(t.Context(), t, namespace); err != nil || !slices.Equal(tags, []string{"next"}) {
				t.Errorf("the tags are %v, %v", tags, err)
			}
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the apply is not empty")
			}
		})
	}
}

// A create that is killed is taken up again, whenever that was and whatever is
// wanted by then; one that is interrupted by Ctrl-C too, and taints nothing.
func TestAccTrafficCreateInterrupted(t *testing.T) {
	t.Parallel()
	// A probe that nobody answers.
	probe := fmt.Sprintf("\n  version_header = \"x-version\"\n  probe = { url = %q, host = \"nobody.example.test\", timeout = \"5m\" }\n", acctest.Gateway(t)+"/")
	for name, test := range map[string]struct {
		end    func(*acctest.Process, testing.TB)
		moment string
		also   string // what is configured at first
		then   string // the tag that is wanted after that
	}{
		"killed when the tags are there":              {(*acctest.Process).Kill, "when the tags are there", "", "next"},
		"killed when the tags are there, and changed": {(*acctest.Process).Kill, "when the tags are there", "", "other"},
		"killed when the delegate is there":           {(*acctest.Process).Kill, "when the delegate is switched", "", "next"},
		"killed while it is probed, and changed":      {(*acctest.Process).Kill, "when the delegate is switched", probe, "other"},
		"interrupted when the tags are there":         {(*acctest.Process).Interrupt, "when the tags are there", "", "next"},
		"interrupted when nothing has been done yet":  {(*acctest.Process).Interrupt, "before the first write", "", "next"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			address := domain(t, namespace, "/")
			tf := acctest.NewTerraform(t)
			tf.Configure(t, acctest.ProviderBlock(t)+appOf(t, namespace, "v1"))
			tf.Apply(t)
			configure := func(tag, also string) {
				tf.Configure(t, acctest.ProviderBlock(t)+appOf(t, namespace, "v1")+trafficOf(t, namespace, `revisions = [{ version = "v1", percent = 100, tag = "`+tag+`" }]`+also))
			}
			configure("next", test.also)
			run := tf.Start(t, "apply", "-auto-approve", "-no-color")
			run.WaitFor(t, "Creating...")
			acctest.Eventually(t, time.Minute, func(ctx context.Context) error { return moments[test.moment](ctx, t, namespace) })
			test.end(run, t)
			t.Logf("the apply that was ended:\n%s", run.Wait(t).Output)
			if instance := tf.State(t, res); instance != nil && instance.Tainted {
				t.Error("the traffic is tainted")
			}
			configure(test.then, "")
			tf.Apply(t)
			_ = answers(t, address, "v1")(nil)
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the apply is not empty")
			}
		})
	}
}
