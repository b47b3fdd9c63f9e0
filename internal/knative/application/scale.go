package application

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"knative.dev/serving/pkg/apis/autoscaling"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// scale writes scaling to the current revision, where Knative follows it at
// once and mints none. The template gets it with the next revision: under a
// kept name, Knative refuses any change of the template.
func (w *writer) scale(ctx context.Context, c change, revision *kube.Object, current string) error {
	if current == "" || (revision == nil && maps.Equal(c.was, c.want.scaling)) {
		return nil
	}
	if revision == nil {
		var err error
		revision, err = w.cluster.Find(ctx, serving.Revisions, c.want.namespace, current)
		if err != nil || revision == nil {
			return err // without a revision there is nothing to scale yet
		}
	}
	live, elsewhere := ownScaling(revision.GetAnnotations())
	changes := scalingChanges(live, c.was, c.want.scaling)
	if elsewhere {
		remindMinimum(changes)
	}
	if len(changes) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": changes}})
	if err != nil {
		return fmt.Errorf("encoding the scaling of revision %s: %w", current, err)
	}
	_, err = w.cluster.Patch(ctx, serving.Revisions, c.want.namespace, current, patch, w.scaling)
	return err
}

// scalingChanges returns the annotations to set, and with nil those to remove:
// only such as we have set before.
func scalingChanges(live, was, want map[string]string) map[string]any {
	changes := map[string]any{}
	for key, value := range want {
		if live[key] != value {
			changes[key] = value
		}
	}
	for key := range was {
		_, wanted := want[key]
		if _, there := live[key]; there && !wanted {
			changes[key] = nil
		}
	}
	return changes
}

// ownScaling returns the scaling of a revision without what sls_revision_traffic
// has set of it, and whether it has. A revision's minimum has one owner: what
// warms it up for a release is not for the application to undo, nor drift. The
// minimum that counts again afterwards is in an annotation of its own.
func ownScaling(annotations map[string]string) (own map[string]string, elsewhere bool) {
	earlier, elsewhere := annotations[serving.EarlierMinScaleAnnotation]
	if !elsewhere {
		return annotations, false
	}
	own = maps.Clone(annotations)
	for _, key := range autoscaling.MinScaleAnnotation {
		delete(own, key)
	}
	if earlier != "" {
		own[autoscaling.MinScaleAnnotation.Key()] = earlier
	}
	return own, true
}

// remindMinimum makes of a change of the minimum one of that which counts again
// afterwards. Without one it is empty: the annotation itself is not ours.
func remindMinimum(changes map[string]any) {
	key := autoscaling.MinScaleAnnotation.Key()
	minimum, changed := changes[key]
	if !changed {
		return
	}
	delete(changes, key)
	if minimum == nil {
		minimum = ""
	}
	changes[serving.EarlierMinScaleAnnotation] = minimum
}
