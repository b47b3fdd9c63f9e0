package acctest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Use makes an example or a module as it stands the configuration, in place of
// the one before: the *.tf files of dir, and those of its tests, with the
// variables of varFile, unless that is empty, and values over them. The provider
// is left to the example, and to the variables of the environment, which name
// the tests' cluster and their Owner.
func (tf *Terraform) Use(t testing.TB, dir, varFile string, values Values) {
	t.Helper()
	const tests = "tests/*.tftest.hcl"
	for _, pattern := range []string{"*.tf", "*.tfvars", tests} {
		for _, old := range glob(t, tf.dir, pattern) {
			if err := os.Remove(old); err != nil {
				t.Fatal(err)
			}
		}
	}
	files := glob(t, dir, "*.tf")
	if len(files) == 0 {
		t.Fatalf("%s holds no *.tf files", dir)
	}
	callsModules := false
	for _, file := range files {
		calls := copyConfig(t, file, filepath.Join(tf.dir, filepath.Base(file)))
		callsModules = callsModules || calls
	}
	if callsModules {
		tf.Modules(t)
	}
	for _, file := range glob(t, dir, tests) {
		to := filepath.Join(tf.dir, filepath.Dir(tests))
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		copyFile(t, file, filepath.Join(to, filepath.Base(file)))
	}
	if varFile != "" {
		copyFile(t, filepath.Join(dir, varFile), filepath.Join(tf.dir, "terraform.tfvars"))
	}
	tf.Variables(t, values)
	tf.Setenv("KUBE_CONFIG_PATH", Owner(t).Kubeconfig)
	if callsModules {
		tf.Run(t, "get", "-no-color").mustSucceed(t)
	}
}

// Within makes the directory a place in a copy of the checkout's examples and
// modules, such as disaster-recovery/primary: for one that calls modules which
// call others by their place.
func (tf *Terraform) Within(t testing.TB, example string) {
	t.Helper()
	tf.bring(t, "examples", "modules")
	tf.dir = filepath.Join(tf.dir, "examples", example)
	tf.Run(t, "get", "-no-color").mustSucceed(t)
}

// Variables gives the configuration its variables.
func (tf *Terraform) Variables(t testing.TB, values Values) {
	t.Helper()
	variables, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	// Terraform reads it after terraform.tfvars.
	writeFile(t, tf.Path("terraform.tfvars.json"), string(variables))
}

// Modules makes the checkout's modules those that a configuration calls as
// ./modules/NAME: what is called by its place elsewhere can't call its neighbours.
func (tf *Terraform) Modules(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(tf.Path("modules")); err != nil {
		tf.bring(t, "modules")
	}
}

// bring copies folders of the checkout into the directory.
func (tf *Terraform) bring(t testing.TB, folders ...string) {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if err := os.CopyFS(tf.Path(folder), os.DirFS(filepath.Join(module, folder))); err != nil {
			t.Fatal(err)
		}
	}
}

// byPlace is a call of a module by its place in the checkout, from an example or
// from another module.
var byPlace = regexp.MustCompile(`(?m)^(\s*source\s*=\s*)"(?:\.\./\.\./modules|\.\.)/([a-z-]+)"`)

// copyConfig copies a file of an example or a module. The modules that it calls
// by their place in the checkout it calls as ./modules/NAME; whether it does is
// the result.
func copyConfig(t testing.TB, from, to string) (callsModules bool) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	text := byPlace.ReplaceAllString(string(content), `${1}"./modules/${2}"`)
	writeFile(t, to, text)
	return text != string(content)
}

// Output returns the value of an output, a string, as the state holds it.
func (tf *Terraform) Output(t testing.TB, name string) string {
	t.Helper()
	result := tf.Run(t, "output", "-raw", "-no-color", name).mustSucceed(t)
	return strings.TrimSpace(result.Output)
}

// OutputJSON returns the value of an output of any type, as JSON.
func (tf *Terraform) OutputJSON(t testing.TB, name string) string {
	t.Helper()
	result := tf.Run(t, "output", "-json", "-no-color", name).mustSucceed(t)
	return strings.TrimSpace(result.Output)
}

func glob(t testing.TB, dir, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(content))
}

// Override lays blocks over those of the example, as Terraform does with an
// override file.
func (tf *Terraform) Override(t testing.TB, blocks string) {
	t.Helper()
	writeFile(t, tf.Path("override.tf"), blocks+"\n")
}
