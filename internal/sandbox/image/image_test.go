package image

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

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
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	found := map[string]string{}
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		found[h.Name] = string(text)
		if h.Name == "app/hello" && h.Mode != 0o755 {
			t.Errorf("the program has mode %o", h.Mode)
		}
	}
	if found["app/hello"] != "the program" || found["plugins/more"] != "another" {
		t.Errorf("the layer holds %v", found)
	}
	if _, ok := found["tmp/"]; !ok {
		t.Error("no folder for temporary files")
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
