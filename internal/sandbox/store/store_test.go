package store

import (
	"os"
	"testing"
)

// The keys are made once, and nobody else may read them.
func TestKeys(t *testing.T) {
	d := Dir(t.TempDir())
	access, secret, err := d.keys()
	if err != nil || len(access) < 16 || len(secret) < 16 || access == secret {
		t.Fatalf("the keys are %q and %q, %v", access, secret, err)
	}
	again, same, err := d.keys()
	if err != nil || again != access || same != secret {
		t.Errorf("then they are %q and %q, %v", again, same, err)
	}
	info, err := os.Stat(d.Credentials())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("their file has the mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(d.Credentials(), []byte("[default]\naws_access_key_id=only\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.keys(); err == nil {
		t.Error("a file without a secret key is taken for one")
	}
}
