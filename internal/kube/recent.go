package kube

import (
	"context"
	"sync"
	"time"
)

// recents shares lists among many who look at the same objects again and again.
type recents struct {
	mu    sync.Mutex
	lists map[readKey]*recent
}

type recent struct {
	turn    chan struct{} // of size one: full while the list is read, so that all wait for one
	read    time.Time
	objects []Object
	err     error
}

// Recent returns the objects of a kind in a namespace as they were at most age
// ago. Any number of callers costs one list in that time. It is for looking at
// what changes by itself, such as pods; not for what is then written. The
// objects are shared: callers must not change them.
func (c *Cluster) Recent(ctx context.Context, kind Kind, namespace string, age time.Duration) ([]Object, error) {
	c.recents.mu.Lock()
	key := readKey{kind, namespace}
	r := c.recents.lists[key]
	if r == nil {
		r = &recent{turn: make(chan struct{}, 1)}
		c.recents.lists[key] = r
	}
	c.recents.mu.Unlock()

	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if time.Since(r.read) < age {
		return r.objects, r.err
	}
	objects, err := c.list(ctx, kind, namespace, "")
	if ctx.Err() != nil {
		return nil, ctx.Err() // our own end, and no news for the others
	}
	r.read, r.objects, r.err = time.Now(), objects, err
	return objects, err
}
