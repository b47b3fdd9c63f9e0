package status

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

const (
	istioNamespace = "istio-system"
	// istioPlaceholder is the version that Istio's charts name in its
	// repository. Releases replace it: "this version is never actually shipped"
	// (manifests/charts/istio-control/istio-discovery/Chart.yaml).
	istioPlaceholder = "1.0.0"
)

// istiod selects Istio's control planes. There are several while one is being
// upgraded by revision, and they may be in any namespace.
var istiod = labels.SelectorFromSet(labels.Set{"app": "istiod"})

// istio looks for Istio's control plane.
func (o *observer) istio(ctx context.Context) error {
	objects, known, err := o.list(ctx, deployments, "", istiod)
	if err == nil && !known {
		if objects, known, err = o.list(ctx, deployments, istioNamespace, istiod); err == nil && len(objects) == 0 {
			known = false // it may be in another one
		}
	}
	if err != nil {
		return err
	}
	if !known {
		o.tellUnlisted(deployments, "", "the version and the health of Istio are unknown")
		return nil
	}
	workloads, err := decodeDeployments(objects)
	if err != nil {
		return err
	}
	if len(workloads) == 0 {
		return o.withoutIstiod(ctx)
	}
	o.note(istio, "istio", health(workloads), versionsOf(workloads, release.ByImage, istioLabelVersion),
		"neither the tag of istiod's image nor the label "+release.VersionLabel+" of its Deployment names a release")
	return nil
}

// istioLabelVersion is the label of a chart that was released.
func istioLabelVersion(d *appsv1.Deployment) string {
	if d.Labels[release.VersionLabel] == istioPlaceholder {
		return ""
	}
	return release.ByLabel(d)
}

// withoutIstiod tells apart a cluster without Istio from one whose control
// plane runs elsewhere, as a managed or a remote one does.
func (o *observer) withoutIstiod(ctx context.Context) error {
	crd, known, err := o.find(ctx, crds, "", "virtualservices."+istioGateways.Group)
	switch {
	case err != nil || !known:
		return err
	case crd == nil:
		o.found.products[istio] = installation{presence: absent}
		o.tell("Istio is not installed. Domains, external services and the rules of a gray release need it.")
	default:
		o.found.products[istio] = installation{presence: present}
		o.tell("The version and the health of Istio are unknown: it has CRDs here, but no istiod. Its control plane runs elsewhere, or was removed.")
	}
	return nil
}
