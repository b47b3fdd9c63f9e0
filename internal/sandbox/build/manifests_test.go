package build

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pinned returns the version of the Go module that holds a package.
func pinned(t *testing.T, module, pkg string) string {
	t.Helper()
	list := exec.Command("go", "list", "-find", "-f", "{{.Module.Version}}", pkg)
	list.Dir = filepath.Join("..", module)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%s pins no %s: %v", module, pkg, err)
	}
	return strings.TrimSpace(string(out))
}

// What the manifests say of their version is so.
func TestReleases(t *testing.T) {
	for _, k := range []Knative{Current, Previous} {
		if got := pinned(t, k.module, "knative.dev/serving/cmd/controller"); got != k.Version {
			t.Errorf("%s pins Knative %s, want %s", k.module, got, k.Version)
		}
		for _, s := range sources(k) {
			if s.release == "" || !strings.HasSuffix(s.of, "/cmd/controller") {
				continue
			}
			var minor, patch int
			version := pinned(t, s.build, s.of)
			if _, err := fmt.Sscanf(version, "v0.%d.%d", &minor, &patch); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("1.%d.%d", minor-27, patch); s.release != want {
				t.Errorf("%s of %s is labelled %s, want %s", s.of, version, s.release, want)
			}
		}
	}
}

func TestCopyFileLabelsTheRelease(t *testing.T) {
	from := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(from, []byte("labels:\n  app.kubernetes.io/version: devel\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for release, want := range map[string]string{"1.23.0": `version: "1.23.0"`, "": "version: devel"} {
		to := t.TempDir()
		if err := copyFile(from, to, release); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(to, "a.yaml"))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("release %q: got %s, %v", release, text, err)
		}
	}
}
