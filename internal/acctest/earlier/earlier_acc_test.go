// Package earlier_test shows that what earlier versions of the provider have written,
// into states and onto clusters, is this one's, too: an upgrade of the provider plans
// nothing. Each folder of testdata holds what the provider of one commit wrote, from
// the main.tf there: of applications and what belongs to them, in platform of
// components and configuration, and in backups of what Velero works on.
// .ci/earlier-state records one.
package earlier_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	mainFile    = "main.tf"
	stateFile   = "state.json"
	objectsFile = "objects.json"

	// managers begins the names of the provider's field managers.
	managers = "sls-"
)

// written is what one field manager has applied of an object, in the fixture's namespace
// unless it names another.
type written struct {
	Manager string         `json:"manager"`
	Object  map[string]any `json:"object"`
}

func TestAccStatesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	for _, dir := range fixtures(t, "*") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			s := settingOf(t, dir)
			revisions := func() string {
				return acctest.Kubectl(t, "", "get", "revisions.serving.knative.dev", "-n", s.namespace, "-o", "name")
			}
			upgrade(t, s, func() {
				acctest.Kubectl(t, "", "wait", "--for=condition=Ready", "--timeout=90s", "-n", s.namespace, "services.serving.knative.dev", "--all")
			}, revisions)
		})
	}
}

func TestAccStatesOfEarlierPlatforms(t *testing.T) {
	t.Parallel()
	for _, dir := range fixtures(t, "*", platform) {
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			t.Parallel()
			upgrade(t, settingOf(t, dir), func() {}, func() string { return "" })
		})
	}
}

func TestAccBackupStatesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	for _, dir := range fixtures(t, "*", backups) { // one after the other: Velero has one namespace
		t.Run(filepath.Base(filepath.Dir(dir)), func(t *testing.T) {
			s := settingOf(t, dir)
			upgrade(t, s, func() {}, func() string {
				return s.kubectl(t, "get", "backups.velero.io,restores.velero.io", "-n", s.namespace, "-o", "name")
			})
		})
	}
}

func fixtures(t *testing.T, place ...string) []string {
	t.Helper()
	states, err := filepath.Glob(filepath.Join("testdata", filepath.Join(place...), stateFile))
	if err != nil || len(states) == 0 {
		t.Fatalf("there are no fixtures: %v", err)
	}
	for i := range states {
		states[i] = filepath.Dir(states[i])
	}
	return states
}

// upgrade makes what a fixture has of the cluster, and shows that this provider plans
// nothing for its state, makes nothing anew, and can destroy it.
func upgrade(t *testing.T, s *setting, ready func(), made func() string) {
	t.Helper()
	var objects []written
	if err := json.Unmarshal(s.read(t, objectsFile), &objects); err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		s.apply(t, object)
		if s.applied != nil {
			s.applied(object.Object["kind"])
		}
	}
	ready()
	before := made()
	tf := s.terraform(t)
	tf.Write(t, "terraform.tfstate", string(s.read(t, stateFile)))
	if !tf.PlanIsEmpty(t) {
		t.Error("the upgrade plans a change")
	}
	tf.Apply(t)
	if after := made(); after != before {
		t.Errorf("the upgrade made %s, before %s", after, before)
	}
	tf.Destroy(t)
}

// TestAccRecordEarlier records what the provider at SLS_EARLIER_PROVIDER writes, in
// the folder of testdata that SLS_EARLIER names.
func TestAccRecordEarlier(t *testing.T) {
	name := os.Getenv("SLS_EARLIER")
	if name == "" {
		t.Skip("SLS_EARLIER is not set: .ci/earlier-state records what an earlier provider writes")
	}
	s := settingOf(t, filepath.Join("testdata", filepath.FromSlash(name)))
	tf := s.terraform(t)
	tf.Program(t, os.Getenv("SLS_EARLIER_PROVIDER"))
	tf.Apply(t)
	if !tf.PlanIsEmpty(t) {
		t.Error("the second plan is not empty")
	}

	var objects []written
	for _, kind := range s.kinds {
		for _, namespace := range []string{s.namespace, metav1.NamespaceSystem} {
			list, err := s.Dynamic.Resource(kind.GroupVersionResource).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range list.Items {
				if namespace == s.namespace || strings.Contains(list.Items[i].GetName(), s.namespace) {
					objects = append(objects, writtenOf(&list.Items[i], kind, s.namespace)...)
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
		if s.store != "" {
			content = bytes.ReplaceAll(content, []byte(s.store), []byte(aStore))
		}
		if err := os.WriteFile(filepath.Join(s.dir, file), append(bytes.TrimSpace(content), '\n'), 0o644); err != nil { //nolint:gosec // it is committed
			t.Fatal(err)
		}
	}
	tf.Destroy(t)
}

// writtenOf returns what the provider's field managers have applied of an object.
func writtenOf(live *kube.Object, kind kube.Kind, home string) (all []written) {
	for _, entry := range live.GetManagedFields() {
		owned := kube.Owned(live, entry.Manager)
		if owned == nil || !strings.HasPrefix(entry.Manager, managers) {
			continue
		}
		object := kube.Object{Object: owned}
		object.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Name))
		object.SetName(live.GetName())
		if live.GetNamespace() != home {
			object.SetNamespace(live.GetNamespace())
		}
		all = append(all, written{entry.Manager, object.Object})
	}
	return all
}

// setting is where a fixture lives.
type setting struct {
	*acctest.Cluster

	dir, namespace, provider string
	values                   acctest.Values
	// kinds are those of the objects that a fixture has, in the order in which they can
	// be made.
	kinds   []kube.Kind
	store   string // the address of what Velero backs up to, which is another each time
	kubectl func(t testing.TB, arguments ...string) string
	applied func(kind any) // waits for what comes of an object before the next one; nil if nothing does
}

// The folders of fixtures that are not of applications.
const (
	platform = "platform"
	backups  = "backups"
)

var (
	configMaps  = kube.Kind{GroupVersionResource: kube.Pods.GroupVersion().WithResource("configmaps"), Name: "ConfigMap"}
	services    = kube.Kind{GroupVersionResource: kube.Pods.GroupVersion().WithResource("services"), Name: "Service"}
	deployments = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, Name: "Deployment"}
)

// settingOf makes the place of a fixture. Its namespace's name is part of what is
// recorded, and of names that are made of it.
func settingOf(t *testing.T, dir string) *setting {
	t.Helper()
	s := &setting{dir: dir}
	if filepath.Base(dir) == backups {
		velero := acctest.NewVelero(t, 7)
		s.Cluster, s.namespace, s.provider = velero.Cluster, acctest.VeleroNamespace, velero.ProviderBlock()
		s.store = velero.StoreURL
		s.values = acctest.Values{"bucket": acctest.VeleroBucket, "secret": acctest.VeleroSecret, "url": velero.StoreURL}
		s.kinds = []kube.Kind{object.Locations, object.Schedules, object.Backups, configMaps, object.Restores}
		s.kubectl = func(t testing.TB, arguments ...string) string { return velero.Kubectl(t, "", arguments...) }
		s.applied = func(kind any) { // Velero makes the backup, and restores it, anew
			phase, ok := map[any]string{"BackupStorageLocation": "Available", "Schedule": "Enabled", "Backup": "Completed", "Restore": "Completed"}[kind]
			if !ok {
				return
			}
			s.kubectl(t, "wait", "--for=jsonpath={.status.phase}="+phase, "--timeout=2m", "-n", s.namespace, fmt.Sprintf("%s.velero.io", kind), "--all")
		}
		return s
	}
	s.Cluster, s.provider = acctest.OnCluster(t), acctest.ProviderBlock(t)
	if filepath.Base(dir) == platform {
		commit := filepath.Base(filepath.Dir(dir))
		s.namespace = "sls-test-platform-" + commit
		acctest.NamespaceNamed(t, s.namespace)
		account := acctest.NewAccount(t, s.namespace)
		account.Grant(t, "", "cluster-admin")
		s.provider = acctest.ProviderBlockFor(account.Kubeconfig)
		s.values = acctest.Values{"namespace": s.namespace}
		s.kinds = []kube.Kind{configMaps, services, deployments}
		for _, name := range []string{"config-domain", "config-gc", "config-autoscaler"} { // what a release brings
			release := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
			if _, err := s.Core.ConfigMaps(s.namespace).Create(t.Context(), release, metav1.CreateOptions{FieldManager: "release"}); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	s.namespace = "sls-test-" + filepath.Base(dir)
	acctest.NamespaceNamed(t, s.namespace)
	s.values = acctest.Values{"namespace": s.namespace, "image": acctest.Image(t, "HELLO_V1"), "host": filepath.Base(dir) + ".earlier.example.com"}
	s.kinds = []kube.Kind{services, routing.Gateways, routing.ServiceEntries, routing.DestinationRules, routing.VirtualServices, serving.Services}
	return s
}

func (s *setting) terraform(t *testing.T) *acctest.Terraform {
	t.Helper()
	tf := acctest.NewTerraform(t)
	tf.Configure(t, s.provider+string(s.read(t, mainFile)))
	tf.Variables(t, s.values)
	return tf
}

// aStore stands in fixtures for the store's address.
const aStore = "http://store.example.com"

func (s *setting) read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(content, []byte(aStore), []byte(s.store))
}

// apply writes what a field manager has applied of an object.
func (s *setting) apply(t *testing.T, w written) {
	t.Helper()
	object := &kube.Object{Object: w.Object}
	at := slices.IndexFunc(s.kinds, func(kind kube.Kind) bool {
		return kind.Name == object.GetKind() && kind.APIVersion() == object.GetAPIVersion()
	})
	namespace := cmp.Or(object.GetNamespace(), s.namespace)
	body, err := json.Marshal(w.Object)
	if err != nil {
		t.Fatal(err)
	}
	client := s.Dynamic.Resource(s.kinds[at].GroupVersionResource).Namespace(namespace)
	if _, err := client.Patch(t.Context(), object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: w.Manager}); err != nil {
		t.Fatalf("applying the %s %s as %s: %s", object.GetKind(), object.GetName(), w.Manager, err)
	}
}
