package cachedir

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func everything(string) bool { return true }

func filesKey(t *testing.T, files map[string]string, keep func(string) bool) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	k := NewKey()
	if err := k.Files(dir, keep); err != nil {
		t.Fatal(err)
	}
	return k.String()
}

func TestKeyTellsInputsApart(t *testing.T) {
	keys := map[string]string{}
	add := func(what, key string) {
		if other, ok := keys[key]; ok {
			t.Errorf("%s and %s have the same key", what, other)
		}
		keys[key] = what
	}
	add("nothing", NewKey().String())
	add("a, b", NewKey("a", "b").String())
	add("ab", NewKey("ab").String())
	add("b, a", NewKey("b", "a").String())
	add("empty text", NewKey("").String())
	add("a file", filesKey(t, map[string]string{"x": "1"}, everything))
	add("its content", filesKey(t, map[string]string{"x": "2"}, everything))
	add("its name", filesKey(t, map[string]string{"y": "1"}, everything))
	add("another file", filesKey(t, map[string]string{"x": "1", "d/y": ""}, everything))
}

func TestKeyIgnoresPlaceAndWhatIsNotAnInput(t *testing.T) {
	goFiles := func(path string) bool { return filepath.Ext(path) == ".go" }
	a := filesKey(t, map[string]string{"a.go": "1", "README": "old"}, goFiles)
	b := filesKey(t, map[string]string{"a.go": "1", "README": "new"}, goFiles)
	if a != b {
		t.Errorf("a file that is no input changed the key: %s, %s", a, b)
	}
}

func TestGetMakesOnce(t *testing.T) {
	dir := t.TempDir()
	s := Store{Dir: filepath.Join(dir, "builds"), Locks: filepath.Join(dir, "locks")}
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			path, err := s.Get(t.Context(), "x", NewKey("k"), func(dir string) error {
				made.Add(1)
				return os.WriteFile(filepath.Join(dir, "f"), []byte("whole"), 0o644)
			})
			if err != nil {
				t.Error(err)
				return
			}
			if text, err := os.ReadFile(filepath.Join(path, "f")); string(text) != "whole" {
				t.Errorf("read %q, %v", text, err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

func TestHalfMadeIsNeverUsed(t *testing.T) {
	dir := t.TempDir()
	s := Store{Dir: dir, Locks: filepath.Join(dir, "locks")}
	k := NewKey("k")
	boom := errors.New("boom")
	_, err := s.Get(t.Context(), "x", k, func(dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "f"), []byte("half"), 0o644), boom)
	})
	if !errors.Is(err, boom) || s.Has("x", k) {
		t.Fatalf("a failed result is kept: %v", err)
	}
	// What a killed process leaves: a folder that was never renamed.
	write(t, filepath.Join(s.Path("x", k)+".partial", "rest"), "of a killed run")
	if s.Has("x", k) {
		t.Fatal("a half-made folder counts as a result")
	}
	path, err := s.Get(t.Context(), "x", k, func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "f"), []byte("whole"), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(path, "rest")); err == nil {
		t.Error("the result has a killed run's files in it")
	}
}

func TestGetPrunesWhatIsLongUnused(t *testing.T) {
	dir := t.TempDir()
	s := Store{Dir: dir, Locks: filepath.Join(dir, "locks")}
	fill := func(string) error { return nil }
	get := func(name, key string) string {
		path, err := s.Get(t.Context(), name, NewKey(key), fill)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, recent, other := get("x", "old"), get("x", "recent"), get("xy", "old")
	long := time.Now().Add(-2 * keepUnused)
	for _, p := range []string{old, other} {
		if err := os.Chtimes(p, long, long); err != nil {
			t.Fatal(err)
		}
	}
	get("x", "new")
	if _, err := os.Stat(old); err == nil {
		t.Error("a result that nobody used for long is kept")
	}
	for _, p := range []string{recent, other} {
		if _, err := os.Stat(p); err != nil {
			t.Errorf("removed too much: %v", err)
		}
	}
}

func TestGetStopsWaiting(t *testing.T) {
	dir := t.TempDir()
	s := Store{Dir: dir, Locks: filepath.Join(dir, "locks")}
	begun, end := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		_, err := s.Get(t.Context(), "x", NewKey("k"), func(string) error { close(begun); <-end; return nil })
		done <- err
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, "x", NewKey("k"), func(string) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
