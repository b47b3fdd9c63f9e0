package kube

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Remove deletes an object, the one with a UID or whichever has the name, and waits
// until it is gone.
func (c *Cluster) Remove(ctx context.Context, kind Kind, namespace, name string, uid types.UID) error {
	return c.UntilGone(ctx, kind, namespace, name, uid, func(live *Object) error {
		return c.Delete(ctx, kind, namespace, name, live.GetUID())
	})
}

// UntilGone waits until an object is gone: the one with a UID, or whichever has the
// name. If there is one, begin is called first, when its end would be seen.
func (c *Cluster) UntilGone(ctx context.Context, kind Kind, namespace, name string, uid types.UID, begin func(live *Object) error) error {
	follow, err := c.Follow(ctx, kind, namespace, name)
	if err != nil {
		return err
	}
	defer follow.Close()
	live, err := c.Find(ctx, kind, namespace, name)
	if err != nil || live == nil || uid != "" && live.GetUID() != uid {
		return err
	}
	if begin != nil {
		if err := begin(live); err != nil {
			return err
		}
	}
	_, err = follow.Await(ctx, live, func(object *Object) (bool, time.Duration, error) {
		return object == nil || object.GetUID() != live.GetUID(), 0, nil
	})
	return err
}
