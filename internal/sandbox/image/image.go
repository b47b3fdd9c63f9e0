// Package image makes container images from programs: one uncompressed layer
// each, the same bytes every time, so that an image's digest changes only
// with what is in it.
package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Spec is an image to make.
type Spec struct {
	// Program is the path of the program that the image runs.
	Program string
	// As is its path in the image.
	As string
	// More are further files of the image, by their paths in it.
	More map[string]string
	// Args are passed to the program when a container gives none.
	Args []string
	// User is the user that it runs as.
	User string
	// Env are environment variables, NAME=value.
	Env []string
}

// dir is the folder for programs in images.
const dir = "/app"

// Program describes an image for a program that runs without privileges.
func Program(file, name string) Spec {
	return Spec{Program: file, As: path.Join(dir, name), User: "65532:65532", Env: []string{"PATH=" + dir}}
}

// passwd names the users that programs look themselves up as.
const passwd = "root:x:0:0:root:/root:/bin/false\nnonroot:x:65532:65532:nonroot:/tmp:/bin/false\n"

// base is what every image has.
func base() []file {
	return []file{
		{name: "tmp/", mode: 0o1777},
		{name: "etc/", mode: 0o755},
		{name: "etc/passwd", mode: 0o644, text: passwd},
	}
}

// Build makes the image. It reads the program several times, but holds
// nothing of it in memory.
func Build(s Spec) (v1.Image, error) {
	files := append(base(), file{name: s.As[1:], mode: 0o755, path: s.Program})
	for _, path := range slices.Sorted(maps.Keys(s.More)) {
		files = append(files, file{name: path[1:], mode: 0o755, path: s.More[path]})
	}
	libraries, err := Libraries(s.Program)
	if err != nil {
		return nil, fmt.Errorf("image of %s: %w", s.Program, err)
	}
	for _, l := range libraries {
		files = append(files, file{name: l[1:], mode: 0o755, path: l})
	}
	img, err := assemble(v1.Config{Entrypoint: []string{s.As}, Cmd: s.Args, User: s.User, Env: s.Env}, files)
	if err != nil {
		return nil, fmt.Errorf("image of %s: %w", s.Program, err)
	}
	return img, nil
}

// assemble makes an image of layers, one of each list of files.
func assemble(config v1.Config, layers ...[]file) (v1.Image, error) {
	img := mutate.MediaType(mutate.ConfigMediaType(empty.Image, types.OCIConfigJSON), types.OCIManifestSchema1)
	for _, files := range layers {
		layer, err := newLayer(files)
		if err != nil {
			return nil, err
		}
		if img, err = mutate.AppendLayers(img, layer); err != nil {
			return nil, err
		}
	}
	cf, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	cf = cf.DeepCopy()
	cf.OS, cf.Architecture = "linux", runtime.GOARCH
	cf.Config = config
	return mutate.ConfigFile(img, cf)
}

// file is an entry of the layer: a folder, a text or a file of the host.
type file struct {
	name string
	mode int64
	text string
	path string
}

// layer is an uncompressed layer that is written anew whenever it is read.
type layer struct {
	files []file
	hash  v1.Hash
	size  int64
}

func newLayer(files []file) (*layer, error) {
	l := &layer{files: files}
	sum := sha256.New()
	count := &counter{}
	if err := l.write(io.MultiWriter(sum, count)); err != nil {
		return nil, err
	}
	l.hash = v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum.Sum(nil))}
	l.size = count.n
	return l, nil
}

func (l *layer) write(w io.Writer) error {
	t := tar.NewWriter(w)
	for _, f := range l.files {
		// No times and no owners: they would make each build another image.
		h := &tar.Header{Name: f.name, Mode: f.mode, Format: tar.FormatPAX, Typeflag: tar.TypeReg, Size: int64(len(f.text))}
		if f.path == "" && f.text == "" {
			h.Typeflag = tar.TypeDir
		}
		if err := writeEntry(t, h, f); err != nil {
			return err
		}
	}
	return t.Close()
}

func writeEntry(t *tar.Writer, h *tar.Header, f file) error {
	if f.path == "" {
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err := io.WriteString(t, f.text)
		return err
	}
	src, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	h.Size = info.Size()
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(t, src)
	return err
}

// Digest implements v1.Layer.
func (l *layer) Digest() (v1.Hash, error) { return l.hash, nil }

// DiffID implements v1.Layer.
func (l *layer) DiffID() (v1.Hash, error) { return l.hash, nil }

// Compressed implements v1.Layer. Nothing is compressed: the registry is on
// the same machine, and unpacking would take longer than copying.
func (l *layer) Compressed() (io.ReadCloser, error) { return l.Uncompressed() }

// Uncompressed implements v1.Layer.
func (l *layer) Uncompressed() (io.ReadCloser, error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(l.write(w)) }()
	return r, nil
}

// Size implements v1.Layer.
func (l *layer) Size() (int64, error) { return l.size, nil }

// MediaType implements v1.Layer.
func (l *layer) MediaType() (types.MediaType, error) { return types.OCIUncompressedLayer, nil }

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// Format names how images are made; it changes when Build's result does.
const Format = "1"
