package object

import (
	"cmp"
	"context"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

const (
	// VersionNote is the annotation that tells the version of Velero that makes a
	// backup: Velero itself notes none. Of a schedule, its backups inherit it.
	VersionNote = group + "/velero-version"

	// server is the name that Velero's server must run under: a restore looks for a
	// Deployment of this name.
	server = "velero"
)

// Deployments are what Velero's server runs as.
var Deployments = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}, Name: "Deployment"}

// ServerVersion returns the version of Velero's server in a namespace, or nothing
// where it can't be told.
func ServerVersion(ctx context.Context, cluster *kube.Cluster, namespace string) string {
	all, err := cluster.List(ctx, Deployments, namespace, nil)
	if err != nil {
		return ""
	}
	for i := range all {
		if all[i].GetName() != server {
			continue
		}
		if d, err := Decode[appsv1.Deployment](&all[i]); err == nil {
			return cmp.Or(release.ByImage(d), release.ByLabel(d))
		}
	}
	return ""
}

// NoteVersion notes the version of Velero's server, as it is now.
func NoteVersion(ctx context.Context, cluster *kube.Cluster, object *kube.Object) {
	note(object, ServerVersion(ctx, cluster, object.GetNamespace()))
}

// KeepVersion notes the version of Velero's server when an object is made, and
// keeps to it from then on.
func KeepVersion(ctx context.Context, cluster *kube.Cluster, object, before *kube.Object) {
	if before == nil {
		NoteVersion(ctx, cluster, object)
		return
	}
	note(object, before.GetAnnotations()[VersionNote])
}

func note(object *kube.Object, version string) {
	if version == "" {
		return
	}
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[VersionNote] = version
	object.SetAnnotations(annotations)
}
