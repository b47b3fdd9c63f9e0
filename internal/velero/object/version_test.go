package object

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

// The version is that of what runs; the label counts where the image tells none.
func TestVersionOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		image, label, want string
	}{
		"by its image":    {"velero/velero:v1.18.3", "1.17.0", "1.18.3"},
		"by its label":    {"registry:5000/velero@sha256:ab", "1.17.0", "1.17.0"},
		"by neither":      {"velero/velero:main", "latest", ""},
		"no container":    {"", "", ""},
		"a mirror's port": {"registry:5000/velero", "", ""},
	} {
		d := &appsv1.Deployment{}
		d.Labels = map[string]string{release.VersionLabel: test.label}
		if test.image != "" {
			d.Spec.Template.Spec.Containers = []corev1.Container{{Image: test.image}}
		}
		if got := versionOf(d); got != test.want {
			t.Errorf("%s: %q, not %q", name, got, test.want)
		}
	}
}

// What a backup was made by stays, although its Velero goes on.
func TestKeepVersion(t *testing.T) {
	t.Parallel()
	var before, object kube.Object
	before.SetAnnotations(map[string]string{VersionNote: "1.17.2"})
	object.SetAnnotations(map[string]string{"team": "platform"})
	KeepVersion(t.Context(), nil, &object, &before) // no cluster to ask
	if got := object.GetAnnotations(); got[VersionNote] != "1.17.2" || got["team"] != "platform" {
		t.Errorf("the annotations are %v", got)
	}
	object = kube.Object{}
	if KeepVersion(t.Context(), nil, &object, &kube.Object{}); len(object.GetAnnotations()) > 0 {
		t.Errorf("of a backup without a note, %v is noted", object.GetAnnotations())
	}
}
