package status

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

// veleroServer is the name that Velero's server must run under: a restore looks
// for a Deployment of this name.
const veleroServer = "velero"

// velero looks for Velero's server. Many platforms do without, so its absence is
// no problem.
func (o *observer) velero(ctx context.Context) error {
	object, known, err := o.find(ctx, deployments, o.veleroNamespace, veleroServer)
	switch {
	case err != nil || !known:
		return err
	case object == nil:
		o.found.products[velero] = installation{presence: absent}
		return nil
	}
	server, err := decode[appsv1.Deployment](object)
	if err != nil {
		return err
	}
	workloads := []*appsv1.Deployment{server}
	o.note(velero, "velero", health(workloads), versionsOf(workloads, release.ByImage, release.ByLabel),
		"neither the tag of its server's image nor the label "+release.VersionLabel+" of its Deployment names a release")
	return nil
}
