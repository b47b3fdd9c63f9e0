// Package registry is the sandbox's image registry: one process on the host,
// outside any cluster, that keeps its images over restarts.
package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"

	"github.com/google/go-containerregistry/pkg/registry"
)

// manifestPath is the API's path of a manifest.
var manifestPath = regexp.MustCompile(`^/v2/(.+)/manifests/([^/]+)$`)

// store serves the registry's API from a folder. The library keeps blobs
// there by itself, but manifests in memory: those that were accepted are
// noted, and told to it again at the next start.
type store struct {
	http.Handler
	manifests string
}

// note is a manifest that was accepted.
type note struct {
	Path        string
	ContentType string
	Content     []byte
}

func openStore(dir string) (*store, error) {
	blobs := filepath.Join(dir, "blobs")
	s := &store{manifests: filepath.Join(dir, "manifests")}
	for _, d := range []string{blobs, s.manifests} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	s.Handler = registry.New(registry.WithBlobHandler(registry.NewDiskBlobHandler(blobs)), registry.Logger(log.New(io.Discard, "", 0)))
	return s, s.replay()
}

// replay tells the library the manifests that it had. An index is refused
// before its images are there, hence the rounds.
func (s *store) replay() error {
	paths, err := filepath.Glob(filepath.Join(s.manifests, "*.json"))
	if err != nil {
		return err
	}
	for len(paths) > 0 {
		var refused []string
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			var n note
			if err := json.Unmarshal(text, &n); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			if code := s.put(n); code != http.StatusCreated {
				refused = append(refused, p)
			}
		}
		if len(refused) == len(paths) {
			// Their blobs are gone: whoever wants them pushes them again.
			for _, p := range refused {
				log.Printf("forgetting manifest %s: it is refused", p)
				if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
			}
			return nil
		}
		paths = refused
	}
	return nil
}

func (s *store) put(n note) int {
	r := httptest.NewRequest(http.MethodPut, n.Path, bytes.NewReader(n.Content))
	r.Header.Set("Content-Type", n.ContentType)
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	return w.Code
}

// maxManifest is the size that registries commonly allow.
const maxManifest = 4 << 20

// ServeHTTP implements http.Handler.
func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !manifestPath.MatchString(r.URL.Path) {
		s.Handler.ServeHTTP(w, r)
		return
	}
	switch r.Method {
	case http.MethodPut:
		content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxManifest))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(content))
		answer := httptest.NewRecorder()
		s.Handler.ServeHTTP(answer, r)
		if answer.Code == http.StatusCreated {
			// Before the client is told that it is kept, it is.
			n := note{Path: r.URL.Path, ContentType: r.Header.Get("Content-Type"), Content: content}
			if err := s.write(n); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(w)
	case http.MethodDelete:
		s.Handler.ServeHTTP(w, r)
		if err := os.Remove(s.file(r.URL.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Printf("forgetting manifest %s: %v", r.URL.Path, err)
		}
	default:
		s.Handler.ServeHTTP(w, r)
	}
}

func (s *store) write(n note) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(s.manifests, "*.partial")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails after the rename, rightly
	if _, err := tmp.Write(text); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), s.file(n.Path))
}

// file is where the manifest at an API path is noted.
func (s *store) file(path string) string {
	return filepath.Join(s.manifests, fmt.Sprintf("%x.json", sha256.Sum256([]byte(path))))
}
