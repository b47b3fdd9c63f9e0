package acctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

var certManager = sync.OnceValues(func() (string, error) { return buildClient("cert-manager") })

// CertManager installs cert-manager's kinds on the tests' cluster, and runs its
// controllers beside it until the test ends. It changes what the cluster knows,
// so the cluster should be the test's own.
func CertManager(t testing.TB) {
	t.Helper()
	kubeconfig := Kubeconfig(t)
	program, err := certManager()
	if err != nil {
		t.Fatalf("building cert-manager: %s", err)
	}
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	source, err := exec.CommandContext(t.Context(), "go", "-C", filepath.Join(module, ".ci", "clients", "cert-manager"),
		"list", "-m", "-f", "{{.Dir}}", "github.com/cert-manager/cert-manager").Output()
	if err != nil {
		t.Fatal(err)
	}
	Kubectl(t, "", "apply", "--server-side", "-f", filepath.Join(strings.TrimSpace(string(source)), "deploy", "crds"))
	Kubectl(t, "", "wait", "--for=condition=Established", "--timeout=60s", "crd", "certificates.cert-manager.io", "clusterissuers.cert-manager.io")
	Kubectl(t, `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cert-manager"}}`, "apply", "-f", "-")

	var log output
	command := exec.Command(program) //nolint:noctx // ended below, and not before what depends on it
	command.Env = append(cleanEnvironment(os.Environ()), "KUBECONFIG="+kubeconfig)
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("cert-manager ended before the test: %s\n%s", err, log.String())
		}
		_ = command.Wait()
		if t.Failed() {
			t.Logf("cert-manager:\n%s", log.String())
		}
	})
}
