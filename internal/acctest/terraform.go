package acctest

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/sls-platform/terraform-provider-sls/internal/provider"
)

// Terraform is a directory with a configuration, on which the real Terraform
// runs with the provider as a program of its own. It is for what Test cannot
// show: runs that are interrupted or killed, and what goes over the wire
// between Terraform and the provider.
type Terraform struct {
	dir     string
	program string
	env     []string
	// overrides are the folders of providers' programs, by address.
	overrides map[string]string
}

// NewTerraform makes such a directory, without a configuration yet.
func NewTerraform(t testing.TB) *Terraform {
	t.Helper()
	enabled(t)
	built, err := buildProvider()
	if err != nil {
		t.Fatalf("building the provider: %s", err)
	}

	dir := t.TempDir()
	tf := newTerraform(dir, filepath.Join(dir, cliConfig))
	tf.override(t, source, built)
	return tf
}

// NewConsumer makes such a directory, empty, in which Terraform installs modules
// and provider itself, as a user's does: by init, from where the configuration
// says. It trusts the authorities of a file, in PEM, and no others.
func NewConsumer(t testing.TB, authorities string) *Terraform {
	t.Helper()
	enabled(t)
	home := t.TempDir()
	settings := filepath.Join(home, cliConfig)
	writeFile(t, settings, "") // in place of the user's
	tf := newTerraform(t.TempDir(), settings)
	tf.Setenv("HOME", home) // where it would look for providers, too
	tf.Setenv("SSL_CERT_FILE", authorities)
	tf.Setenv("SSL_CERT_DIR", home)
	return tf
}

func newTerraform(dir, settings string) *Terraform {
	return &Terraform{
		dir:       dir,
		program:   terraformProgram(),
		overrides: map[string]string{},
		env: append(cleanEnvironment(os.Environ()),
			"TF_CLI_CONFIG_FILE="+settings,
			"TF_IN_AUTOMATION=1", // no advice on what to type next
			"TF_INPUT=0",
			"CHECKPOINT_DISABLE=1",
		),
	}
}

// cliConfig is the file with Terraform's own settings.
const cliConfig = "cli.tfrc"

// Program has Terraform start another program for this provider than the checkout's.
func (tf *Terraform) Program(t testing.TB, path string) {
	t.Helper()
	tf.override(t, source, path)
}

// override has Terraform start a program for a provider. With an override there is
// nothing to install, and no init to run.
func (tf *Terraform) override(t testing.TB, provider, program string) {
	t.Helper()
	tf.overrides[provider] = filepath.Dir(program)
	var lines strings.Builder
	for _, address := range slices.Sorted(maps.Keys(tf.overrides)) {
		fmt.Fprintf(&lines, "    %q = %q\n", address, tf.overrides[address])
	}
	writeFile(t, tf.Path(cliConfig), fmt.Sprintf("provider_installation {\n  dev_overrides {\n%s  }\n  direct {}\n}\n", &lines))
}

// NewTerraformFrom is NewTerraform for what Terraform knows from a version on,
// or any if least is nil. With an older one the test is skipped.
func NewTerraformFrom(t testing.TB, least *version.Version) *Terraform {
	t.Helper()
	tf := NewTerraform(t)
	if least == nil {
		return tf
	}
	if is := tf.Version(t); is.LessThan(least) {
		t.Skipf("Terraform %s does not know what is tested here, %s does", is, least)
	}
	return tf
}

// Version returns Terraform's version, of one to come that of its release.
func (tf *Terraform) Version(t testing.TB) *version.Version {
	t.Helper()
	result := tf.Run(t, "version", "-json").mustSucceed(t)
	var has struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(result.Output), &has); err != nil {
		t.Fatalf("reading Terraform's version: %s\n%s", err, result.Output)
	}
	is, err := version.NewVersion(has.Version)
	if err != nil {
		t.Fatalf("reading Terraform's version: %s", err)
	}
	return is.Core()
}

// source is the provider's address without the registry's host, which Terraform
// and OpenTofu have each their own of.
var source = strings.Join(strings.Split(provider.Address, "/")[1:], "/")

// terraformProgram is the program that plugin-testing uses too.
func terraformProgram() string {
	if program := os.Getenv("TF_ACC_TERRAFORM_PATH"); program != "" {
		return program
	}
	return "terraform"
}

// cleanEnvironment leaves out what would lead the run elsewhere: another
// cluster, other arguments, another provider.
func cleanEnvironment(environment []string) []string {
	var clean []string
	for _, variable := range environment {
		if strings.HasPrefix(variable, "KUBE") ||
			(strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "TF_LOG")) {
			continue
		}
		clean = append(clean, variable)
	}
	return clean
}

// Configure writes the configuration, in place of the one before. The block
// that says where the provider comes from is added to one that has none.
func (tf *Terraform) Configure(t testing.TB, config string) {
	t.Helper()
	if !strings.Contains(config, "required_providers") {
		config = fmt.Sprintf("terraform {\n  required_providers {\n    %s = { source = %q }\n  }\n}\n\n%s", provider.TypeName, source, config)
	}
	writeFile(t, filepath.Join(tf.dir, "main.tf"), config)
}

// Write writes another file of the configuration, or of what goes with it.
func (tf *Terraform) Write(t testing.TB, name, content string) {
	t.Helper()
	writeFile(t, tf.Path(name), content)
}

// Path returns the path of a file in the directory, such as terraform.tfstate.
func (tf *Terraform) Path(name string) string { return filepath.Join(tf.dir, name) }

// Setenv sets a variable for the runs to come.
func (tf *Terraform) Setenv(name, value string) { tf.env = append(tf.env, name+"="+value) }

// Run runs a command of Terraform to its end, whatever that is.
func (tf *Terraform) Run(t testing.TB, arguments ...string) Result {
	t.Helper()
	return tf.Start(t, arguments...).Wait(t)
}

// Apply applies the configuration, and fails the test if that fails.
func (tf *Terraform) Apply(t testing.TB) Result {
	t.Helper()
	return tf.Run(t, "apply", "-auto-approve", "-no-color").mustSucceed(t)
}

// Destroy destroys what was applied, and fails the test if that fails.
func (tf *Terraform) Destroy(t testing.TB) Result {
	t.Helper()
	return tf.Run(t, "destroy", "-auto-approve", "-no-color").mustSucceed(t)
}

// PlanIsEmpty reports whether a plan would change nothing; what it would change
// goes to the test's log.
func (tf *Terraform) PlanIsEmpty(t testing.TB) bool {
	t.Helper()
	const changes = 2 // the exit code
	result := tf.Run(t, "plan", "-detailed-exitcode", "-no-color")
	if result.ExitCode == changes {
		t.Logf("the plan has changes:\n%s", result.Output)
		return false
	}
	result.mustSucceed(t)
	return true
}

// Instance is what the state holds of a resource.
type Instance struct {
	Tainted    bool
	Attributes map[string]any
}

// State returns what the state holds of a resource by its address, such as
// sls_application.shop, or nil if it holds none.
func (tf *Terraform) State(t testing.TB, address string) *Instance {
	t.Helper()
	result := tf.Run(t, "show", "-json").mustSucceed(t)
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Tainted bool
					Values  map[string]any
				}
			} `json:"root_module"`
		}
	}
	// Warnings, as of the override, go before the document.
	_, document, _ := strings.Cut("\n"+result.Output, "\n{")
	if err := json.Unmarshal([]byte("{"+document), &state); err != nil {
		t.Fatalf("reading the state: %s\n%s", err, result.Output)
	}
	for _, resource := range state.Values.RootModule.Resources {
		if resource.Address == address {
			return &Instance{Tainted: resource.Tainted, Attributes: resource.Values}
		}
	}
	return nil
}

// buildProvider builds the provider as a program, once in a test run, and
// returns its path. Packages whose tests run at the same time build the same
// file; each puts a whole one in place. Another checkout has another file.
var buildProvider = sync.OnceValues(func() (string, error) { return build(".", provider.TypeName) })

// build builds a package of this project as the program of a provider.
func build(pkg, name string) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	module, err := moduleDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "acctest", fmt.Sprintf("%x", sha256.Sum256([]byte(module)))[:16])
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	scratch, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return "", err
	}
	built := filepath.Join(scratch, "provider")
	program := filepath.Join(dir, "terraform-provider-"+name)

	command := exec.Command("go", "build", "-o", built, pkg)
	command.Dir = module
	if output, buildErr := command.CombinedOutput(); buildErr != nil {
		err = fmt.Errorf("%w\n%s", buildErr, output)
	} else {
		err = os.Rename(built, program)
	}
	return program, errors.Join(err, os.RemoveAll(scratch))
}

// moduleDir is the folder of this project's go.mod.
func moduleDir() (string, error) {
	output, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	return strings.TrimSpace(string(output)), err
}

// cacheDir is where the project keeps what it builds, outside the checkout.
func cacheDir() (string, error) {
	if dir := os.Getenv("SLS_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "terraform-provider-sls"), err
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
