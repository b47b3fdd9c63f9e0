package examples_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

var workflows = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "workflows"}

// workflowTime is how long a workflow may take to where a test waits for it.
const workflowTime = 5 * time.Minute

// The pipeline for Argo Workflows is run by a real workflow-controller: a
// release is promoted after somebody has approved it, and one that does not
// answer well is rolled back.
func TestAccPipelinesArgo(t *testing.T) {
	t.Parallel()
	namespace := acctest.Argo(t)
	image, v1 := split(acctest.Image(t, "HELLO_V1"))
	_, v2 := split(acctest.Image(t, "HELLO_V2"))
	_, v3 := split(acctest.Image(t, "HELLO_V3"))
	gateway, err := url.Parse(acctest.Gateway(t))
	if err != nil {
		t.Fatal(err)
	}
	applyPipeline(t, namespace)
	p := pipeline{
		client: acctest.OnCluster(t).Dynamic.Resource(workflows).Namespace(namespace),
		image:  acctest.PipelineImage(t, "ci/release-shop:1", map[string]string{"release": "examples/pipelines", "modules": "modules"}),
		environment: map[string]string{
			"TF_VAR_namespace": namespace, "TF_VAR_image": image, "TF_VAR_host": namespace + ".example.com", "GATEWAY": gateway.Host,
		},
	}
	address := "http://" + namespace + ".example.com"
	servesAll := func(version string) {
		t.Helper()
		serves(t, address, version)
		serves(t, address, version, "x-tester", "yes")
	}

	// The first version is no release: nothing serves that it could be beside.
	first := p.submit(t, "step", map[string]string{"version": v1, "do": "deploy " + v1}, nil)
	p.ends(t, first, "Succeeded")
	servesAll(v1)

	release := p.submit(t, "", map[string]string{"version": v2, "percent": "50"}, nil)
	p.waits(t, release, "approve")
	serves(t, address, v2, "x-tester", "yes")
	const users = 100
	if got := versions(t, address, users); got[v1] == 0 || got[v2] == 0 {
		t.Errorf("with half of the users each, %d users got %v", users, got)
	}
	// One at a time: the next release waits for this one.
	bad := p.submit(t, "", map[string]string{"version": v3}, map[string]string{"VERIFY_PATH": "/?status=503"})
	p.until(t, bad, func(w workflow) error {
		if w.Phase != "Pending" || w.Synchronization == nil {
			return errors.New("it does not wait for the release before")
		}
		return nil
	})
	p.resume(t, release, "approve")
	p.ends(t, release, "Succeeded", "deploy Succeeded", "verify Succeeded", "canary Succeeded", "verify-canary Succeeded",
		"approve Succeeded", "promote Succeeded", "rollback Skipped")
	serves(t, address, v2) // testers may have the next one already

	w := p.ends(t, bad, "Failed", "deploy Succeeded", "verify Failed", "rollback Succeeded")
	servesAll(v2)
	log := p.log(t, namespace, bad, w.id("verify Failed"))
	if want := "503 " + v3; !strings.Contains(log, want) {
		t.Errorf("the verification's log lacks %q:\n%s", want, log)
	}

	stopped := p.submit(t, "", map[string]string{"version": v3}, nil)
	p.waits(t, stopped, "approve")
	serves(t, address, v3, "x-tester", "yes")
	p.stop(t, stopped)
	p.ends(t, stopped, "Failed", "verify-canary Succeeded", "rollback Succeeded")
	servesAll(v2)
	if _, err := acctest.OnCluster(t).Core.Secrets(namespace).Get(t.Context(), "tfstate-default-shop", metav1.GetOptions{}); err != nil {
		t.Errorf("the state is not where the workflows are: %s", err)
	}
}

// applyPipeline applies the example to a namespace in place of the one that it is
// written for.
func applyPipeline(t *testing.T, namespace string) {
	t.Helper()
	names := []string{"namespace: prod", "namespace: " + namespace, "name: release-prod", "name: release-" + namespace}
	roles := acctest.InstallRoles(t, "application-owner.yaml")
	for _, name := range slices.Sorted(maps.Keys(roles)) {
		names = append(names, "name: "+name+" }", "name: "+roles[name]+" }")
	}
	t.Cleanup(func() {
		acctest.Kubectl(t, "", "delete", "clusterrolebinding", "release-"+namespace, "--ignore-not-found")
	})
	for _, file := range []string{"argo-rbac.yaml", "argo-workflow-template.yaml"} {
		text, err := os.ReadFile(filepath.Join(checkout, "examples", "pipelines", file))
		if err != nil {
			t.Fatal(err)
		}
		acctest.Kubectl(t, strings.NewReplacer(names...).Replace(string(text)), "apply", "-n", namespace, "-f", "-")
	}
}

// pipeline is the example's WorkflowTemplate in a namespace.
type pipeline struct {
	client      dynamic.ResourceInterface
	image       string
	environment map[string]string
}

// workflow is what a test looks at of a workflow's status.
type workflow struct {
	Phase, Message  string
	Synchronization *struct{}
	Nodes           map[string]node
}

// node is a step that was taken, or something that groups them.
type node struct{ ID, Type, DisplayName, Phase, Message, StartedAt string }

func (n node) String() string { return n.DisplayName + " " + n.Phase }

// String tells how far the workflow is.
func (w workflow) String() string {
	told := w.Phase + " " + w.Message
	for _, n := range slices.SortedFunc(maps.Values(w.Nodes), func(a, b node) int { return strings.Compare(a.StartedAt, b.StartedAt) }) {
		told += fmt.Sprintf("\n  %s %s %s %s", n.StartedAt, n.Type, n, n.Message)
	}
	return told
}

// ended reports whether nothing more will come of the workflow.
func (w workflow) ended() bool {
	return slices.Contains([]string{"Succeeded", "Failed", "Error"}, w.Phase)
}

// id returns the id of a step in a phase, written as "verify Failed", or nothing.
func (w workflow) id(step string) string {
	for id, n := range w.Nodes {
		if n.String() == step {
			return id
		}
	}
	return ""
}

// submit submits a workflow of the template, as `argo submit --from` does: with an
// entrypoint, unless it is the template's own, and variables for its steps. It
// returns the workflow's name.
func (p pipeline) submit(t *testing.T, entrypoint string, parameters, environment map[string]string) string {
	t.Helper()
	type pair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	pairs := func(of ...map[string]string) (all []pair) {
		for _, values := range of {
			for name, value := range values {
				all = append(all, pair{name, value})
			}
		}
		return all
	}
	patch, err := json.Marshal(map[string]any{"containers": []any{
		map[string]any{"name": "main", "env": pairs(p.environment, environment)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	spec := map[string]any{
		"workflowTemplateRef": map[string]any{"name": "release-shop"},
		"arguments":           map[string]any{"parameters": pairs(parameters, map[string]string{"image": p.image})},
		"podSpecPatch":        string(patch),
	}
	if entrypoint != "" {
		spec["entrypoint"] = entrypoint
	}
	manifest, err := json.Marshal(map[string]any{
		"apiVersion": workflows.GroupVersion().String(), "kind": "Workflow",
		"metadata": map[string]any{"generateName": "release-shop-"}, "spec": spec,
	})
	object := &kube.Object{}
	if err == nil {
		err = json.Unmarshal(manifest, &object.Object)
	}
	if err == nil {
		object, err = p.client.Create(t.Context(), object, metav1.CreateOptions{})
	}
	if err != nil {
		t.Fatalf("submitting a workflow: %s", err)
	}
	return object.GetName()
}

// until waits until a workflow is as a test wants it, and returns it.
func (p pipeline) until(t *testing.T, name string, accept func(workflow) error) (w workflow) {
	t.Helper()
	acctest.Eventually(t, workflowTime, func(ctx context.Context) error {
		object, err := p.client.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		text, err := json.Marshal(object.Object["status"])
		if err != nil {
			return err
		}
		w = workflow{}
		if err := json.Unmarshal(text, &w); err != nil {
			return err
		}
		if err := accept(w); err != nil {
			if w.ended() {
				t.Fatalf("%s: %s: %s", name, err, w)
			}
			return fmt.Errorf("%s: %w: %s", name, err, w)
		}
		return nil
	})
	return w
}

// ends waits for the end of a workflow, and checks what came of it and of steps
// of it, such as "verify Failed".
func (p pipeline) ends(t *testing.T, name, phase string, steps ...string) workflow {
	t.Helper()
	w := p.until(t, name, func(w workflow) error {
		if !w.ended() {
			return errors.New("it has not ended")
		}
		return nil
	})
	t.Logf("%s: %s", name, w)
	if w.Phase != phase {
		t.Fatalf("%s ended as %s, want %s", name, w.Phase, phase)
	}
	for _, step := range steps {
		if w.id(step) == "" {
			t.Errorf("%s lacks %q: %s", name, step, w)
		}
	}
	return w
}

// waits waits until a workflow waits for somebody at a step.
func (p pipeline) waits(t *testing.T, name, step string) {
	t.Helper()
	p.until(t, name, func(w workflow) error {
		if w.id(step+" Running") == "" {
			return fmt.Errorf("it is not at %s", step)
		}
		return nil
	})
}

// resume approves the step that a workflow waits at, as `argo resume` does.
func (p pipeline) resume(t *testing.T, name, step string) {
	t.Helper()
	w := p.until(t, name, func(workflow) error { return nil })
	p.patch(t, name, map[string]any{"status": map[string]any{"nodes": map[string]any{
		w.id(step + " Running"): map[string]any{"phase": "Succeeded", "finishedAt": metav1.Now()},
	}}})
}

// stop ends a workflow, as `argo stop` does: what it does at its end is still done.
func (p pipeline) stop(t *testing.T, name string) {
	t.Helper()
	p.patch(t, name, map[string]any{"spec": map[string]any{"shutdown": "Stop"}})
}

func (p pipeline) patch(t *testing.T, name string, change map[string]any) {
	t.Helper()
	patch, err := json.Marshal(change)
	if err == nil {
		_, err = p.client.Patch(t.Context(), name, types.MergePatchType, patch, metav1.PatchOptions{})
	}
	if err != nil {
		t.Fatalf("changing %s: %s", name, err)
	}
}

// log returns what a step of a workflow said.
func (p pipeline) log(t *testing.T, namespace, name, id string) string {
	t.Helper()
	pods := acctest.OnCluster(t).Core.Pods(namespace)
	all, err := pods.List(t.Context(), metav1.ListOptions{LabelSelector: "workflows.argoproj.io/workflow=" + name})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range all.Items {
		if pod.Annotations["workflows.argoproj.io/node-id"] == id {
			text, err := pods.GetLogs(pod.Name, &corev1.PodLogOptions{Container: "main"}).DoRaw(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
	t.Fatalf("%s has no pod for %s", name, id)
	return ""
}
