package application

import (
	"errors"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/path"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// webhookPaths ties the fields that Knative's webhook names in its refusals to
// attributes. The webhook answers with text alone; the text chooses the
// attribute that the error is shown at, and nothing else.
var webhookPaths = []struct {
	field *regexp.Regexp
	at    path.Path
}{
	{regexp.MustCompile(`containers\[\d+\]\.image\b`), path.Root("image")},
	{regexp.MustCompile(`containers\[\d+\]\.env\b`), path.Root("env")},
	{regexp.MustCompile(`containers\[\d+\]\.ports\b`), path.Root("port")},
	{regexp.MustCompile(`containers\[\d+\]\.resources\b`), path.Root("resources")},
	{regexp.MustCompile(`containers\[\d+\]\.command\b`), path.Root("command")},
	{regexp.MustCompile(`containers\[\d+\]\.args\b`), path.Root("args")},
	{regexp.MustCompile(`template\.metadata\.annotations\b|autoscaling\.knative\.dev/`), path.Root("scaling")},
	{regexp.MustCompile(`template\.metadata\.name\b`), path.Root("name")},
	{regexp.MustCompile(`metadata\.annotations\b`), path.Root("annotations")},
	{regexp.MustCompile(`metadata\.labels\b`), path.Root("labels")},
}

// attributeOf returns the attribute that a refusal is about, if it names one.
func attributeOf(err error) path.Path {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || (!apierrors.IsBadRequest(err) && !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err)) {
		return path.Empty()
	}
	for _, p := range webhookPaths {
		if p.field.MatchString(status.Status().Message) {
			return p.at
		}
	}
	return path.Empty()
}
