package release

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// A version is told from what names a release, and from nothing else.
func TestOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1.35.4": "1.35.4", "v1.35.4": "1.35.4", "v1.35.4-gke.100": "1.35.4-gke.100", "v1.35.4+k3s1": "1.35.4+k3s1",
		"1.31.0-rc.1": "1.31.0-rc.1", "1.31.1-distroless": "1.31.1", "1.31.1-debug": "1.31.1",
		"": "", "devel": "", "latest": "", "1.31": "", "v1.31-alpha.ab12": "", "1.2.3.4": "", "sha-1.2.3": "",
	} {
		if got := Of(text); got != want {
			t.Errorf("Of(%q) = %q, want %q", text, got, want)
		}
	}
}

// The port of a registry is no tag, and neither is a digest.
func TestOfImage(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"istio/pilot": "", "istio/pilot:1.31.1": "1.31.1", "registry:5000/pilot": "", "registry:5000/a/pilot:1.31.1": "1.31.1",
		"registry:5000/pilot:1.31.1@sha256:ab": "1.31.1", "pilot@sha256:ab": "", "pilot:1": "", "velero/velero:v1.18.3": "1.18.3",
	} {
		if got := OfImage(image); got != want {
			t.Errorf("OfImage(%q) = %q, want %q", image, got, want)
		}
	}
}

// A Deployment's version is what its image names, and what its label does, which
// need not be the same.
func TestByImageAndByLabel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		image, label, byImage, byLabel string
	}{
		"both":            {"velero/velero:v1.18.3", "1.17.0", "1.18.3", "1.17.0"},
		"a digest":        {"registry:5000/velero@sha256:ab", "1.17.0", "", "1.17.0"},
		"neither":         {"velero/velero:main", "latest", "", ""},
		"no container":    {"", "", "", ""},
		"a mirror's port": {"registry:5000/velero", "", "", ""},
	} {
		d := &appsv1.Deployment{}
		d.Labels = map[string]string{VersionLabel: test.label}
		if test.image != "" {
			d.Spec.Template.Spec.Containers = []corev1.Container{{Image: test.image}}
		}
		if image, label := ByImage(d), ByLabel(d); image != test.byImage || label != test.byLabel {
			t.Errorf("%s: %q by the image and %q by the label, want %q and %q", name, image, label, test.byImage, test.byLabel)
		}
	}
}
