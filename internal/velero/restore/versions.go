package restore

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/release"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// releaseLabel is the label by which a release's objects say whose they are.
const releaseLabel = "app.kubernetes.io/name"

// knownFormat is the format of backups of Velero 1.6 to 1.18.
const knownFormat = "1.1.0"

// warnOfVersions warns of a backup that is of something newer than what is here:
// that may understand only part of it. What can't be read is not compared.
func (r *run) warnOfVersions(ctx context.Context, diags *diag.Diagnostics) {
	if here, err := r.cluster.Version(ctx); err == nil {
		if there := r.backup.Annotations[velero.SourceClusterK8sGitVersionAnnotation]; newer(there, here) {
			diags.AddAttributeWarning(path.Root("from"), "The backup is of a newer Kubernetes",
				fmt.Sprintf("The backup %s was made on Kubernetes %s, and this cluster is %s. Kinds and fields that it does not know yet are left out by Velero without a word: compare what is there, or upgrade this cluster and change triggers.", r.backup.Name, there, here))
		}
	}
	if there, here := r.backup.Annotations[object.VersionNote], object.ServerVersion(ctx, r.cluster, r.namespace); newer(there, here) {
		diags.AddAttributeWarning(path.Root("from"), "The backup is of a newer Velero",
			fmt.Sprintf("The backup %s was made by Velero %s, and here runs Velero %s, which may not understand all of it: compare what is there, or upgrade Velero on this cluster to %[2]s and change triggers.", r.backup.Name, there, here))
	}
	if format := r.backup.Status.FormatVersion; newer(format, knownFormat) {
		diags.AddAttributeWarning(path.Root("from"), "The backup is of a newer format",
			fmt.Sprintf("The backup %s has format %s, and the newest that this provider knows of is %s, of Velero 1.18. Compare what is there with what was backed up, and see that Velero on this cluster is no older than the one that made the backup.", r.backup.Name, format, knownFormat))
	}
	for _, done := range r.stages {
		configMaps, err := r.cluster.List(ctx, configMaps, "", map[string]string{velero.RestoreNameLabel: done.Name})
		if err != nil {
			return
		}
		if where, was, is := r.outpaced(ctx, configMaps); where != "" {
			diags.AddAttributeWarning(path.Root("from"), "The restored configuration is of a newer version",
				fmt.Sprintf("The configuration in the namespace %s is now that of version %s, by its label %s, and what runs there is %s. It may name images and settings of that version: upgrade this cluster's components to it, or restore a backup of before.", where, was, release.VersionLabel, is))
			return
		}
	}
}

// outpaced returns the namespace where configuration that was restored is newer
// than a workload that reads it; and both versions.
func (r *run) outpaced(ctx context.Context, restored []kube.Object) (namespace, configured, running string) {
	known := map[string][]kube.Object{}
	for i := range restored {
		namespace := restored[i].GetNamespace()
		if _, looked := known[namespace]; !looked {
			workloads, err := r.cluster.List(ctx, object.Deployments, namespace, nil)
			if err != nil {
				workloads = nil
			}
			known[namespace] = workloads
		}
		if running := outpaces(&restored[i], known[namespace]); running != "" {
			return namespace, restored[i].GetLabels()[release.VersionLabel], running
		}
	}
	return "", "", ""
}

// outpaces returns the version of a workload that configuration of its release is
// newer than, or "".
func outpaces(configuration *kube.Object, workloads []kube.Object) string {
	labels := configuration.GetLabels()
	for i := range workloads {
		its := workloads[i].GetLabels()
		if its[releaseLabel] == labels[releaseLabel] && newer(labels[release.VersionLabel], its[release.VersionLabel]) {
			return its[release.VersionLabel]
		}
	}
	return ""
}

// newer reports whether one version is of a later minor release than another; not,
// where one of them is none.
func newer(one, than string) bool {
	a, err := version.ParseGeneric(strings.TrimPrefix(one, "v"))
	if err != nil {
		return false
	}
	b, err := version.ParseGeneric(strings.TrimPrefix(than, "v"))
	return err == nil && a.WithPatch(0).GreaterThan(b.WithPatch(0))
}
