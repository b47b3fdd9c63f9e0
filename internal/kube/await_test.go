package kube

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// until is a check that is over when the object has that spec.
func until(spec any) Check {
	return func(object *Object) (bool, time.Duration, error) {
		return object != nil && object.Object["spec"] == spec, 0, nil
	}
}

func follow(t *testing.T, c *Cluster, name string) *Await {
	t.Helper()
	wait, err := c.Follow(t.Context(), things, "shop", name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(wait.Close)
	return wait
}

// mustAwait waits for a spec, and fails if nobody tells the wait of it in time.
func mustAwait(t *testing.T, wait *Await, seen *Object, spec any) *Object {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	object, err := wait.Await(ctx, seen, until(spec))
	if err != nil {
		t.Fatalf("waiting for %v, having seen %v: %v", spec, object, err)
	}
	return object
}

func TestManyWaitsAreOneWatch(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			name := fmt.Sprintf("t%d", i)
			wait, err := c.Follow(t.Context(), things, "shop", name)
			if err != nil {
				t.Error(err)
				return
			}
			defer wait.Close()
			object, err := c.Apply(t.Context(), things, thing(name, "begun"), ApplyOptions{Manager: "test"})
			if err != nil {
				t.Error(err)
				return
			}
			api.put(name, "done")
			if object, err = wait.Await(t.Context(), object, until("done")); err != nil || object.GetName() != name {
				t.Errorf("the wait for %s ends with %v, %v", name, object, err)
			}
		})
	}
	wg.Wait()
	expectAsked(t, api, map[string]int{"list": 1, "watch": 1, "patch": 30})

	// The next one within some seconds finds the watch still open.
	wait := follow(t, c, "later")
	api.put("later", "done")
	mustAwait(t, wait, nil, "done")
	expectAsked(t, api, map[string]int{})
}

// What happens as soon as Follow has returned is not missed, nor what happens
// while the watch is being opened.
func TestNothingIsMissedWhenAWaitBegins(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		api := startAPI(t)
		c := api.open(t)
		object := api.put("a", "begun")
		if i%2 == 0 {
			api.onNext("watch", func() { api.put("a", "between") })
		}
		wait := follow(t, c, "a")
		api.put("a", "done")
		mustAwait(t, wait, object, "done")
	}
}

// A server that was away when the wait began, and then back: the watch begins
// after the event, so the object is read.
func TestNothingIsMissedWhenTheServerWasAwayAtFirst(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	api.refuse("list", &refusal{code: http.StatusServiceUnavailable, times: -1})
	wait := follow(t, c, "a")
	api.put("a", "done")
	api.refuse("list", nil)
	mustAwait(t, wait, object, "done")
}

func TestAWatchThatIsCutOffGoesOn(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	wait := follow(t, c, "a")
	api.onNext("watch", func() { api.put("a", "done") }) // before the next watch is open
	api.CloseClientConnections()
	mustAwait(t, wait, object, "done")
	expectAsked(t, api, map[string]int{"list": 1, "watch": 2})
}

func TestAWatchGoesOnFromABookmark(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	wait := follow(t, c, "a")
	api.bookmark(t)
	api.endWatches()
	eventually(t, "the next watch", func() bool { return api.count("watch") == 2 })
	api.put("a", "done")
	mustAwait(t, wait, object, "done")
	expectAsked(t, api, map[string]int{"list": 1, "watch": 2})
}

// The server has forgotten where the watch was (410). Whatever happened until
// the new one starts must be read, also what happened after a read that came too
// early.
func TestNothingIsMissedWhenTheServerForgets(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	wait := follow(t, c, "a")
	awaited := make(chan *Object)
	go func() { awaited <- mustAwait(t, wait, object, "done") }()
	api.onNext("list", func() {
		for range 30 {
			if api.count("get") > 0 {
				break
			}
			<-time.After(10 * time.Millisecond)
		}
		api.put("a", "done")
	})
	api.compact()
	api.CloseClientConnections()
	<-awaited
	eventually(t, "the watch is open again", func() bool { return api.count("watch") == 3 })
	expectAsked(t, api, map[string]int{"list": 2, "watch": 3, "get": 1})
}

// A read that is to replace lost events, and gets no answer, is done again.
func TestAReadThatReplacesEventsIsRepeated(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	wait := follow(t, c, "a")
	wait.watch.cancel() // no event comes any more
	api.put("a", "done")
	api.refuse("get", &refusal{code: http.StatusServiceUnavailable, times: 1})
	wait.follower.notify(func() { wait.follower.resync = true })
	mustAwait(t, wait, object, "done")
}

func TestWhoMayNotWatchPolls(t *testing.T) {
	t.Parallel()
	forbidden := &refusal{code: http.StatusForbidden, reason: metav1.StatusReasonForbidden, times: -1}
	for _, verb := range []string{"list", "watch"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			c := api.open(t)
			object := api.put("a", "begun")
			api.refuse(verb, forbidden)
			wait := follow(t, c, "a")
			go func() {
				eventually(t, "a first read", func() bool { return api.count("get") > 0 })
				api.put("a", "done")
			}()
			mustAwait(t, wait, object, "done")
			if api.count("watch") > 1 {
				t.Errorf("it asked for %d watches", api.count("watch"))
			}
			// The permission is asked for again by whoever comes much later.
			wait.Close()
			wait.watch.closeIfIdle()
			api.refuse(verb, nil)
			again := follow(t, c, "a")
			api.put("a", "again")
			api.asked()
			mustAwait(t, again, object, "again")
			if api.count("get") != 0 {
				t.Error("it still polls")
			}
		})
	}
}

// A credential that is refused while a wait lasts ends it, and says so.
func TestAWaitEndsWhenTheServerRefuses(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	wait := follow(t, c, "a")
	unauthorized := &refusal{code: http.StatusUnauthorized, reason: metav1.StatusReasonUnauthorized, times: -1}
	api.refuse("get", unauthorized)
	api.refuse("watch", unauthorized)
	api.CloseClientConnections()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	if _, err := wait.Await(ctx, object, until("done")); !apierrors.IsUnauthorized(err) {
		t.Errorf("the wait ends with %v", err)
	}
}

func TestAServerThatEndsEveryWatchIsNotPressed(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	api.refuse("watch", &refusal{end: true, times: -1})
	wait := follow(t, c, "a")
	<-time.After(500 * time.Millisecond)
	if watches := api.count("watch"); watches > 5 {
		t.Errorf("%d watches in half a second", watches)
	}
	api.refuse("watch", nil)
	api.put("a", "done")
	mustAwait(t, wait, object, "done")
}

func TestAnInterruptedWaitEndsAtOnce(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	object := api.put("a", "begun")
	wait := follow(t, c, "a")
	endsPromptly(t, func(ctx context.Context) error {
		last, err := wait.Await(ctx, object, until("done"))
		if last != object {
			t.Errorf("it last saw %v", last)
		}
		return err
	})

	silent := startAPI(t)
	silent.refuse("list", &refusal{hang: true, times: -1})
	d := silent.open(t)
	endsPromptly(t, func(ctx context.Context) error {
		_, err := d.Follow(ctx, things, "shop", "a")
		return err
	})
	if s := d.watches.open[readKey{things, "shop"}]; s == nil || len(s.followers) != 0 || s.linger == nil {
		t.Errorf("the interrupted follower is still there: %+v", s)
	}
	silent.CloseClientConnections()
}

func TestAWaitEndsWithItsCause(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	wait := follow(t, c, "a")
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := wait.Await(ctx, nil, until("done")); !errors.Is(err, why) {
		t.Errorf("ended with %v", err)
	}
}

// What the answer to a write has told is not undone by the events that led to
// it, which come later.
func TestAWaitNeverGoesBack(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	wait := follow(t, c, "a")
	for i := range 50 {
		api.put("a", int64(i))
	}
	answer := api.put("a", "answer")
	go api.put("a", "done")
	var seen []any
	_, err := wait.Await(t.Context(), answer, func(object *Object) (bool, time.Duration, error) {
		seen = append(seen, object.Object["spec"])
		return object.Object["spec"] == "done", 0, nil
	})
	if err != nil || len(seen) != 2 || seen[0] != "answer" {
		t.Errorf("the wait saw %v, %v", seen, err)
	}
}

func TestAWaitForTheEnd(t *testing.T) {
	t.Parallel()
	gone := func(of *Object) Check {
		return func(object *Object) (bool, time.Duration, error) {
			return object == nil || object.GetUID() != of.GetUID(), 0, nil
		}
	}
	t.Run("deleted", func(t *testing.T) {
		t.Parallel()
		api := startAPI(t)
		wait := follow(t, api.open(t), "a")
		object := api.put("a", "begun")
		api.drop("a")
		if last, err := wait.Await(t.Context(), object, gone(object)); err != nil || last != nil {
			t.Errorf("the wait ends with %v, %v", last, err)
		}
	})
	// The new object may be of the same second, and its event hide the end of the
	// old one.
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		api := startAPI(t)
		wait := follow(t, api.open(t), "a")
		object := api.put("a", "begun")
		api.drop("a")
		api.put("a", "another")
		if _, err := wait.Await(t.Context(), object, gone(object)); err != nil {
			t.Error(err)
		}
		eventually(t, "the last event", func() bool { return len(wait.follower.signal) > 0 || wait.follower.latest == nil })
	})
}

func TestACheckIsCalledAgainInItsTime(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	wait := follow(t, api.open(t), "a")
	calls := 0
	_, err := wait.Await(t.Context(), nil, func(*Object) (bool, time.Duration, error) {
		calls++
		return calls == 3, 10 * time.Millisecond, nil
	})
	if err != nil || calls != 3 {
		t.Errorf("%d calls, %v", calls, err)
	}
	failure := errors.New("no use")
	if _, err := wait.Await(t.Context(), nil, func(*Object) (bool, time.Duration, error) { return false, 0, failure }); !errors.Is(err, failure) {
		t.Errorf("ended with %v", err)
	}
	expectAsked(t, api, map[string]int{"list": 1, "watch": 1})
}

func TestAWatchWithoutFollowersIsClosed(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	key := readKey{things, "shop"}
	first := follow(t, c, "a")
	first.watch.closeIfIdle()
	if c.watches.open[key] != first.watch {
		t.Fatal("a watch with a follower was closed")
	}
	first.Close()
	first.watch.closeIfIdle()
	if c.watches.open[key] != nil {
		t.Fatal("a watch without followers is still open")
	}
	eventually(t, "the server is told", func() bool {
		api.mu.Lock()
		defer api.mu.Unlock()
		return maps.Equal(api.counts, map[string]int{"list": 1, "watch": 1})
	})
	// A timer of the closed watch that comes late must not touch the next one.
	second := follow(t, c, "a")
	first.watch.closeIfIdle()
	if second.watch == first.watch || c.watches.open[key] != second.watch {
		t.Error("the end of a watch has ended the next one")
	}
	api.put("a", "done")
	mustAwait(t, second, nil, "done")
}

func TestOlder(t *testing.T) {
	t.Parallel()
	at := func(version string) *Object {
		object := thing("a", nil)
		object.SetResourceVersion(version)
		return object
	}
	for name, test := range map[string]struct {
		event, seen *Object
		want        bool
	}{
		"nothing was seen":          {at("1"), nil, false},
		"later":                     {at("10"), at("9"), false},
		"earlier":                   {at("9"), at("10"), true},
		"the same":                  {at("10"), at("10"), true},
		"versions that are no such": {at("b"), at("a"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := older(test.event, test.seen); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
