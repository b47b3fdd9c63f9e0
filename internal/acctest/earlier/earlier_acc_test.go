// Package earlier_test shows that what earlier versions of the provider have written,
// into states and onto clusters, is this one's, too: an upgrade of the provider plans
// nothing. Each folder of testdata holds what the provider of one commit wrote, from
// the main.tf there: .ci/earlier-state records one.
package earlier_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

const (
	mainFile    = "main.tf"
	stateFile   = "state.json"
	objectsFile = "objects.json"

	// managers begins the names of the provider's field managers.
	managers = "sls-"
)

// kinds are those of the objects that a fixture has, in the order in which they can
// be made.
var kinds = []kube.Kind{
	{GroupVersionResource: kube.Pods.GroupVersion().WithResource("services"), Name: "Service"},
	routing.Gateways, routing.ServiceEntries, routing.DestinationRules, routing.VirtualServices, serving.Services,
}

// written is what one field manager has applied of an object.
type written struct {
	Manager string         `json:"manager"`
	Object  map[string]any `json:"object"`
}

func TestAccStatesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob(filepath.Join("testdata", "*", stateFile))
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("there are no fixtures: %v", err)
	}
	for _, fixture := range fixtures {
		dir := filepath.Dir(fixture)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			namespace := ownNamespace(t, dir)
			var objects []written
			if err := json.Unmarshal(read(t, dir, objectsFile), &objects); err != nil {
				t.Fatal(err)
			}
			for _, object := range objects {
				apply(t, object, namespace)
			}
			acctest.Kubectl(t, "", "wait", "--for=condition=Ready", "--timeout=90s", "-n", namespace, "services.serving.knative.dev", "--all")
			before := acctest.Kubectl(t, "", "get", "revisions.serving.knative.dev", "-n", namespace, "-o", "name")

			tf := newTerraform(t, dir, namespace)
			tf.Write(t, "terraform.tfstate", string(read(t, dir, stateFile)))
			if !tf.PlanIsEmpty(t) {
				t.Error("the upgrade plans a change")
			}
			tf.Apply(t)
			if after := acctest.Kubectl(t, "", "get", "revisions.serving.knative.dev", "-n", namespace, "-o", "name"); after != before {
				t.Errorf("the upgrade made revisions: %s, before %s", after, before)
			}
			tf.Destroy(t)
		})
	}
}

// TestAccRecordEarlier records what the provider at SLS_EARLIER_PROVIDER writes, in
// the folder of testdata that SLS_EARLIER names.
func TestAccRecordEarlier(t *testing.T) {
	name := os.Getenv("SLS_EARLIER")
	if name == "" {
		t.Skip("SLS_EARLIER is not set: .ci/earlier-state records what an earlier provider writes")
	}
	dir := filepath.Join("testdata", name)
	namespace := ownNamespace(t, dir)
	tf := newTerraform(t, dir, namespace)
	tf.Program(t, os.Getenv("SLS_EARLIER_PROVIDER"))
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the second plan is not empty")
	}

	var objects []written
	for _, kind := range kinds {
		list, err := acctest.Client(t, kind, namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range list.Items {
			for _, entry := range list.Items[i].GetManagedFields() {
				if owned := kube.Owned(&list.Items[i], entry.Manager); owned != nil && strings.HasPrefix(entry.Manager, managers) {
					object := kube.Object{Object: owned}
					object.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Name))
					object.SetName(list.Items[i].GetName())
					objects = append(objects, written{entry.Manager, object.Object})
				}
			}
		}
	}
	state, err := os.ReadFile(tf.Path("terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := json.MarshalIndent(objects, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{stateFile: state, objectsFile: recorded} {
		if err := os.WriteFile(filepath.Join(dir, file), append(bytes.TrimSpace(content), '\n'), 0o644); err != nil { //nolint:gosec // it is committed
			t.Fatal(err)
		}
	}
	tf.Destroy(t)
}

// ownNamespace makes the namespace of a fixture. Its name is part of what is recorded,
// and of names that are made of it.
func ownNamespace(t *testing.T, dir string) string {
	t.Helper()
	name := "sls-test-" + filepath.Base(dir)
	acctest.NamespaceNamed(t, name)
	return name
}

func newTerraform(t *testing.T, dir, namespace string) *acctest.Terraform {
	t.Helper()
	tf := acctest.NewTerraform(t)
	tf.Configure(t, acctest.ProviderBlock(t)+string(read(t, dir, mainFile)))
	tf.Variables(t, acctest.Values{"namespace": namespace, "image": acctest.Image(t, "HELLO_V1"), "host": filepath.Base(dir) + ".earlier.example.com"})
	return tf
}

func read(t *testing.T, dir, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// apply writes what a field manager has applied of an object.
func apply(t *testing.T, w written, namespace string) {
	t.Helper()
	object := &kube.Object{Object: w.Object}
	at := slices.IndexFunc(kinds, func(kind kube.Kind) bool {
		return kind.Name == object.GetKind() && kind.APIVersion() == object.GetAPIVersion()
	})
	body, err := json.Marshal(w.Object)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acctest.Client(t, kinds[at], namespace).Patch(t.Context(), object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: w.Manager}); err != nil {
		t.Fatalf("applying the %s %s as %s: %s", object.GetKind(), object.GetName(), w.Manager, err)
	}
}
