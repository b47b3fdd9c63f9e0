package application

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// pinned marks a Service whose traffic this resource has pinned, so that it may
// also let it go again. The mark belongs to the manager of the traffic: once
// sls_revision_traffic takes the traffic over, it is gone.
const pinned = serving.Group + "/traffic-pinned"

// pin makes the traffic stay where it is when a new revision comes: what follows
// the latest revision is pinned to the one that serves now. Traffic that names
// its revisions, whoever manages it, is left as it is.
func (w *writer) pin(ctx context.Context, live *kube.Object) (*kube.Object, error) {
	if _, managed := live.GetAnnotations()[serving.TrafficAnnotation]; managed {
		return live, nil // by sls_revision_traffic, under the same manager
	}
	ready, _, _ := unstructured.NestedString(live.Object, "status", "latestReadyRevisionName")
	targets, follows := pinnedTargets(live, ready)
	if !follows || ready == "" {
		return live, nil
	}
	object := trafficObject(live)
	object.SetAnnotations(map[string]string{pinned: "true"})
	object.Object["spec"] = map[string]any{"traffic": targets}
	object.SetResourceVersion(live.GetResourceVersion()) // whose owners were looked at
	owners := kube.OwnersOf(live, w.traffic, "spec", "traffic")
	return w.cluster.Apply(ctx, serving.Services, object, kube.ApplyOptions{Manager: w.traffic, Force: w.force || len(owners) == 0 || kube.FromPredecessors(owners, w.predecessors...)})
}

// pinnedTargets returns the Service's traffic with the latest revision replaced
// by the one that is it now, and whether there was anything to replace.
func pinnedTargets(service *kube.Object, ready string) (targets []any, follows bool) {
	list, _, _ := unstructured.NestedSlice(service.Object, "spec", "traffic")
	if len(list) == 0 {
		list = []any{map[string]any{"latestRevision": true, "percent": int64(100)}}
	}
	for _, element := range list {
		target, ok := element.(map[string]any)
		if !ok {
			continue
		}
		target = runtime.DeepCopyJSON(target)
		if latest, _ := target["latestRevision"].(bool); latest {
			follows = true
			target["latestRevision"], target["revisionName"] = false, ready
		}
		targets = append(targets, target)
	}
	return targets, follows
}

func isPinned(service *kube.Object) bool { return service.GetAnnotations()[pinned] != "" }

// unpin gives the traffic up. Knative then sends all of it to the latest ready
// revision.
func (w *writer) unpin(ctx context.Context, live *kube.Object) (*kube.Object, error) {
	object := trafficObject(live)
	object.SetAnnotations(map[string]string{}) // empty, not left out: see desired.object
	return w.cluster.Apply(ctx, serving.Services, object, kube.ApplyOptions{Manager: w.traffic})
}

func trafficObject(live *kube.Object) *kube.Object {
	object := &kube.Object{Object: map[string]any{"apiVersion": serving.Services.APIVersion(), "kind": serving.Services.Name}}
	object.SetNamespace(live.GetNamespace())
	object.SetName(live.GetName())
	return object
}
