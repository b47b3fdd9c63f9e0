package acctest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// veleroBuildTime is how long Velero may take to be compiled.
const veleroBuildTime = 20 * time.Minute

// Store is a bucket of the sandbox's object store, which outlives clusters, for one
// test.
type Store struct {
	// Values are variables of examples/disaster-recovery: Velero's manifest, and
	// the store.
	Values Values

	credentials string
}

// NewStore has the object store running, and everything ready that Velero is
// installed from.
func NewStore(t testing.TB) Store {
	t.Helper()
	if os.Getenv("SLS_VELERO") != "1" {
		t.Skip("SLS_VELERO is not 1: Velero takes minutes to compile")
	}
	output, err := script(t, veleroBuildTime, "backups")
	if err != nil {
		t.Fatalf(".ci/backups: %s\n%s", err, output)
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	dir := lines[len(lines)-1]
	s := Store{Values: readValues(t, filepath.Join(dir, "backups.tfvars.json")), credentials: filepath.Join(dir, "credentials")}

	// A bucket is a folder of the store's.
	bucket, err := os.MkdirTemp(filepath.Join(dir, "data"), "test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(bucket); err != nil {
			t.Errorf("removing the test's bucket: %s", err)
		}
	})
	store, ok := s.Values["store"].(map[string]any)
	if !ok {
		t.Fatalf("%s names no store: %v", dir, s.Values)
	}
	store["bucket"] = filepath.Base(bucket)
	return s
}

// Open gives a cluster the keys of the store, as who looks after it does before
// anything is installed.
func (s Store) Open(t testing.TB, p Platform) {
	t.Helper()
	p.Kubectl(t, fmt.Sprintf(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, VeleroNamespace), "apply", "-f", "-")
	p.Kubectl(t, "", "create", "secret", "generic", "cloud-credentials", "-n", VeleroNamespace, "--from-file=cloud="+s.credentials)
}
