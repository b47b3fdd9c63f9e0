// Package cachedir keeps results that are expensive to make in folders named
// by a hash of what they were made from. A folder is either whole or not
// there: it is filled under another name and renamed at the end.
package cachedir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/lock"
)

// Key collects the inputs of a result.
type Key struct{ sum hash.Hash }

// NewKey begins a key. The parts are inputs that are plain text: versions,
// flags.
func NewKey(parts ...string) Key {
	k := Key{sum: sha256.New()}
	for _, p := range parts {
		k.begin("text", p, int64(len(p)))
	}
	return k
}

// Every input is preceded by its kind, name and length, so that no two lists
// of inputs read the same.
func (k Key) begin(kind, name string, size int64) {
	fmt.Fprintf(k.sum, "%s %q %d\n", kind, name, size)
}

// Files adds the content and relative name of every file in dir that keep
// accepts, in a fixed order.
func (k Key) Files(dir string, keep func(path string) bool) error {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err == nil && d.Type().IsRegular() && keep(rel) {
			paths = append(paths, rel)
		}
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(paths)
	for _, rel := range paths {
		if err := k.file(filepath.Join(dir, rel), rel); err != nil {
			return err
		}
	}
	return nil
}

func (k Key) file(path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	k.begin("file", name, info.Size())
	_, err = io.Copy(k.sum, f)
	return err
}

// String is the hash, short enough for a file name.
func (k Key) String() string { return hex.EncodeToString(k.sum.Sum(nil))[:16] }

// Store is a folder of results.
type Store struct {
	Dir   string
	Locks string
}

// Path is where the result called name with this key is, or will be.
func (s Store) Path(name string, k Key) string {
	return filepath.Join(s.Dir, name+"-"+k.String())
}

// Has tells whether the result is there.
func (s Store) Has(name string, k Key) bool {
	_, err := os.Stat(s.Path(name, k))
	return err == nil
}

// Get returns the result's folder; where it is missing, fill makes it in the
// folder that it is handed. Two processes that want the same result make it
// once.
func (s Store) Get(ctx context.Context, name string, k Key, fill func(dir string) error) (string, error) {
	path := s.Path(name, k)
	if s.Has(name, k) {
		s.touch(path)
		return path, nil
	}
	held, err := lock.Acquire(ctx, filepath.Join(s.Locks, "build-"+name), nil)
	if err != nil {
		return "", err
	}
	defer held.Release()
	if s.Has(name, k) {
		return path, nil
	}
	partial := path + partialSuffix
	// What a killed process left is of no use: nobody knows what is missing.
	if err := os.RemoveAll(partial); err != nil {
		return "", err
	}
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return "", err
	}
	if err := fill(partial); err != nil {
		return "", errors.Join(err, os.RemoveAll(partial))
	}
	if err := flush(partial); err != nil {
		return "", err
	}
	if err := os.Rename(partial, path); err != nil {
		return "", err
	}
	return path, s.prune(name, path)
}

const partialSuffix = ".partial"

// flush writes the file system out: after a power failure a rename may
// otherwise have survived its files' contents.
func flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}

// keepUnused is for how long a result stays that nobody asks for: long
// enough to switch between branches.
const keepUnused = 14 * 24 * time.Hour

func (s Store) touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now) // only prune reads it
}

// prune removes results of the same name that were not used for long.
func (s Store) prune(name, keep string) error {
	paths, err := filepath.Glob(filepath.Join(s.Dir, name+"-*"))
	if err != nil {
		return err
	}
	for _, p := range paths {
		key := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), name+"-"), partialSuffix)
		info, err := os.Stat(p)
		if p == keep || len(key) != 16 || err != nil || time.Since(info.ModTime()) < keepUnused {
			continue
		}
		if err := os.RemoveAll(p); err != nil {
			return err
		}
	}
	return nil
}
