// Package examples_test applies the examples as they stand.
package examples_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const applications = "../../examples/applications"

var services = schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1", Resource: "services"}

// An example is a directory with Terraform's files. Where it needs objects that
// it does not make, prerequisites.yaml holds them; where it is meant to be
// applied with variables of several files, it is a test with each.
type example struct {
	name, dir, varFile string
}

// run is an example that is applied.
type run struct {
	namespace string
	answer    *acctest.Answer // nil for an application that is not public
}

// shows are what an example shows beyond an answer; every other example is
// tested without being listed.
var shows = map[string]func(*testing.T, run){
	"web-service": func(t *testing.T, r run) {
		container := containers(runningPod(t, r.namespace, ""))["user-container"]
		if container.LivenessProbe == nil || container.StartupProbe == nil {
			t.Error("the pod lacks probes")
		}
	},
	"grpc": func(t *testing.T, r run) {
		if got := told(t, r).Protocol; got != "HTTP/2.0" {
			t.Errorf("the container was spoken to by %s", got)
		}
	},
	"worker-with-sidecar": func(t *testing.T, r run) {
		if r.answer != nil {
			t.Error("the worker is public")
		}
		if _, ok := containers(runningPod(t, r.namespace, ""))["uploader"]; !ok {
			t.Error("the pod lacks the sidecar")
		}
	},
	"environments/test": func(t *testing.T, r run) { hasScale(t, r.namespace, "0") },
	"environments/prod": func(t *testing.T, r run) { hasScale(t, r.namespace, "1") },
	"secrets": func(t *testing.T, r run) {
		if got := told(t, r).Greeting; got != "good morning" {
			t.Errorf("the ConfigMap's greeting came to be %q", got)
		}
		container := containers(runningPod(t, r.namespace, ""))["user-container"]
		if !slices.ContainsFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == "/etc/shop/certificates" }) {
			t.Error("the Secret is not mounted")
		}
	},
	"logs": func(t *testing.T, r run) {
		pod := runningPod(t, r.namespace, "example.com/collect-logs=files")
		if !slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.EmptyDir != nil && v.Name == "logs" }) {
			t.Error("the pod lacks the volume for logs")
		}
	},
}

// Every example of applications is applied, answers, is planned without a
// change, and is destroyed.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	examples := find(t)
	for name := range shows {
		if !slices.ContainsFunc(examples, func(e example) bool { return e.name == name }) {
			t.Errorf("there is no example %s any more", name)
		}
	}
	for _, example := range examples {
		t.Run(example.name, func(t *testing.T) {
			t.Parallel()
			namespace := acctest.Namespace(t)
			image := acctest.Image(t, "HELLO_V1")
			createPrerequisites(t, namespace, filepath.Join(example.dir, "prerequisites.yaml"))
			tf := acctest.NewTerraform(t)
			tf.Use(t, example.dir, example.varFile, acctest.Values{"namespace": namespace, "image": image, "sidecar_image": image})

			tf.Apply(t)
			this := run{namespace: namespace}
			if address := tf.Output(t, "url"); public(t, address) {
				answer := acctest.GetUntil(t, address, acctest.OK)
				this.answer = &answer
			}
			if show := shows[example.name]; show != nil {
				show(t, this)
			}
			if !tf.PlanIsEmpty(t) {
				t.Error("the plan after the apply is not empty")
			}

			tf.Destroy(t)
			if left := list(t, namespace); len(left) > 0 {
				t.Errorf("destroyed, it left %d applications", len(left))
			}
		})
	}
}

// find lists the examples, so that none is forgotten.
func find(t *testing.T) (examples []example) {
	t.Helper()
	entries, err := os.ReadDir(applications)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		dir := filepath.Join(applications, entry.Name())
		varFiles, err := filepath.Glob(filepath.Join(dir, "*.tfvars"))
		if err != nil {
			t.Fatal(err)
		}
		if len(varFiles) == 0 {
			examples = append(examples, example{name: entry.Name(), dir: dir})
		}
		for _, file := range varFiles {
			file = filepath.Base(file)
			examples = append(examples, example{
				name: entry.Name() + "/" + strings.TrimSuffix(file, ".tfvars"), dir: dir, varFile: file,
			})
		}
	}
	if len(examples) == 0 {
		t.Fatalf("%s holds no examples", applications)
	}
	return examples
}

// createPrerequisites creates the objects of a manifest, if there is one, as
// the example tells its reader to.
func createPrerequisites(t *testing.T, namespace, manifest string) {
	t.Helper()
	file, err := os.Open(manifest)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		var object unstructured.Unstructured
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("reading %s: %s", manifest, err)
		}
		resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
		client := acctest.OnCluster(t).Dynamic.Resource(resource).Namespace(namespace)
		if _, err := client.Create(t.Context(), &object, metav1.CreateOptions{}); err != nil {
			t.Fatalf("creating %s %s: %s", object.GetKind(), object.GetName(), err)
		}
	}
}

// public tells whether requests from outside the cluster reach the address.
func public(t *testing.T, address string) bool {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		t.Fatalf("the output url is %q: %v", address, err)
	}
	return !strings.Contains(parsed.Hostname(), ".svc.")
}

// answer is what the test image tells of itself and the request.
type answer struct{ Protocol, Greeting string }

func told(t *testing.T, r run) (a answer) {
	t.Helper()
	if r.answer == nil {
		t.Fatal("the application is not public")
	}
	if err := json.Unmarshal([]byte(r.answer.Body), &a); err != nil {
		t.Fatalf("%s: %s", r.answer, err)
	}
	return a
}

// runningPod returns a pod of the namespace that the selector finds.
func runningPod(t *testing.T, namespace, selector string) corev1.Pod {
	t.Helper()
	pods, err := acctest.OnCluster(t).Core.Pods(namespace).List(t.Context(),
		metav1.ListOptions{LabelSelector: selector, FieldSelector: "status.phase=Running"})
	if err != nil {
		t.Fatal(err)
	}
	if len(pods.Items) == 0 {
		t.Fatalf("no pod runs with the labels %q", selector)
	}
	return pods.Items[0]
}

func containers(pod corev1.Pod) map[string]corev1.Container {
	byName := map[string]corev1.Container{}
	for _, container := range pod.Spec.Containers {
		byName[container.Name] = container
	}
	return byName
}

// hasScale checks the least number of pods that the autoscaler is told.
func hasScale(t *testing.T, namespace, min string) {
	t.Helper()
	found := list(t, namespace)
	if len(found) == 0 {
		t.Error("there is no application")
	}
	for _, service := range found {
		got, _, err := unstructured.NestedString(service.Object, "spec", "template", "metadata", "annotations", "autoscaling.knative.dev/min-scale")
		if err != nil || got != min {
			t.Errorf("%s has the min-scale %q, want %q (%v)", service.GetName(), got, min, err)
		}
	}
}

// list returns the Knative Services of the namespace.
func list(t *testing.T, namespace string) []unstructured.Unstructured {
	t.Helper()
	client := acctest.OnCluster(t).Dynamic.Resource(services).Namespace(namespace)
	found, err := client.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatalf("listing the applications: %s", err)
	}
	return found.Items
}
