package restore

import (
	"context"
	"fmt"
	"strings"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// built are the kinds whose objects have to be in use before the next stage: what
// is defined has to be served, and what is called has to run.
var built = []kube.Kind{
	{GroupVersionResource: schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}, Name: "CustomResourceDefinition"},
	object.Deployments,
	{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "daemonsets"}, Name: "DaemonSet"},
	{GroupVersionResource: schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "statefulsets"}, Name: "StatefulSet"},
}

// awaitUse waits until what a Restore has brought can be built on.
func (r *run) awaitUse(ctx context.Context, stage Stage, restore string) error {
	for _, kind := range built {
		for {
			late, err := r.notInUse(ctx, kind, restore)
			if err != nil {
				return err
			}
			if late == "" {
				break
			}
			r.waiting = fmt.Sprintf("What the stage %s has restored is not in use yet: %s", stage.Name, late)
			if err := pause(ctx, lookAgain); err != nil {
				return err
			}
		}
	}
	return nil
}

// notInUse names the objects of a kind that a Restore has brought and that are
// not in use yet. Who may not list them does not wait.
func (r *run) notInUse(ctx context.Context, kind kube.Kind, restore string) (string, error) {
	objects, err := r.cluster.List(ctx, kind, "", map[string]string{velero.RestoreNameLabel: restore})
	if apierrors.IsForbidden(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var late []string
	for i := range objects {
		result, err := kstatus.Compute(&objects[i])
		switch {
		case err != nil:
			return "", err
		case result.Status != kstatus.CurrentStatus:
			late = append(late, fmt.Sprintf("%s %s: %s", kind.Name, objects[i].GetName(), result.Message))
		}
	}
	return strings.Join(late, "\n"), nil
}
