package status

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

// kubernetes asks the API server for its version. It is asked first: where it
// can't be reached, nothing else can.
func (o *observer) kubernetes(ctx context.Context) error {
	text, err := o.Version(ctx)
	switch {
	case apierrors.IsForbidden(err):
		o.found.products[kubernetes] = installation{presence: present}
		o.tell("There is no permission to read the version of Kubernetes: it needs the verb get on the URL /version, which the ClusterRole system:public-info-viewer grants to everybody.")
		return nil
	case err != nil:
		return err
	}
	version := release.Of(text)
	if version == "" {
		o.tell("The version of Kubernetes is unknown: the API server calls itself %q.", text)
	}
	o.found.products[kubernetes] = installation{present, version}
	return nil
}
