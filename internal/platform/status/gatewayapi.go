package status

import (
	"context"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

// bundleVersion is the annotation of Gateway API's CRDs with the release that
// they are from (sigs.k8s.io/gateway-api/pkg/consts).
const bundleVersion = "gateway.networking.k8s.io/bundle-version"

// gatewayAPI looks for the Gateway API, which is CRDs and nothing that runs.
func (o *observer) gatewayAPI(ctx context.Context) error {
	name := apiGateways.GroupResource().String()
	crd, known, err := o.find(ctx, crds, "", name)
	switch {
	case err != nil || !known:
		return err
	case crd == nil:
		o.found.products[gatewayAPI] = installation{presence: absent}
		return nil
	}
	text := crd.GetAnnotations()[bundleVersion]
	version := release.Of(text)
	if version == "" {
		o.tell("The version of Gateway API is unknown: the annotation %s of the CRD %s is %q.", bundleVersion, name, text)
	}
	o.found.products[gatewayAPI] = installation{present, version}
	return nil
}
