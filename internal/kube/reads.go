package kube

import (
	"context"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// singleReads is how many objects of a kind and namespace are read one by one
// before the rest of them is read with a list. A configuration with one
// application should not list a namespace of a thousand.
const singleReads = 1

// reads batches the reads of a refresh: Terraform asks for one resource at a
// time, a thousand times. What it remembers serves refresh only, and a write to
// a kind and namespace makes it forget them.
type reads struct {
	cluster *Cluster
	mu      sync.Mutex
	sets    map[readKey]*readSet
}

type readKey struct {
	kind      Kind
	namespace string
}

// readSet is what is remembered of one kind in one namespace.
type readSet struct {
	singles int
	list    *listing
}

// listing is one list, in flight or done.
type listing struct {
	done    chan struct{}
	objects map[string]*Object
	err     error
}

func newReads(c *Cluster) *reads {
	return &reads{cluster: c, sets: map[readKey]*readSet{}}
}

func (r *reads) invalidate(kind Kind, namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sets, readKey{kind, namespace})
}

// forget drops one list, but none that was begun since.
func (r *reads) forget(key readKey, list *listing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if set := r.sets[key]; set != nil && set.list == list {
		set.list = nil
	}
}

// Read returns an object for a refresh, or nil when there is none. Many reads
// in one namespace cost one paged list. The object is shared: callers must not
// change it.
func (c *Cluster) Read(ctx context.Context, kind Kind, namespace, name string) (*Object, error) {
	list := c.reads.listing(ctx, kind, namespace)
	if list == nil {
		return c.Find(ctx, kind, namespace, name)
	}
	select {
	case <-list.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case apierrors.IsForbidden(list.err):
		// Who may read single objects by name only, still gets them.
		return c.Find(ctx, kind, namespace, name)
	case list.err != nil:
		return nil, list.err
	}
	return list.objects[name], nil
}

// listing returns the list that serves a read, starting it if need be, or nil
// when the read should ask for its object alone.
func (r *reads) listing(ctx context.Context, kind Kind, namespace string) *listing {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := readKey{kind, namespace}
	set := r.sets[key]
	if set == nil {
		set = &readSet{}
		r.sets[key] = set
	}
	if set.list == nil {
		if set.singles < singleReads {
			set.singles++
			return nil
		}
		set.list = &listing{done: make(chan struct{})}
		// The list serves every later reader, so it outlives the one that
		// happened to be first.
		go r.fill(context.WithoutCancel(ctx), key, set.list)
	}
	return set.list
}

func (r *reads) fill(ctx context.Context, key readKey, list *listing) {
	defer close(list.done)
	objects, err := r.cluster.list(ctx, key.kind, key.namespace, "")
	if err != nil {
		list.err = err
		if !apierrors.IsForbidden(err) {
			r.forget(key, list) // a later read tries again
		}
		return
	}
	list.objects = make(map[string]*Object, len(objects))
	for i := range objects {
		list.objects[objects[i].GetName()] = &objects[i]
	}
}
