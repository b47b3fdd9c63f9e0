package restore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// discoveryPeriod is how often Velero's server asks the API server which kinds
// there are, with something for the asking itself. It asks when it starts, too,
// and when it has restored a definition. What is of a kind that it doesn't know
// yet it leaves out, without a word.
const discoveryPeriod = 5*time.Minute + 5*time.Second

// awaitDiscovery waits until Velero's server knows all kinds that a stage restores.
func (r *run) awaitDiscovery(ctx context.Context, stage Stage) error {
	for {
		started, err := r.serverStarted(ctx)
		if err != nil || started.IsZero() {
			return err
		}
		definitions, err := r.cluster.List(ctx, built[0], "", nil)
		if apierrors.IsForbidden(err) {
			return nil
		}
		if err != nil {
			return err
		}
		young := unseen(definitions, stage, started, time.Now())
		if len(young) == 0 {
			return nil
		}
		r.waiting = fmt.Sprintf("Velero's server does not know yet of %s, and would leave out what is of them. It looks every five minutes, and when it is started: kubectl rollout restart deployment velero -n %s", strings.Join(young, ", "), r.namespace)
		if err := pause(ctx, lookAgain); err != nil {
			return err
		}
	}
}

// serverStarted returns when Velero's server was started last; the zero time where
// that can't be seen.
func (r *run) serverStarted(ctx context.Context) (started time.Time, err error) {
	pods, err := r.cluster.List(ctx, kube.Pods, r.namespace, map[string]string{"deploy": "velero"}) // as Velero's installer has it
	if apierrors.IsForbidden(err) {
		return started, nil
	}
	if err != nil {
		return started, err
	}
	for i := range pods {
		pod, err := object.Decode[corev1.Pod](&pods[i])
		if err != nil {
			return started, err
		}
		for _, container := range pod.Status.ContainerStatuses {
			if running := container.State.Running; running != nil && running.StartedAt.After(started) {
				started = running.StartedAt.Time
			}
		}
	}
	return started, nil
}

// unseen names the definitions of kinds that a stage restores and that a server
// which was started then can't know yet.
func unseen(definitions []kube.Object, stage Stage, started, now time.Time) (names []string) {
	for i := range definitions {
		definition := &definitions[i]
		name, made := definition.GetName(), definition.GetCreationTimestamp().Time
		switch {
		case made.Before(started), now.Sub(made) > discoveryPeriod:
		case definition.GetLabels()[velero.RestoreNameLabel] != "": // Velero's own doing
		case strings.HasSuffix(name, "."+velero.SchemeGroupVersion.Group):
		case len(stage.IncludedResources) > 0 && !slices.Contains(stage.IncludedResources, name):
		case slices.Contains(stage.ExcludedResources, name):
		default:
			names = append(names, name)
		}
	}
	return names
}
