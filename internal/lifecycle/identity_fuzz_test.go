package lifecycle_test

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// An import id that is taken says the same as its two parts, and nothing else.
func FuzzParseImportID(f *testing.F) {
	for _, id := range []string{"prod/shop", "prod", "/shop", "prod/", "a/b/c", "", "prod/shop.example.com", "ü/é"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		namespace, name, ok := lifecycle.ParseImportID(id)
		if want := strings.Count(id, "/") == 1 && !strings.HasPrefix(id, "/") && !strings.HasSuffix(id, "/"); ok != want {
			t.Fatalf("%q is taken: %t", id, ok)
		}
		if ok && namespace+"/"+name != id {
			t.Errorf("%q is %q and %q", id, namespace, name)
		}
	})
}
