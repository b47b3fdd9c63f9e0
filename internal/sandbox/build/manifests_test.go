package build

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pinned returns the version of a Go module that a build's module pins.
func pinned(t *testing.T, build, module string) string {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module)
	list.Dir = filepath.Join("..", build)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%s pins no %s: %v", build, module, err)
	}
	return strings.TrimSpace(string(out))
}

// What the manifests say of their version is so.
func TestReleases(t *testing.T) {
	for _, k := range []Knative{Current, Previous} {
		if got := pinned(t, k.module, "knative.dev/serving"); got != k.Version {
			t.Errorf("%s pins Knative %s, want %s", k.module, got, k.Version)
		}
		for _, s := range sources(k) {
			if s.module != "knative.dev/serving" && s.module != "knative.dev/net-gateway-api" {
				continue
			}
			var minor, patch int
			version := pinned(t, s.build, s.module)
			if _, err := fmt.Sscanf(version, "v0.%d.%d", &minor, &patch); err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("1.%d.%d", minor-27, patch); s.release != want {
				t.Errorf("%s %s is labelled %s, want %s", s.module, version, s.release, want)
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
