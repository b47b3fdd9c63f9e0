package manifest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The digest of a directory is what the documentation says: users compute it so.
func TestDirectoryDigest(t *testing.T) {
	folder := write(t, map[string]string{"b.yaml": "b", "a/z.yml": "z", "a/b/c.json": "c", "a.yaml": "a", "README.md": "no", "a/x.yaml.orig": "no"})
	content, err := Load(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range content.Files {
		names = append(names, file.Name)
	}
	if got := strings.Join(names, " "); got != "a.yaml a/b/c.json a/z.yml b.yaml" {
		t.Errorf("the files are %s", got)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c",
		`(cd "$1" && find . -type f \( -name '*.yaml' -o -name '*.yml' -o -name '*.json' \) | sed 's|^./||' | LC_ALL=C sort | xargs sha256sum) | sha256sum`, "sh", folder)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Fields(string(output))[0]; content.Digest != want {
		t.Errorf("the digest is %s, and the command of the documentation prints %s", content.Digest, want)
	}
}

func TestLoad(t *testing.T) {
	folder := write(t, map[string]string{"a.yaml": "text", "empty/README.md": ""})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/a.yaml" {
			fmt.Fprint(w, "text")
			return
		}
		http.Error(w, "not here", http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("text")))
	for _, source := range []string{filepath.Join(folder, "a.yaml"), server.URL + "/a.yaml"} {
		content, err := Load(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if content.Digest != sum || string(content.Files[0].Data) != "text" {
			t.Errorf("%s: %+v", source, content)
		}
		if err := content.Verify(strings.ToUpper(sum)); err != nil {
			t.Error(err)
		}
		var wrong *Error
		if err := content.Verify(strings.Repeat("0", 64)); !errors.As(err, &wrong) || wrong.Attribute != "sha256" || !strings.Contains(wrong.Detail, sum) {
			t.Errorf("another checksum: %v", err)
		}
	}
	secret := strings.Replace(server.URL, "http://", "http://user:pa55@", 1)
	server2 := httptest.NewServer(nil)
	server2.Close()
	for source, says := range map[string]string{
		filepath.Join(folder, "b.yaml"): "There is no file or directory",
		filepath.Join(folder, "empty"):  "there is no file that ends with",
		secret + "/b.yaml":              "404",
		server2.URL:                     "can't be downloaded",
	} {
		_, err := Load(t.Context(), source)
		var broken *Error
		if !errors.As(err, &broken) || broken.Attribute != "source" || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "pa55") {
			t.Errorf("%s: %v", source, err)
		}
	}
}
