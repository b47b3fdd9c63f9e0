package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A plugin arrives whole, over one that was there, and can be started.
func TestInstall(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	for path, text := range map[string]string{from: "new", to: "old and longer"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := install(from, to); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(to)
	if err != nil || string(text) != "new" {
		t.Errorf("there is %q, %v", text, err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm()&0o111 == 0 {
		t.Errorf("it can't be started: %v, %v", info.Mode(), err)
	}
	if err := install(filepath.Join(dir, "none"), to); err == nil {
		t.Error("a plugin that is not there was installed")
	}
}
