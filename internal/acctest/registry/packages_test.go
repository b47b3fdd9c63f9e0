package registry_test

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packages runs .ci/package-modules on a folder of modules, and returns what it
// made, by path, or what it said when it failed.
func packages(t *testing.T, modules map[string]string, arguments ...string) (made map[string]string, said string) {
	t.Helper()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "packages")
	for path, text := range modules {
		path = filepath.Join(from, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arguments = append(append([]string{to}, arguments...), from)
	output, err := exec.CommandContext(t.Context(), "../../../.ci/package-modules", arguments...).CombinedOutput()
	if err != nil {
		if left, _ := filepath.Glob(to + "*"); left != nil {
			t.Errorf("it failed and left %v", left)
		}
		return nil, string(output)
	}
	made = map[string]string{}
	err = fs.WalkDir(os.DirFS(to), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(to, path))
		made[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made, ""
}

const (
	versions = "terraform {\n  required_providers {\n    sls = {\n      source  = \"sls-platform/sls\"\n    }\n  }\n}\n"
	caller   = "module \"inner\" {\n  source = \"../inner\"\n}\n"
)

// A package holds all that its module calls, as deep as that goes, and nothing
// that is of use in the repository only.
func TestPackagesStandAlone(t *testing.T) {
	t.Parallel()
	made, said := packages(t, map[string]string{
		"inner/main.tf":            versions,
		"inner/tests/a.tftest.hcl": "",
		"middle/main.tf":           caller,
		"middle/template.tftpl":    "${a}",
		"outer/main.tf":            "module \"a\" {\n  source   = \"../middle\"\n}\n" + caller,
		"outer/.terraform/x":       "",
		"outer/terraform.tfstate":  "",
		"outer/README.md":          "[all](../../examples/all)\n```hcl\n  source  = \"sls-platform/outer/sls\"\n```\n",
	}, "0.2.0", "")
	if made == nil {
		t.Fatal(said)
	}
	want := []string{
		"inner/CHANGELOG.md", "inner/boring-registry.hcl", "inner/main.tf",
		"middle/CHANGELOG.md", "middle/boring-registry.hcl", "middle/main.tf", "middle/modules/inner/main.tf", "middle/template.tftpl",
		"outer/CHANGELOG.md", "outer/README.md", "outer/boring-registry.hcl", "outer/main.tf", "outer/modules/inner/main.tf",
		"outer/modules/middle/main.tf", "outer/modules/middle/modules/inner/main.tf", "outer/modules/middle/template.tftpl",
	}
	if got := slices.Sorted(maps.Keys(made)); !slices.Equal(got, want) {
		t.Errorf("the packages hold\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for path, want := range map[string]string{
		"outer/main.tf": "module \"a\" {\n  source   = \"./modules/middle\"\n}\nmodule \"inner\" {\n  source = \"./modules/inner\"\n}\n",
		"inner/main.tf": versions,
		"outer/README.md": "[all](https://github.com/sls-platform/terraform-provider-sls/tree/v0.2.0/examples/all)\n" +
			"```hcl\n  source  = \"sls-platform/outer/sls\"\n```\n",
		"outer/boring-registry.hcl": "metadata {\n  namespace = \"sls-platform\"\n  name      = \"outer\"\n  provider  = \"sls\"\n  version   = \"0.2.0\"\n}\n",
	} {
		if made[path] != want {
			t.Errorf("%s is\n%s\nwant\n%s", path, made[path], want)
		}
	}
}

// A private registry's modules take the provider from there: the public one,
// which a name without a host means, has another or none.
func TestPackagesNameTheRegistry(t *testing.T) {
	t.Parallel()
	made, said := packages(t, map[string]string{
		"inner/main.tf":   versions,
		"outer/main.tf":   caller,
		"outer/README.md": "```hcl\n  source  = \"sls-platform/outer/sls\"\n```\n",
	}, "0.1.0", "registry.example.com:8443")
	if made == nil {
		t.Fatal(said)
	}
	for path, want := range map[string]string{
		"inner/main.tf":               `source  = "registry.example.com:8443/sls-platform/sls"`,
		"outer/modules/inner/main.tf": `source  = "registry.example.com:8443/sls-platform/sls"`,
		"outer/main.tf":               `source = "./modules/inner"`,
		"outer/README.md":             `source  = "registry.example.com:8443/sls-platform/outer/sls"`,
	} {
		if !strings.Contains(made[path], want) {
			t.Errorf("%s lacks %s:\n%s", path, want, made[path])
		}
	}
}

// What would not work where it is published is refused, and nothing is left that
// could be published nevertheless.
func TestPackagesAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		main, version, says string
	}{
		"a file outside the module": {`locals { a = file("${path.module}/../a") }`, "0.1.0", "would not stand alone"},
		"a module that isn't there": {`module "a" {
  source = "../nowhere"
}`, "0.1.0", "calls ../nowhere"},
		"a tag for a version": {"", "v0.1.0", "is no version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, said := packages(t, map[string]string{"it/main.tf": test.main}, test.version, "")
			if made != nil || !strings.Contains(said, test.says) {
				t.Errorf("made %v, said %q, want %q", made, said, test.says)
			}
		})
	}
}
