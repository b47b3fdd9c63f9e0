package registry_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

const (
	namespace = "sls-platform"
	root      = "../../.." // of the checkout
)

// release is a version of the provider in the form that registries take, as
// .goreleaser.yml lays it out, for this platform alone.
type release struct {
	dir, version string
}

func (r release) file(suffix string) string {
	return filepath.Join(r.dir, "terraform-provider-sls_"+r.version+suffix)
}

func (r release) archive() string   { return r.file("_" + runtime.GOOS + "_" + runtime.GOARCH + ".zip") }
func (r release) manifest() string  { return r.file("_manifest.json") }
func (r release) sums() string      { return r.file("_SHA256SUMS") }
func (r release) signature() string { return r.sums() + ".sig" }

// newRelease builds the provider at a version, and packs and signs it.
func newRelease(t *testing.T, version string, signer *openpgp.Entity) release {
	t.Helper()
	r := release{t.TempDir(), version}
	program := filepath.Join(t.TempDir(), "terraform-provider-sls_v"+version)
	// As make install builds it, so that nothing but the link is done again.
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w -X main.version="+version, "-o", program, ".")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %s\n%s", err, output)
	}
	pack(t, r.archive(), program)
	manifest, err := os.ReadFile(filepath.Join(root, "terraform-registry-manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, r.manifest(), manifest)
	r.sum(t)
	r.sign(t, signer)
	return r
}

// pack makes a zip with a program in it.
func pack(t *testing.T, archive, program string) {
	t.Helper()
	from, err := os.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	var packed bytes.Buffer
	writer := zip.NewWriter(&packed)
	header := &zip.FileHeader{Name: filepath.Base(program), Method: zip.Deflate}
	header.SetMode(0o755)
	to, err := writer.CreateHeader(header)
	if err == nil {
		_, err = io.Copy(to, from)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		t.Fatalf("packing the provider: %s", err)
	}
	write(t, archive, packed.Bytes())
}

// sum writes the checksums of what there is.
func (r release) sum(t *testing.T) {
	t.Helper()
	var sums bytes.Buffer
	for _, path := range []string{r.archive(), r.manifest()} {
		fmt.Fprintf(&sums, "%s  %s\n", checksum(t, path), filepath.Base(path))
	}
	write(t, r.sums(), sums.Bytes())
}

// sign signs the checksums.
func (r release) sign(t *testing.T, signer *openpgp.Entity) {
	t.Helper()
	sums, err := os.ReadFile(r.sums())
	if err != nil {
		t.Fatal(err)
	}
	var signature bytes.Buffer
	if err := openpgp.DetachSign(&signature, signer, bytes.NewReader(sums), nil); err != nil {
		t.Fatalf("signing the checksums: %s", err)
	}
	write(t, r.signature(), signature.Bytes())
}

// copy makes a copy, to be changed.
func (r release) copy(t *testing.T) release {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	return release{dir, r.version}
}

// infect packs another program in the place of the one that was built.
func (r release) infect(t *testing.T) {
	t.Helper()
	reader, err := zip.OpenReader(r.archive())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	packed, err := reader.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), reader.File[0].Name)
	write(t, program, append(content, "a virus"...))
	pack(t, r.archive(), program)
}

func checksum(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// newSigner makes a key that signs releases, for this test only.
func newSigner(t *testing.T, name string) *openpgp.Entity {
	t.Helper()
	signer, err := openpgp.NewEntity(name, "", "releases@sls.example", nil)
	if err != nil {
		t.Fatalf("making a key: %s", err)
	}
	return signer
}

// publicKey is what a registry tells of a signer.
func publicKey(t *testing.T, signer *openpgp.Entity) string {
	t.Helper()
	var armored bytes.Buffer
	writer, err := armor.Encode(&armored, openpgp.PublicKeyType, nil)
	if err == nil {
		err = signer.Serialize(writer)
	}
	if err == nil {
		err = writer.Close()
	}
	if err != nil {
		t.Fatalf("encoding the public key: %s", err)
	}
	return armored.String()
}
