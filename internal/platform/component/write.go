package component

import (
	"context"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

const (
	// patience is how long a write is tried again that may well succeed a moment
	// later: a webhook's pod is being replaced, a definition was established a
	// moment ago.
	patience = 30 * time.Second
	// pause is how long it waits in between.
	pause = 500 * time.Millisecond
)

// write applies an object over what is there, nil for nothing.
//
// A conflict about a field that was ours is drift: the plan has shown it, and it
// is taken back. A conflict about another field is an error, unless force is
// set, or all of the managers are such as an object has before it is adopted.
func (c *change) write(ctx context.Context, object *manifest.Object, live *kube.Object) (*kube.Object, error) {
	ignored := manifest.WithBuiltIn(c.set.Ignored).Of(object.ID)
	deadline := time.Now().Add(patience)
	force := false
	for { // nothing is forced where nothing was: what appears meanwhile is somebody's
		wanted := object.DeepCopy()
		ignored.Yield(wanted, live, c.manager)
		if force && live != nil {
			wanted.SetResourceVersion(live.GetResourceVersion()) // whose owners were looked at
		}
		applied, err := c.cluster.Apply(ctx, object.Resource, wanted, kube.ApplyOptions{Manager: c.manager, Force: force || (c.force && live != nil)})
		switch {
		case err == nil:
			return applied, nil
		case kube.IsStale(err):
			// Controllers write into its status all the time: look again.
		case kube.Conflicts(err, orNothing(live), wanted, c.manager) != nil:
			if live == nil {
				break // somebody has made it meanwhile: look at it
			}
			if refused := c.conflicts(err, object, live, wanted); len(refused) > 0 {
				return nil, &kube.ConflictError{Object: object.String(), Conflicts: refused}
			}
			force = true
			continue
		case isJob(object.ID) && live != nil && apierrors.IsInvalid(err):
			if err := c.replace(ctx, object, live); err != nil { // a Job's template can't change
				return nil, err
			}
			live = nil
			continue
		case !retryable(err, object) || time.Now().After(deadline):
			return nil, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, err // which says more than that time is up
		}
		before := live
		if live, err = c.cluster.Find(ctx, object.Resource, object.Namespace, object.Name); err != nil && !kube.IsUnserved(err) {
			return nil, err
		}
		if before == nil && live != nil && !c.isOurs(live) {
			return nil, c.taken(ctx, object, live)
		}
	}
}

// retryable reports whether a write may succeed a moment later.
func retryable(err error, object *manifest.Object) bool {
	return kube.IsTransient(err) || (object.Stage == manifest.Customs && kube.IsUnserved(err))
}

func orNothing(object *kube.Object) *kube.Object {
	if object == nil {
		return &kube.Object{Object: map[string]any{}}
	}
	return object
}

// conflicts returns those conflicts of a write that are not ours to decide.
func (c *change) conflicts(err error, object *manifest.Object, live, wanted *kube.Object) []kube.Conflict {
	c.mu.Lock()
	fields := c.now.fields[object.String()]
	c.mu.Unlock()
	ours := map[string]bool{}
	for _, path := range kube.FieldPaths(fields) {
		ours[kube.FieldName(path)] = true
	}
	adopted := kube.Owned(live, c.manager) == nil
	return slices.DeleteFunc(kube.Conflicts(err, live, wanted, c.manager), func(conflict kube.Conflict) bool {
		return ours[conflict.Field] || (adopted && kube.FromPredecessors(conflict.Managers))
	})
}

// replace removes an object that can't be changed, and waits until it is gone.
func (c *change) replace(ctx context.Context, object *manifest.Object, live *kube.Object) error {
	if err := c.cluster.Delete(ctx, object.Resource, object.Namespace, object.Name, live.GetUID()); err != nil {
		return err
	}
	return c.awaitGone(ctx, place{object.ID, object.Resource}, live.GetUID())
}

// resolveCustoms resolves custom resources, whose kind may just have been
// established.
func (c *change) resolveCustoms(ctx context.Context, objects []*manifest.Object) error {
	deadline := time.Now().Add(patience)
	for {
		err := c.resolve(ctx, objects, true)
		if _, unserved := err.(*unservedKind); !unserved || time.Now().After(deadline) { //nolint:errorlint // resolve returns it as it is
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}
