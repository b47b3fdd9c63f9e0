package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bootTime is how long the sandbox may take to boot a cluster of which all
// programs are built already.
const bootTime = 5 * time.Minute

// turn is how long another test may have a cluster that one waits for: a failover
// with its way back has three.
const turn = 30 * time.Minute

// installTime is how long a run of Terraform on the platform may take.
const installTime = 10 * time.Minute

// BareCluster boots a cluster beside the tests', Kubernetes alone, for one
// test, and returns the path of its kubeconfig. It is ended with the test. The
// index, from 2 to 9, makes its name and addresses; tests that use the same one
// wait for one another, also those of other packages. On a cluster of the
// user's own the test is skipped.
func BareCluster(t testing.TB, index int) string {
	t.Helper()
	return boot(t, index, "--bare").variable(t, "KUBECONFIG")
}

// Platform is a cluster that belongs to one test, with Knative or on its way to
// it.
type Platform struct {
	Kubeconfig string // path
	Gateway    string // URL

	name, index string // the cluster's
	auditLog    string // path
}

// OwnPlatform is BareCluster with the whole platform on the cluster, for a test
// that changes what all applications share.
func OwnPlatform(t testing.TB, index int) Platform {
	t.Helper()
	p := NoPlatform(t, index)
	if result := p.Install(t); result.ExitCode != 0 {
		t.Fatalf("the platform could not be installed:\n%s", result.Output)
	}
	return p
}

// NoPlatform is BareCluster for a test that installs the platform itself.
func NoPlatform(t testing.TB, index int) Platform {
	t.Helper()
	booted := boot(t, index, "--bare")
	return Platform{
		Kubeconfig: booted.variable(t, "KUBECONFIG"), Gateway: booted.variable(t, "SLS_GATEWAY"),
		name: clusterName(index), index: strconv.Itoa(index), auditLog: booted.variable(t, "SLS_AUDIT_LOG"),
	}
}

// Install installs the platform as the sandbox does, or changes it: by
// examples/platform, with variables of it, NAME=VALUE, beside the sandbox's own.
// With "--previous" it is Knative's version before.
func (p Platform) Install(t testing.TB, arguments ...string) Result {
	t.Helper()
	return p.run(t, "install", arguments)
}

// Terraform runs Terraform on the configuration of the last Install, and on its
// state.
func (p Platform) Terraform(t testing.TB, arguments ...string) Result {
	t.Helper()
	return p.run(t, "terraform", arguments)
}

func (p Platform) run(t testing.TB, command string, arguments []string) Result {
	t.Helper()
	output, err := script(t, installTime, "platform", append([]string{command, "--name", p.name}, arguments...)...)
	result := Result{Output: output.String()}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		result.ExitCode = exit.ExitCode()
	case err != nil:
		t.Fatalf("running .ci/platform %s: %s", command, err)
	}
	return result
}

// Values are what installs the platform on the cluster: variables of
// examples/platform, whose names others of the examples share.
func (p Platform) Values(t testing.TB) Values {
	t.Helper()
	printed := strings.Split(strings.TrimSpace(sandbox(t, "manifests", "--name", p.name)), "\n")
	values := readValues(t, filepath.Join(printed[len(printed)-1], "platform.tfvars.json"))
	values["kubeconfig"], values["ingress"] = p.Kubeconfig, "net-gateway-api"
	return values
}

// readValues reads a file of variables.
func readValues(t testing.TB, path string) Values {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	values := Values{}
	if err := json.Unmarshal(text, &values); err != nil {
		t.Fatalf("%s: %s", path, err)
	}
	return values
}

// Kill ends all of the cluster at once: its programs, and its network.
func (p Platform) Kill(t testing.TB) {
	t.Helper()
	sandbox(t, "down", "--name", p.name)
}

// Kubectl runs kubectl on the cluster.
func (p Platform) Kubectl(t testing.TB, input string, arguments ...string) string {
	t.Helper()
	return runClientOn(t, p.Kubeconfig, "kubectl", kubectl, nil, input, arguments)
}

// Velero runs velero on the cluster as a person does.
func (p Platform) Velero(t testing.TB, arguments ...string) string {
	t.Helper()
	return runClientOn(t, p.Kubeconfig, "velero", veleroProgram, nil, "", append([]string{"--namespace", VeleroNamespace}, arguments...))
}

// GetUntil is GetUntil through the platform's own gateway.
func (p Platform) GetUntil(t testing.TB, address string, accept func(Answer) error, headers ...string) Answer {
	t.Helper()
	return getUntil(t, p.Gateway, address, accept, headers)
}

// booted is what the sandbox tells of a cluster for a shell.
type booted string

func boot(t testing.TB, index int, arguments ...string) booted {
	t.Helper()
	variable(t, "SLS_REGISTRY_ENDPOINT", "further clusters boot beside the sandbox only")
	name := clusterName(index)
	own(t, name, turn)

	// What a test that was killed left behind is no new cluster.
	sandbox(t, "down", "--name", name)
	t.Cleanup(func() { sandbox(t, "down", "--name", name) })
	sandbox(t, append([]string{"up", "--name", name, "--index", strconv.Itoa(index)}, arguments...)...)
	return booted(sandbox(t, "env", "--name", name))
}

func clusterName(index int) string { return "acctest-" + strconv.Itoa(index) }

func (b booted) variable(t testing.TB, name string) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^export ` + name + `=(\S+)$`).FindStringSubmatch(string(b))
	if match == nil {
		t.Fatalf("the sandbox names no %s:\n%s", name, b)
	}
	return match[1]
}

// own holds a lock for the rest of the test, for which it waits as long as it may.
// The kernel frees the lock of a test that was killed.
func own(t testing.TB, name string, limit time.Duration) {
	t.Helper()
	cache, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(cache, name+".lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	Eventually(t, limit, func(context.Context) error {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return fmt.Errorf("another test has %s: %w", name, err)
		}
		return nil
	})
}

// sandbox runs the sandbox's program, and returns what it prints.
func sandbox(t testing.TB, arguments ...string) string {
	t.Helper()
	output, err := script(t, bootTime, "sandbox", arguments...)
	if err != nil {
		t.Errorf("sandbox %s: %s\n%s", strings.Join(arguments, " "), err, output)
		if t.Context().Err() == nil { // not in a cleanup, which has further things to end
			t.FailNow()
		}
	}
	return output.String()
}

// script runs one of the scripts in .ci, and returns what it says.
func script(t testing.TB, limit time.Duration, name string, arguments ...string) (*bytes.Buffer, error) {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(module, ".ci", name), arguments...)
	// As from a terminal, to all of its programs; it goes on from what an
	// interrupted run left.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	return &output, command.Run()
}
