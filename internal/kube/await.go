package kube

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// Await follows an object until check says that it is done or failed, and
// returns the object as check last saw it; nil is an object that does not
// exist. Follow starts before the write that is waited for, so that a wait for
// many objects of a namespace costs one WATCH and no reads:
//
//	wait, err := cluster.Follow(ctx, kind, namespace, name)
//	defer wait.Close()
//	object, err := cluster.Apply(…)
//	object, err = wait.Await(ctx, object, check)
//
// The object must be what a read or a write has returned since Follow: what becomes of an
// older one before Follow is told by no event, and would be waited for until the end.
type Await struct {
	cluster         *Cluster
	kind            Kind
	namespace, name string
	watch           *sharedWatch
	follower        *follower
	behind          bool // a read that events can't replace got no answer
}

// Check looks at an object, nil if it does not exist, and says whether the wait
// is over. A wait that again is positive asks to be called again after that
// time even if nothing happens.
type Check func(object *Object) (done bool, again time.Duration, err error)

// Follow begins to follow an object's events.
func (c *Cluster) Follow(ctx context.Context, kind Kind, namespace, name string) (*Await, error) {
	watch, f, err := c.watches.follow(ctx, kind, namespace, name)
	if err != nil {
		return nil, err
	}
	return &Await{cluster: c, kind: kind, namespace: namespace, name: name, watch: watch, follower: f}, nil
}

// Close ends the following.
func (a *Await) Close() { a.watch.leave(a.follower) }

// Await calls check with object and then with every newer state of it, until
// check is done, fails, or the context ends.
func (a *Await) Await(ctx context.Context, object *Object, check Check) (*Object, error) {
	for {
		done, again, err := check(object)
		if done || err != nil {
			return object, err
		}
		next, err := a.next(ctx, object, again)
		if err != nil {
			return object, err
		}
		object = next
	}
}

// next waits for a newer state of the object, or for the time that check asked
// to be called again.
func (a *Await) next(ctx context.Context, seen *Object, again time.Duration) (*Object, error) {
	var timer <-chan time.Time
	if again > 0 {
		timer = time.After(again)
	}
	var poll <-chan time.Time
	if a.behind || a.watch.isForbidden() {
		poll = time.After(pollInterval)
	}
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-timer:
			return seen, nil
		case <-poll:
			return a.read(ctx, seen)
		case <-a.follower.signal:
			object, deleted, resync := a.follower.take()
			switch {
			case resync:
				return a.read(ctx, seen)
			case object == nil, older(object, seen):
				continue
			case deleted:
				return nil, nil
			}
			return object, nil
		}
	}
}

// read asks for the object. An API server that does not answer is no reason to
// give up a wait, only to go on with what was seen and ask again.
func (a *Await) read(ctx context.Context, seen *Object) (*Object, error) {
	object, err := a.cluster.Find(ctx, a.kind, a.namespace, a.name)
	a.behind = IsTransient(err)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case a.behind:
		return seen, nil
	}
	return object, err
}

// older reports whether an event tells of a state from before the one that was
// seen, or of that one: the answer to a write overtakes the events that led to
// it, and the end of an object may be told after its successor was made.
func older(event, seen *Object) bool {
	if seen == nil {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(event.GetResourceVersion(), seen.GetResourceVersion())
	return err == nil && order <= 0 // a server with versions of another kind is believed
}
