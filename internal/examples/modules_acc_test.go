package examples_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const modules = "../../modules"

// Every module passes its own tests, by terraform test: what its inputs lead
// to, and what it refuses.
func TestAccModules(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(modules)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			tf := acctest.NewTerraform(t)
			tf.Use(t, filepath.Join(modules, entry.Name()), "", acctest.Values{})
			if result := tf.Run(t, "test", "-no-color"); result.ExitCode != 0 {
				t.Errorf("terraform test:\n%s", result.Output)
			}
		})
	}
}
