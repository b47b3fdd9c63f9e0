package application

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

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
		revision, err = w.cluster.Find(ctx, revisions, c.want.namespace, current)
		if err != nil || revision == nil {
			return err // without a revision there is nothing to scale yet
		}
	}
	changes := scalingChanges(revision.GetAnnotations(), c.was, c.want.scaling)
	if len(changes) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": changes}})
	if err != nil {
		return fmt.Errorf("encoding the scaling of revision %s: %w", current, err)
	}
	_, err = w.cluster.Patch(ctx, revisions, c.want.namespace, current, patch, w.scaling)
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
