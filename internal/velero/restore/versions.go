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
)

// The labels by which a release's objects say whose they are, and of which version.
const (
	releaseLabel = "app.kubernetes.io/name"
	versionLabel = "app.kubernetes.io/version"
)

// warnOfVersions warns of a backup that is of something newer than what is here:
// that may understand only part of it. What can't be read is not compared.
func (r *run) warnOfVersions(ctx context.Context, diags *diag.Diagnostics) {
	if here, err := r.cluster.Version(ctx); err == nil {
		if there := r.backup.Annotations[velero.SourceClusterK8sGitVersionAnnotation]; newer(there, here) {
			diags.AddAttributeWarning(path.Root("from"), "The backup is of a newer Kubernetes",
				fmt.Sprintf("The backup %s was made on Kubernetes %s, and this cluster is %s. Kinds and fields that it does not know yet are left out by Velero without a word: compare what is there, or upgrade this cluster and change triggers.", r.backup.Name, there, here))
		}
	}
	for _, done := range r.stages {
		configMaps, err := r.cluster.List(ctx, configMaps, "", map[string]string{velero.RestoreNameLabel: done.Name})
		if err != nil {
			return
		}
		if where, was, is := r.outpaced(ctx, configMaps); where != "" {
			diags.AddAttributeWarning(path.Root("from"), "The restored configuration is of a newer version",
				fmt.Sprintf("The configuration in the namespace %s is now that of version %s, by its label %s, and what runs there is %s. It may name images and settings of that version: upgrade this cluster's components to it, or restore a backup of before.", where, was, versionLabel, is))
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
			workloads, err := r.cluster.List(ctx, deployments, namespace, nil)
			if err != nil {
				workloads = nil
			}
			known[namespace] = workloads
		}
		if running := outpaces(&restored[i], known[namespace]); running != "" {
			return namespace, restored[i].GetLabels()[versionLabel], running
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
		if its[releaseLabel] == labels[releaseLabel] && newer(labels[versionLabel], its[versionLabel]) {
			return its[versionLabel]
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
