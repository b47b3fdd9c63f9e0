package restore

import (
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// A later patch of the same minor release is no news, and what is no version is
// not compared.
func TestNewer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		one, than string
		want      bool
	}{
		{"v1.36.0", "v1.35.4", true},
		{"v1.35.9-eks-1", "v1.35.4", false},
		{"v1.35.4", "v1.36.0", false},
		{"2.0.0", "1.36.0", true},
		{"", "v1.35.4", false},
		{"v1.36.0", "devel", false},
	} {
		if got := newer(test.one, test.than); got != test.want {
			t.Errorf("%q is newer than %q: %t", test.one, test.than, got)
		}
	}
}

// Configuration is compared with the workloads of its own release.
func TestOutpaces(t *testing.T) {
	t.Parallel()
	of := func(name, version string) object.Object {
		o := object.Object{Object: map[string]any{}}
		o.SetLabels(map[string]string{releaseLabel: name, release.VersionLabel: version})
		return o
	}
	workloads := []object.Object{of("istiod", "1.2.0"), of("knative-serving", "1.22.0")}
	for name, test := range map[string]struct {
		configuration object.Object
		want          string
	}{
		"newer":           {of("knative-serving", "1.23.0"), "1.22.0"},
		"the same":        {of("knative-serving", "1.22.1"), ""},
		"another release": {of("kourier", "1.23.0"), ""},
		"without a label": {object.Object{Object: map[string]any{}}, ""},
	} {
		if got := outpaces(&test.configuration, workloads); got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
