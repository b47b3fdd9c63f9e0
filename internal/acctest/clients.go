package acctest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Kubectl runs kubectl on the tests' cluster, as a person does, and returns what
// it says. input is its standard input, such as a manifest.
func Kubectl(t testing.TB, input string, arguments ...string) string {
	t.Helper()
	return runClient(t, "kubectl", kubectl, nil, input, arguments)
}

// KubectlEdit runs kubectl edit with a script of sed for the editor.
func KubectlEdit(t testing.TB, script string, arguments ...string) string {
	t.Helper()
	editor := filepath.Join(t.TempDir(), "editor")
	writeFile(t, editor, "#!/bin/sh\nsed -i '"+script+"' \"$1\"\n")
	if err := os.Chmod(editor, 0o700); err != nil {
		t.Fatal(err)
	}
	return runClient(t, "kubectl", kubectl, []string{"KUBE_EDITOR=" + editor}, "", append([]string{"edit"}, arguments...))
}

// Kn runs Knative's own client on the tests' cluster.
func Kn(t testing.TB, arguments ...string) string {
	t.Helper()
	return runClient(t, "kn", kn, nil, "", arguments)
}

// The clients are built on their first use, from pinned versions.
var (
	kubectl = sync.OnceValues(func() (string, error) { return buildClient("kubectl") })
	kn      = sync.OnceValues(func() (string, error) { return buildClient("kn") })
)

func buildClient(name string) (string, error) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", err
	}
	build := exec.Command(filepath.Join(strings.TrimSpace(string(module)), ".ci", "client"), name)
	build.Stderr = os.Stderr
	path, err := build.Output()
	return strings.TrimSpace(string(path)), err
}

// ClientProgram returns the path of a program of .ci/clients.
func ClientProgram(t testing.TB, name string) string {
	t.Helper()
	program, err := buildClient(name)
	if err != nil {
		t.Fatalf("building %s: %s", name, err)
	}
	return program
}

func runClient(t testing.TB, name string, built func() (string, error), environment []string, input string, arguments []string) string {
	t.Helper()
	return runClientOn(t, Kubeconfig(t), name, built, environment, input, arguments)
}

func runClientOn(t testing.TB, kubeconfig, name string, built func() (string, error), environment []string, input string, arguments []string) string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatalf("building %s: %s", name, err)
	}
	ctx := t.Context()
	if ctx.Err() != nil { // in a cleanup
		ctx = context.WithoutCancel(ctx)
	}
	command := exec.CommandContext(ctx, program, arguments...)
	// A home of its own: no settings and no cache of the person who runs the tests.
	command.Env = append(cleanEnvironment(os.Environ()), append(environment, "KUBECONFIG="+kubeconfig, "HOME="+t.TempDir())...)
	command.Stdin = strings.NewReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %s\n%s", name, strings.Join(arguments, " "), err, output)
	}
	return string(output)
}
