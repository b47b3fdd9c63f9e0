package traffic

import (
	"context"
	"encoding/json"
	"strconv"

	"knative.dev/serving/pkg/apis/autoscaling"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// minScales returns the least number of pods of each revision that is given one;
// of several for the same revision, the greatest.
func (ts targets) minScales() map[string]int64 {
	least := map[string]int64{}
	for _, t := range ts {
		if t.minScale > 0 {
			least[t.revision] = max(least[t.revision], t.minScale)
		}
	}
	return least
}

// warm keeps a revision at a least number of pods, and waits until they run. The
// revision must be among the targets of the traffic: of others Knative does not
// heed it.
func (w *writer) warm(ctx context.Context, namespace, name string, pods int64) error {
	follow, err := w.cluster.Follow(ctx, serving.Revisions, namespace, name)
	if err != nil {
		return err
	}
	defer follow.Close()
	revision, err := w.cluster.Get(ctx, serving.Revisions, namespace, name)
	if err != nil {
		return err
	}
	if changes := minScaleChanges(revision.GetAnnotations(), pods); len(changes) > 0 {
		if revision, err = w.annotate(ctx, revision, changes); err != nil {
			return err
		}
	}
	return awaitPods(ctx, follow, revision, pods)
}

// minScaleChanges returns the annotations by which a revision keeps that many
// pods; what was said before is written beside it.
func minScaleChanges(live map[string]string, pods int64) map[string]any {
	changes := map[string]any{}
	key, before, _ := autoscaling.MinScaleAnnotation.Get(live)
	if _, ours := live[serving.EarlierMinScaleAnnotation]; !ours {
		changes[serving.EarlierMinScaleAnnotation] = before
	}
	if wanted := strconv.FormatInt(pods, 10); before != wanted {
		if key == "" {
			key = autoscaling.MinScaleAnnotationKey
		}
		changes[key] = wanted
	}
	return changes
}

// release gives a revision back the least number of pods that it had before.
func (w *writer) release(ctx context.Context, namespace, name string) error {
	revision, err := w.cluster.Find(ctx, serving.Revisions, namespace, name)
	if err != nil || revision == nil {
		return err
	}
	return w.giveBack(ctx, revision)
}

// giveBack is release for a revision that was read a moment ago.
func (w *writer) giveBack(ctx context.Context, revision *kube.Object) error {
	changes := earlierMinScale(revision.GetAnnotations())
	if len(changes) == 0 {
		return nil
	}
	_, err := w.annotate(ctx, revision, changes)
	if kube.IsObjectNotFound(err) { // deleted meanwhile
		return nil
	}
	return err
}

// earlierMinScale returns the annotations as they were before; nothing if they
// are.
func earlierMinScale(live map[string]string) map[string]any {
	before, ours := live[serving.EarlierMinScaleAnnotation]
	if !ours {
		return nil
	}
	changes := map[string]any{serving.EarlierMinScaleAnnotation: nil}
	key, _, _ := autoscaling.MinScaleAnnotation.Get(live)
	if key == "" {
		key = autoscaling.MinScaleAnnotationKey
	}
	if changes[key] = nil; before != "" {
		changes[key] = before
	}
	return changes
}

func (w *writer) annotate(ctx context.Context, revision *kube.Object, changes map[string]any) (*kube.Object, error) {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": changes}})
	if err != nil {
		return nil, err
	}
	return w.cluster.Patch(ctx, serving.Revisions, revision.GetNamespace(), revision.GetName(), patch, w.manager)
}

// kept returns the least number of pods that is kept for a revision by its
// traffic; 0 is none.
func kept(revision *servingv1.Revision) int64 {
	if _, ours := revision.Annotations[serving.EarlierMinScaleAnnotation]; !ours {
		return 0
	}
	pods, _ := serving.MinScale(revision)
	return pods
}
