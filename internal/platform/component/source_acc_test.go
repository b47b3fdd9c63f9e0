package component_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// replaced returns a text with a part of it replaced, and fails the test if it
// is not there.
func replaced(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in it", old)
	}
	return strings.ReplaceAll(text, old, with)
}

// settings returns a manifest of one ConfigMap.
func settings(t *testing.T, namespace, name string) string {
	t.Helper()
	return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: %s}\ndata: {a: b}\n", name, namespace)
}

// from returns the configuration of a component with a source.
func from(t *testing.T, name, source, arguments string) string {
	t.Helper()
	return acctest.Render(t, `
resource "sls_platform_component" "widgets" {
  name   = {{quote .name}}
  source = {{quote .source}}
  {{.arguments}}
}
`, acctest.Values{"name": name, "source": source, "arguments": arguments})
}

// A manifest comes from a file, a directory or a URL. With a checksum, a URL is
// downloaded only when something changes, and another content is refused.
func testSource(t *testing.T, cluster *bare, name string) {
	var downloads atomic.Int32
	var content atomic.Value
	content.Store(settings(t, "default", name))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/release.yaml" {
			http.NotFound(w, request)
			return
		}
		downloads.Add(1)
		fmt.Fprint(w, content.Load())
	}))
	t.Cleanup(server.Close)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(settings(t, "default", name))))
	url := server.URL + "/release.yaml"

	tf := cluster.terraform(t, from(t, name, url, ""))
	said(t, tf.Run(t, "plan", "-no-color"), "What is downloaded is not checked", "Set sha256")
	cluster.configure(t, tf, from(t, name, url, `sha256 = "`+sum+`"`))
	applied(t, tf)
	before := downloads.Load()
	if !tf.PlanIsEmpty(t) || downloads.Load() != before {
		t.Errorf("a plan without a change has downloaded the manifest")
	}
	cluster.patch(t, "somebody", configMaps, "default", name, `{"data":{"a":"c"}}`)
	said(t, tf.Run(t, "plan", "-no-color"), "changed by somebody: .data.a", "sha256:")
	applied(t, tf)

	// An import brings the whole configuration.
	tf.Run(t, "state", "rm", address)
	if imported := tf.Run(t, "import", "-no-color", address, name); imported.ExitCode != 0 {
		t.Fatal(imported.Output)
	}
	settled(t, tf)

	content.Store(settings(t, "default", name) + "# changed\n")
	cluster.configure(t, tf, from(t, name, url, `
  sha256 = "`+sum+`"
  labels = { team = "platform" }
`))
	refused(t, tf, plan, "The manifest has another checksum", "wants", sum)
	cluster.configure(t, tf, from(t, name, server.URL+"/elsewhere.yaml", ""))
	refused(t, tf, plan, "The manifest can't be downloaded", "404")

	// The same objects by another way.
	folder := t.TempDir()
	for file, text := range map[string]string{"a.yaml": settings(t, "default", name), "below/b.yaml": "# nothing yet\n", "README.md": "not a manifest"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cluster.configure(t, tf, from(t, name, folder, ""))
	applied(t, tf)
	cluster.configure(t, tf, from(t, name, filepath.Join(folder, "a.yaml"), `labels = { team = "platform" }`))
	applied(t, tf)
	if team := cluster.find(t, configMaps, "default", name).GetLabels()["team"]; team != "platform" {
		t.Errorf("the label is %q", team)
	}
	tf.Destroy(t)
	cluster.gone(t, configMaps, "default", name)
}

// A plan needs no cluster, also where the connection is not known yet.
func TestAccComponentPlansWithoutCluster(t *testing.T) {
	t.Parallel()
	manifest := settings(t, "default", "offline")
	for name, block := range map[string]string{
		"away": "provider \"sls\" {\n  host  = \"https://127.0.0.1:1\"\n  token = \"none\"\n}\n",
		"unknown": "resource \"terraform_data\" \"cluster\" {\n  input = \"https://127.0.0.1:1\"\n}\n" +
			"provider \"sls\" {\n  host  = terraform_data.cluster.output\n  token = \"none\"\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewTerraform(t)
			tf.Configure(t, block+inline(t, "offline", manifest, ""))
			result := tf.Run(t, "plan", "-no-color")
			if result.ExitCode != 0 {
				t.Fatal(result.Output)
			}
			said(t, result, `"ConfigMap default/offline"`, "sha256:")

			tf.Configure(t, block+"resource \"terraform_data\" \"text\" {\n  input = \"x\"\n}\n"+acctest.Render(t, `
resource "sls_platform_component" "widgets" {
  name     = "offline"
  manifest = terraform_data.text.output
}
`, nil))
			if result := tf.Run(t, "plan", "-no-color"); result.ExitCode != 0 {
				t.Fatal(result.Output)
			}
		})
	}
}

// What is wrong with a manifest is told by the plan, where it is.
func TestAccComponentRefusedAtPlan(t *testing.T) {
	t.Parallel()
	const block = "provider \"sls\" {\n  host  = \"https://127.0.0.1:1\"\n  token = \"none\"\n}\n"
	good := settings(t, "default", "a")
	for name, test := range map[string]struct {
		config string
		says   []string
	}{
		"broken YAML":  {inline(t, "a", good+"---\napiVersion: [v1\n", ""), []string{"The manifest is broken", "the document at line 6", "Nothing of it was applied"}},
		"no object":    {inline(t, "a", good+"---\nkind: ConfigMap\nmetadata: {name: b}\n", ""), []string{"The manifest is broken", "lacks an apiVersion"}},
		"twice":        {inline(t, "a", good+"---\n"+replaced(t, good, "a: b", "a: c"), ""), []string{"ConfigMap default/a is in the manifest twice"}},
		"no namespace": {inline(t, "a", replaced(t, good, ", namespace: default", ""), ""), []string{"An object is in no namespace", "Set namespace"}},
		"checksum":     {inline(t, "a", good, `sha256 = "`+strings.Repeat("0", 64)+`"`), []string{"The manifest has another checksum", strings.Repeat("0", 64)}},
		"no checksum":  {inline(t, "a", good, `sha256 = "abc"`), []string{"64 hexadecimal digits"}},
		"no file":      {from(t, "a", "nowhere.yaml", ""), []string{"The manifest does not exist", "path.module"}},
		"both":         {from(t, "a", "nowhere.yaml", `manifest = "x"`), []string{"Invalid Attribute Combination"}},
		"pointer":      {inline(t, "a", good, `ignore_fields = [{ kind = "ConfigMap", paths = ["data.a"] }]`), []string{"JSON pointer"}},
		"reserved":     {inline(t, "a", good, `labels = { "sls-platform.github.io/component" = "b" }`), []string{"this provider's own"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewTerraform(t)
			tf.Configure(t, block+test.config)
			refused(t, tf, plan, test.says...)
		})
	}
}
