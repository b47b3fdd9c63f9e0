package kube

import (
	"context"
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// ApplyOptions says how a server-side apply is done.
type ApplyOptions struct {
	// Manager is the field manager that owns the fields sent.
	Manager string
	// Force takes over fields that other managers own with other values.
	Force bool
	// Predecessors are managers that ApplyOver takes fields over from, besides those
	// that are known.
	Predecessors []string
	// DryRun asks what would come of it, webhooks and all, and changes nothing.
	DryRun bool
}

// Apply sends the fields that its manager wants to own, by server-side apply,
// and returns the object as the server has it now. Fields that the manager
// owned before and no longer sends are given up. A resourceVersion in the
// object makes the apply fail with a conflict if the object changed since.
//
// Server-side apply creates what does not exist: callers that must not take
// over somebody else's object look first.
func (c *Cluster) Apply(ctx context.Context, kind Kind, object *Object, options ApplyOptions) (*Object, error) {
	defer c.reads.invalidate(kind, object.GetNamespace())
	body, err := json.Marshal(object.Object)
	if err != nil {
		return nil, fmt.Errorf("encoding %s %s/%s: %w", kind.Name, object.GetNamespace(), object.GetName(), err)
	}
	patch := metav1.PatchOptions{FieldManager: options.Manager, Force: &options.Force}
	if options.DryRun {
		patch.DryRun = []string{metav1.DryRunAll}
	}
	return c.of(kind, object.GetNamespace()).Patch(ctx, object.GetName(), types.ApplyPatchType, body, patch)
}
