package kube

import (
	"context"
	"maps"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
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
	singles  int
	list     *listing
	selected map[string]*listing // by label selector
}

// listing is one list, in flight or done.
type listing struct {
	done    chan struct{}
	all     []Object
	objects map[string]*Object // by name; of one namespace only
	err     error

	indexed  sync.Once
	labelled map[label][]Object
}

// label is a label's key and value.
type label [2]string

// with returns the objects with a label. A thousand readers that each looked
// through a thousand objects would take longer than all that the server does.
func (l *listing) with(of label) []Object {
	l.indexed.Do(func() {
		l.labelled = map[label][]Object{}
		for _, object := range l.all {
			labels, _, _ := unstructured.NestedFieldNoCopy(object.Object, "metadata", "labels")
			all, _ := labels.(map[string]any)
			for key, value := range all {
				text, _ := value.(string)
				l.labelled[label{key, text}] = append(l.labelled[label{key, text}], object)
			}
		}
	})
	return l.labelled[of]
}

func newReads(c *Cluster) *reads {
	return &reads{cluster: c, sets: map[readKey]*readSet{}}
}

func (r *reads) invalidate(kind Kind, namespace string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sets, readKey{kind, namespace})
	delete(r.sets, readKey{kind, ""}) // of all namespaces
}

// forget drops one list, but none that was begun since.
func (r *reads) forget(key readKey, list *listing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := r.sets[key]
	if set == nil {
		return
	}
	if set.list == list {
		set.list = nil
	}
	maps.DeleteFunc(set.selected, func(_ string, of *listing) bool { return of == list })
}

// Read returns an object for a refresh, or nil when there is none. Many reads
// in one namespace cost one paged list. The object is shared: callers must not
// change it.
func (c *Cluster) Read(ctx context.Context, kind Kind, namespace, name string) (*Object, error) {
	if object, read := onceOf(ctx).has(kind, namespace, name); read {
		return object, nil
	}
	list := c.reads.listing(ctx, kind, namespace)
	if list == nil {
		object, err := c.Find(ctx, kind, namespace, name)
		if err == nil {
			onceOf(ctx).keep(kind, namespace, name, object)
		}
		return object, err
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

// ReadAll returns the objects of a kind that carry all of the labels, in a
// namespace or, when that is empty, in all of them, for a refresh. Many reads
// with the same labels cost one paged list. The objects are shared: callers must
// not change them.
func (c *Cluster) ReadAll(ctx context.Context, kind Kind, namespace string, selector map[string]string) ([]Object, error) {
	list := c.reads.selection(ctx, kind, namespace, labels.SelectorFromSet(selector).String())
	select {
	case <-list.done:
		return list.all, list.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ReadLabelled is ReadAll for those of the objects that have one label more, by
// which each reader asks for others: all of them share one list.
func (c *Cluster) ReadLabelled(ctx context.Context, kind Kind, namespace string, selector map[string]string, key, value string) ([]Object, error) {
	list := c.reads.selection(ctx, kind, namespace, labels.SelectorFromSet(selector).String())
	select {
	case <-list.done:
		if list.err != nil {
			return nil, list.err
		}
		return list.with(label{key, value}), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// selection returns the list that serves a read of all objects with some labels,
// starting it if need be.
func (r *reads) selection(ctx context.Context, kind Kind, namespace, selector string) *listing {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := readKey{kind, namespace}
	set := r.sets[key]
	if set == nil {
		set = &readSet{}
		r.sets[key] = set
	}
	if set.selected == nil {
		set.selected = map[string]*listing{}
	}
	list := set.selected[selector]
	if list == nil {
		list = &listing{done: make(chan struct{})}
		set.selected[selector] = list
		go r.fill(context.WithoutCancel(ctx), key, selector, list)
	}
	return list
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
		go r.fill(context.WithoutCancel(ctx), key, "", set.list)
	}
	return set.list
}

func (r *reads) fill(ctx context.Context, key readKey, selector string, list *listing) {
	defer close(list.done)
	objects, err := r.cluster.list(ctx, key.kind, key.namespace, selector)
	if err != nil {
		list.err = err
		if !apierrors.IsForbidden(err) {
			r.forget(key, list) // a later read tries again
		}
		return
	}
	list.all = objects
	list.objects = make(map[string]*Object, len(objects))
	for i := range objects {
		list.objects[objects[i].GetName()] = &objects[i]
	}
}
