// Package release tells the versions of what runs on a cluster, from what is
// written on it.
package release

import (
	"regexp"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
)

// VersionLabel is Kubernetes' recommended label for a version.
const VersionLabel = "app.kubernetes.io/version"

// released matches the version of a release, and of a pre-release.
var released = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?)$`)

// variants are what image tags name after the version, and are no part of it.
var variants = []string{"-distroless", "-debug"}

// Of returns the version that a label or an image's tag names, or nothing for one
// that names none, such as "devel" and "latest".
func Of(text string) string {
	for _, variant := range variants {
		text = strings.TrimSuffix(text, variant)
	}
	if match := released.FindStringSubmatch(text); match != nil {
		return match[1]
	}
	return ""
}

// OfImage returns the version that an image's tag names. One that is named by its
// digest alone has none.
func OfImage(image string) string {
	image, _, _ = strings.Cut(image, "@")
	_, tag, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return Of(tag)
}

// ByImage returns the version that the image of a Deployment's first container
// names.
func ByImage(d *appsv1.Deployment) string {
	containers := d.Spec.Template.Spec.Containers
	if len(containers) == 0 {
		return ""
	}
	return OfImage(containers[0].Image)
}

// ByLabel returns the version that a Deployment's label names: that of the
// manifest it came with.
func ByLabel(d *appsv1.Deployment) string { return Of(d.Labels[VersionLabel]) }
