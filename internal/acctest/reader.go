package acctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

// mirrored is the version that a Reader's init finds of the provider.
const mirrored = "0.1.0"

// NewReader makes such a directory for somebody who does what a document says, in
// a shell: init installs the provider from a mirror, the kubeconfig at its usual
// place is the Owner's, and Terraform and kubectl are found by their names.
// kubectl works as who runs the tests. Terraform does not ask before it applies.
func NewReader(t testing.TB) *Terraform {
	t.Helper()
	enabled(t)
	home := t.TempDir()
	programs := filepath.Join(home, "bin")
	makeFolder(t, programs)
	makeFolder(t, filepath.Join(home, ".kube"))
	copyFile(t, Owner(t).Kubeconfig, filepath.Join(home, ".kube", "config"))
	terraform, err := exec.LookPath(terraformProgram())
	if err != nil {
		t.Fatal(err)
	}
	for name, program := range map[string]string{"terraform": terraform, "kubectl": ClientProgram(t, "kubectl")} {
		if err := os.Symlink(program, filepath.Join(programs, name)); err != nil {
			t.Fatal(err)
		}
	}

	settings := filepath.Join(home, cliConfig)
	tf := newTerraform(t.TempDir(), settings)
	writeFile(t, settings, mirror(t, filepath.Join(home, "mirror")))
	for name, value := range map[string]string{
		"HOME":                home,
		"KUBECONFIG":          Kubeconfig(t), // which the provider does not read
		"PATH":                programs + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"GATEWAY":             strings.TrimPrefix(Gateway(t), "http://"),
		"TF_CLI_ARGS":         "-no-color",
		"TF_CLI_ARGS_apply":   "-auto-approve",
		"TF_CLI_ARGS_destroy": "-auto-approve",
	} {
		tf.Setenv(name, value)
	}
	return tf
}

// mirror makes a mirror with the provider of the checkout, and returns the settings
// by which Terraform and OpenTofu, each under its own registry's name, install it
// from there.
func mirror(t testing.TB, folder string) string {
	t.Helper()
	built, err := buildProvider()
	if err != nil {
		t.Fatalf("building the provider: %s", err)
	}
	var addresses []string
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		addresses = append(addresses, fmt.Sprintf("%q", host+"/"+source))
		to := filepath.Join(folder, host, filepath.FromSlash(source), mirrored, runtime.GOOS+"_"+runtime.GOARCH)
		makeFolder(t, to)
		to = filepath.Join(to, "terraform-provider-"+provider.TypeName+"_v"+mirrored)
		// Another run may put another program in place of the one that was built.
		if err := os.Link(built, to); err != nil {
			copyFile(t, built, to)
			if err := os.Chmod(to, 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	list := strings.Join(addresses, ", ")
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [%s]\n  }\n  direct {\n    exclude = [%s]\n  }\n}\n", folder, list, list)
}

// Shell runs a script of bash to its end, which is at the first command that fails.
func (tf *Terraform) Shell(t testing.TB, script string) Result {
	t.Helper()
	return tf.start(t, "bash", "-euxo", "pipefail", "-c", script).Wait(t)
}

func makeFolder(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}
