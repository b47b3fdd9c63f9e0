package kube

import (
	"context"
	"errors"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
)

const (
	// watchLinger is how long a watch without followers stays open for the next
	// one: applications are created one after the other.
	watchLinger = 15 * time.Second
	// pollInterval is how often an object is read where watching is forbidden.
	pollInterval = time.Second
)

// watches shares one WATCH for each kind and namespace among all who wait for
// objects in it.
type watches struct {
	cluster *Cluster
	mu      sync.Mutex
	open    map[readKey]*sharedWatch
}

func newWatches(c *Cluster) *watches {
	return &watches{cluster: c, open: map[readKey]*sharedWatch{}}
}

// sharedWatch is one WATCH and the followers that its events go to.
type sharedWatch struct {
	watches *watches
	key     readKey
	cancel  context.CancelFunc
	ready   chan struct{} // closed once events are seen, or never will be

	mu        sync.Mutex
	forbidden bool // the server refuses the watch: followers must poll
	followers map[*follower]bool
	linger    *time.Timer
}

// follower waits for one object. It holds the newest event only: who waits for
// a state does not care for the states in between.
type follower struct {
	name   string
	signal chan struct{} // of size one: there is something new

	mu      sync.Mutex
	latest  *Object
	deleted bool
	resync  bool // events may have been missed: read the object again
}

func (f *follower) notify(change func()) {
	f.mu.Lock()
	change()
	f.mu.Unlock()
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

// take returns what is new since the last call.
func (f *follower) take() (object *Object, deleted, resync bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	object, deleted, resync = f.latest, f.deleted, f.resync
	f.latest, f.deleted, f.resync = nil, false, false
	return object, deleted, resync
}

// follow adds a follower for the named object and returns once its events are
// being watched.
func (w *watches) follow(ctx context.Context, kind Kind, namespace, name string) (*sharedWatch, *follower, error) {
	key := readKey{kind, namespace}
	f := &follower{name: name, signal: make(chan struct{}, 1)}

	w.mu.Lock()
	s := w.open[key]
	if s == nil {
		watchCtx, cancel := context.WithCancel(context.Background())
		s = &sharedWatch{watches: w, key: key, cancel: cancel, ready: make(chan struct{}), followers: map[*follower]bool{}}
		w.open[key] = s
		go s.run(watchCtx)
	}
	s.mu.Lock()
	s.followers[f] = true
	if s.linger != nil {
		s.linger.Stop()
		s.linger = nil
	}
	s.mu.Unlock()
	w.mu.Unlock()

	select {
	case <-s.ready:
		return s, f, nil
	case <-ctx.Done():
		s.leave(f)
		return nil, nil, ctx.Err()
	}
}

// leave removes a follower; the last one to leave ends the watch after a while.
func (s *sharedWatch) leave(f *follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.followers, f)
	if len(s.followers) == 0 && s.linger == nil {
		s.linger = time.AfterFunc(watchLinger, s.closeIfIdle)
	}
}

func (s *sharedWatch) closeIfIdle() {
	s.watches.mu.Lock()
	defer s.watches.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.followers) > 0 {
		return
	}
	s.cancel()
	if s.watches.open[s.key] == s { // not one that was opened since
		delete(s.watches.open, s.key)
	}
}

// run keeps the watch open until its context ends, from where it was or, when
// the server has forgotten that place, from now on.
func (s *sharedWatch) run(ctx context.Context) {
	started := sync.OnceFunc(func() { close(s.ready) })
	defer started()
	backoff := newWatchBackoff()
	version := ""
	missed := false // followers wait for events that were before version
	for ctx.Err() == nil {
		began := time.Now()
		var err error
		if version == "" {
			version, err = s.now(ctx)
			if err == nil && missed {
				// Not earlier: what happens between a follower's read and the version
				// that the watch starts from would be in neither.
				s.resync()
				missed = false
			}
		}
		if err == nil {
			version, err = s.stream(ctx, version, started)
		}
		switch {
		case ctx.Err() != nil:
			return
		case apierrors.IsForbidden(err):
			s.refuse()
			return
		case apierrors.IsResourceExpired(err) || apierrors.IsGone(err):
			version = ""
		case err != nil && !IsTransient(err):
			s.resync() // whoever waits then reads, and is told what is wrong
		}
		// Whoever waits has a deadline of their own; until then an API server that
		// is away for a moment is waited out, and one that ends every watch at once
		// is not asked in a tight loop. Events are not lost: the next watch goes on
		// from the same version.
		missed = missed || version == ""
		started()
		if time.Since(began) > watchSettled {
			backoff = newWatchBackoff()
		}
		select {
		case <-time.After(backoff.Step()):
		case <-ctx.Done():
		}
	}
}

// watchSettled is how long a watch must have lasted for its end to be no sign of
// trouble.
const watchSettled = 5 * time.Second

func newWatchBackoff() *wait.Backoff {
	return &wait.Backoff{Duration: 200 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 6, Cap: 5 * time.Second}
}

// now returns the version that a watch from now on starts at.
func (s *sharedWatch) now(ctx context.Context) (string, error) {
	page, err := s.watches.cluster.of(s.key.kind, s.key.namespace).List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return "", err
	}
	return page.GetResourceVersion(), nil
}

// stream hands events out until the server ends the watch, and returns the
// version to go on from.
func (s *sharedWatch) stream(ctx context.Context, version string, started func()) (string, error) {
	w, err := s.watches.cluster.of(s.key.kind, s.key.namespace).Watch(ctx, metav1.ListOptions{
		ResourceVersion: version, AllowWatchBookmarks: true,
	})
	if err != nil {
		return version, err
	}
	defer w.Stop()
	started()
	for event := range w.ResultChan() {
		if event.Type == watch.Error {
			return version, apierrors.FromObject(event.Object)
		}
		object, ok := event.Object.(*Object)
		if !ok {
			return version, errors.New("the watch sent something that is no object")
		}
		version = object.GetResourceVersion()
		if event.Type != watch.Bookmark {
			s.dispatch(object, event.Type == watch.Deleted)
		}
	}
	return version, nil
}

func (s *sharedWatch) dispatch(object *Object, deleted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.followers {
		if f.name == object.GetName() {
			f.notify(func() { f.latest, f.deleted = object, deleted })
		}
	}
}

func (s *sharedWatch) resync() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.followers {
		f.notify(func() { f.resync = true })
	}
}

func (s *sharedWatch) refuse() {
	s.mu.Lock()
	s.forbidden = true
	s.mu.Unlock()
	s.resync()
}

func (s *sharedWatch) isForbidden() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forbidden
}
