package acctest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

var veleroProgram = sync.OnceValues(func() (string, error) { return buildClient("velero") })

// The names under which tests find what Velero needs.
const (
	VeleroNamespace = "velero"
	// VeleroVersion is what .ci/clients/velero pins.
	VeleroVersion = "1.18.3"
	VeleroSecret  = "store" // with the store's credentials, under the key cloud
	VeleroBucket  = "backups"

	storeAccess, storeSecret = "velero", "velerosecret"

	// veleroTurn is how long the tests of other packages may have Velero.
	veleroTurn = 20 * time.Minute

	veleroEnd = 20 * time.Second
)

// Velero is a real Velero: its server and its plugin for S3, beside a bare
// cluster of the test's own, and an object store.
type Velero struct {
	Kubeconfig string
	StoreURL   string // as Velero reaches the store
	StoreDir   string // whose folders are the buckets

	Cluster  *Cluster
	Operator Account // with the rights of examples/rbac, and no others
	program  string  // its plugin and the store's are beside it
	plugins  string
	server   *service
}

// NewVelero boots a bare cluster with an index (see BareCluster), Velero and an
// object store, which has one bucket. All of it ends with the test.
func NewVelero(t testing.TB, index int) *Velero {
	t.Helper()
	enabled(t)
	if os.Getenv("SLS_VELERO") == "" {
		t.Skip("SLS_VELERO is not set: Velero takes minutes to compile, see make testacc-velero")
	}
	program, err := veleroProgram()
	if err != nil {
		t.Fatalf("building velero: %s", err)
	}
	own(t, "velero", veleroTurn) // two servers in one network have one port too few
	v := &Velero{program: program, plugins: t.TempDir(), StoreDir: t.TempDir(), Kubeconfig: BareCluster(t, index)}
	v.Cluster = OnClusterOf(t, v.Kubeconfig)
	if err = os.Symlink(filepath.Join(filepath.Dir(program), "velero-plugin-for-aws"), filepath.Join(v.plugins, "velero-plugin-for-aws")); err == nil {
		err = os.Mkdir(filepath.Join(v.StoreDir, VeleroBucket), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	v.install(t)
	roles, err := ExampleRoles("backup-operator.yaml")
	if err != nil {
		t.Fatal(err)
	}
	v.Operator = v.Cluster.NewAccount(t, VeleroNamespace)
	v.Operator.Allow(t, VeleroNamespace, roles["sls-backup-operator"].Rules...)
	v.Operator.Allow(t, "", roles["sls-backup-operator-platform"].Rules...)
	v.startStore(t)
	v.Start(t)
	return v
}

// install brings Velero's kinds, its namespace and the store's credentials.
func (v *Velero) install(t testing.TB) {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	source, err := exec.CommandContext(t.Context(), "go", "-C", filepath.Join(module, ".ci", "clients", "velero"),
		"list", "-m", "-f", "{{.Dir}}", "github.com/vmware-tanzu/velero").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"v1", "v2alpha1"} {
		v.Kubectl(t, "", "apply", "--server-side", "-f", filepath.Join(strings.TrimSpace(string(source)), "config", "crd", version, "bases"))
	}
	v.Kubectl(t, "", "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
	v.Kubectl(t, "", "create", "namespace", VeleroNamespace)
	// Velero restores nothing where it sees no Deployment of its own.
	v.Kubectl(t, "", "create", "deployment", "velero", "-n", VeleroNamespace, "--image", "the-server-runs-beside:v"+VeleroVersion, "--replicas", "0")
	v.PutCredentials(t)
}

// PutCredentials makes the Secret by which the store is used, or mends it.
func (v *Velero) PutCredentials(t testing.TB) {
	t.Helper()
	v.PutSecret(t, VeleroSecret, "cloud", fmt.Sprintf("[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n", storeAccess, storeSecret))
}

// PutSecret makes a Secret in Velero's namespace, or changes it.
func (v *Velero) PutSecret(t testing.TB, name, key, value string) {
	t.Helper()
	manifest, err := json.Marshal(corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: VeleroNamespace, Name: name},
		StringData: map[string]string{key: value},
	})
	if err != nil {
		t.Fatal(err)
	}
	v.Kubectl(t, string(manifest), "apply", "-f", "-")
}

// startStore starts the object store, and waits until it listens.
func (v *Velero) startStore(t testing.TB) {
	t.Helper()
	address := FreeAddress(t)
	v.StoreURL = "http://" + address
	startService(t, "the object store", exec.Command(filepath.Join(filepath.Dir(v.program), "versitygw"), //nolint:noctx // ended with the test
		"--access", storeAccess, "--secret", storeSecret, "--port", address, "posix", v.StoreDir))
	AwaitListener(t, address)
}

// Start starts Velero's server. It works on what has come while it was away.
func (v *Velero) Start(t testing.TB) {
	t.Helper()
	command := exec.Command(v.program, "server", "--namespace", VeleroNamespace, "--plugin-dir", v.plugins, //nolint:noctx // as above
		"--metrics-address", "127.0.0.1:0", "--profiler-address", "",
		"--store-validation-frequency", "10s", "--backup-sync-period", "10s")
	command.Env = append(cleanEnvironment(os.Environ()), "KUBECONFIG="+v.Kubeconfig, "VELERO_NAMESPACE="+VeleroNamespace, "HOME="+t.TempDir())
	v.server = startService(t, "Velero", command)
}

// Stop ends Velero's server.
func (v *Velero) Stop(t testing.TB) {
	t.Helper()
	v.server.stop(t)
}

// Kubectl runs kubectl on Velero's cluster.
func (v *Velero) Kubectl(t testing.TB, input string, arguments ...string) string {
	t.Helper()
	return runClientOn(t, v.Kubeconfig, "kubectl", kubectl, nil, input, arguments)
}

// CLI runs velero as a person does, and returns what it says.
func (v *Velero) CLI(t testing.TB, arguments ...string) string {
	t.Helper()
	return runClientOn(t, v.Kubeconfig, "velero", veleroProgram, nil, "", append([]string{"--namespace", VeleroNamespace}, arguments...))
}

// Client returns a client for a kind in Velero's namespace.
func (v *Velero) Client(kind kube.Kind) dynamic.ResourceInterface {
	return v.Cluster.Dynamic.Resource(kind.GroupVersionResource).Namespace(VeleroNamespace)
}

// Object returns an object of Velero's namespace, and fails the test if there is
// none.
func (v *Velero) Object(t testing.TB, kind kube.Kind, name string) *kube.Object {
	t.Helper()
	found, err := v.Client(kind).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("reading the %s %s: %s", kind.Name, name, err)
	}
	return found
}

// Patch changes an object as another client does, by a merge patch under its
// manager's name.
func (v *Velero) Patch(t testing.TB, manager string, kind kube.Kind, name, patch string) {
	t.Helper()
	_, err := v.Client(kind).Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		t.Fatalf("changing the %s %s as %s: %s", kind.Name, name, manager, err)
	}
}

// ProviderBlock renders the provider block for Velero's cluster, as an operator
// of backups.
func (v *Velero) ProviderBlock() string { return ProviderBlockFor(v.Operator.Kubeconfig) }

// service is a program that runs beside the cluster until the test ends.
type service struct {
	name    string
	command *exec.Cmd
	log     *output
	done    chan struct{}
	ended   bool // by the test
}

func startService(t testing.TB, name string, command *exec.Cmd) *service {
	t.Helper()
	s := &service{name: name, command: command, log: &output{}, done: make(chan struct{})}
	command.Stdout, command.Stderr = s.log, s.log
	command.WaitDelay = veleroEnd // plugins that outlive it keep its output open
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %s", name, err)
	}
	go func() {
		_ = command.Wait()
		close(s.done)
	}()
	t.Cleanup(func() {
		s.stop(t)
		if t.Failed() {
			t.Logf("%s:\n%s", name, tail(s.log.String()))
		}
	})
	return s
}

func (s *service) stop(t testing.TB) {
	t.Helper()
	if s.ended {
		return
	}
	s.ended = true
	select {
	case <-s.done:
		t.Errorf("%s ended before the test: %s\n%s", s.name, s.command.ProcessState, tail(s.log.String()))
		return
	default:
	}
	_ = s.command.Process.Signal(syscall.SIGTERM) // it may end this moment
	select {
	case <-s.done:
	case <-time.After(veleroEnd):
		_ = s.command.Process.Kill()
		<-s.done
	}
}

// tail returns the end of a log.
func tail(log string) string {
	const most = 20_000
	if len(log) > most {
		return "…" + log[len(log)-most:]
	}
	return log
}
