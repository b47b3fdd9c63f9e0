package image

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "built")
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBuild(t *testing.T) {
	spec := Program(program(t, "the program"), "hello")
	spec.More = map[string]string{"/plugins/more": program(t, "another")}
	img, err := Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(img, validate.Fast); err != nil {
		t.Error(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(config.Config.Entrypoint, []string{"/app/hello"}) || config.Config.User != "65532:65532" || config.OS != "linux" {
		t.Errorf("configuration: %+v", config.Config)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	found := entries(t, layers[0])
	if found["app/hello"] != "-rwxr-xr-x the program" || found["plugins/more"] != "-rwxr-xr-x another" {
		t.Errorf("the layer holds %v", found)
	}
	if _, ok := found["tmp/"]; !ok {
		t.Error("no folder for temporary files")
	}
}

// Folders are layers; a link is the file that it leads to.
func TestFolders(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(first, "usr", "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program(t, "the program"), filepath.Join(first, "usr", "bin", "shell")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "empty"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	img, err := Folders(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(img, validate.Fast); err != nil {
		t.Error(err)
	}
	layers, err := img.Layers()
	if err != nil || len(layers) != 2 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	if found := entries(t, layers[0]); found["usr/bin/shell"] != "-rwxr-xr-x the program" || found["usr/bin/"] != "drwxr-xr-x " {
		t.Errorf("the first layer holds %v", found)
	}
	if found := entries(t, layers[1]); len(found) != 1 || found["empty"] != "-rw-r--r-- " {
		t.Errorf("the second layer holds %v", found)
	}
	if err := os.Symlink("nowhere", filepath.Join(second, "broken")); err != nil {
		t.Fatal(err)
	}
	if _, err := Folders(second); err == nil {
		t.Error("a link that leads nowhere came into an image")
	}
}

// entries are mode and text of a layer's entries.
func entries(t *testing.T, layer v1.Layer) map[string]string {
	t.Helper()
	content, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	found := map[string]string{}
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		found[h.Name] = h.FileInfo().Mode().String() + " " + string(text)
	}
}

// An image's name by digest must change with its content and with nothing
// else.
func TestDigest(t *testing.T) {
	digest := func(text, name string) string {
		img, err := Build(Program(program(t, text), name))
		if err != nil {
			t.Fatal(err)
		}
		d, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d.String()
	}
	a := digest("one", "hello")
	if again := digest("one", "hello"); again != a {
		t.Errorf("the same program in another place and time gave %s, then %s", a, again)
	}
	if digest("two", "hello") == a || digest("one", "other") == a {
		t.Error("another program, or another name, gave the same digest")
	}
}

func TestLibraries(t *testing.T) {
	const ls = "/bin/ls"
	dynamic, err := Libraries(ls)
	if err != nil || len(dynamic) == 0 {
		t.Skipf("%s is no dynamic program to try: %v", ls, err)
	}
	var names []string
	for _, path := range dynamic {
		names = append(names, filepath.Base(path))
	}
	if !slices.Contains(names, "libc.so.6") || !slices.ContainsFunc(names, func(n string) bool { return len(n) > 3 && n[:3] == "ld-" }) {
		t.Errorf("ls needs %v", names)
	}
	if static, err := Libraries(program(t, "#!/bin/sh\n")); err != nil || len(static) > 0 {
		t.Errorf("a script needs %v, %v", static, err)
	}
}
