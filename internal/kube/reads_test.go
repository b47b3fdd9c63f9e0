package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func fillShop(api *apiServer, count int) []string {
	var names []string
	for i := range count {
		names = append(names, fmt.Sprintf("t%04d", i))
		api.put(names[i], names[i])
	}
	return names
}

// readAll reads many objects at once, as a refresh does, and returns how often
// each error came.
func readAll(ctx context.Context, t *testing.T, c *Cluster, names []string) (failed int) {
	t.Helper()
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for _, name := range names {
		wg.Go(func() {
			object, err := c.Read(ctx, things, "shop", name)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				failed++
			case object == nil || object.GetName() != name:
				t.Errorf("asked for %s, got %v", name, object)
			}
		})
	}
	wg.Wait()
	return failed
}

func TestManyReadsAreOnePagedList(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	names := fillShop(api, 1100)

	readAll(t.Context(), t, c, names[:1])
	expectAsked(t, api, map[string]int{"get": 1}) // one object is not worth a list
	readAll(t.Context(), t, c, names)
	expectAsked(t, api, map[string]int{"list": 3}) // 500 a page
	readAll(t.Context(), t, c, names)
	expectAsked(t, api, map[string]int{})

	if object, err := c.Read(t.Context(), things, "shop", "absent"); object != nil || err != nil {
		t.Errorf("an object that is not there gives %v, %v", object, err)
	}
}

func TestAWriteEndsWhatReadsRemember(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*Cluster, *Object) error{
		"apply": func(c *Cluster, object *Object) error {
			_, err := c.Apply(t.Context(), things, thing(object.GetName(), "new"), ApplyOptions{Manager: "test"})
			return err
		},
		"patch": func(c *Cluster, object *Object) error {
			_, err := c.Patch(t.Context(), things, "shop", object.GetName(), []byte(`{"spec":"new"}`), "test")
			return err
		},
		"delete": func(c *Cluster, object *Object) error {
			return c.Delete(t.Context(), things, "shop", object.GetName(), object.GetUID())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			c := api.open(t)
			names := fillShop(api, 3)
			readAll(t.Context(), t, c, names)
			old, err := c.Read(t.Context(), things, "shop", names[2])
			if err != nil {
				t.Fatal(err)
			}
			if err := write(c, old); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the first asks for the object alone, the second for the list
				object, err := c.Read(t.Context(), things, "shop", names[2])
				if err != nil || (object != nil && object.Object["spec"] != "new") {
					t.Errorf("after the write, the read gives %v, %v", object, err)
				}
			}
		})
	}
}

// A list that was begun before a write must not serve those who read after it,
// whenever it comes to its end, and must not take their own list from them.
func TestAWriteDuringAList(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]*refusal{"that succeeds": nil, "that fails": {code: http.StatusServiceUnavailable, times: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := startAPI(t)
			c := api.open(t)
			names := fillShop(api, 2)
			readAll(t.Context(), t, c, names[:1])
			listing, goOn := make(chan struct{}), make(chan struct{})
			api.onNext("list", func() {
				close(listing)
				<-goOn
			})
			early := make(chan error, 1)
			go func() {
				_, err := c.Read(t.Context(), things, "shop", names[1])
				early <- err
			}()
			<-listing
			if _, err := c.Apply(t.Context(), things, thing(names[1], "new"), ApplyOptions{Manager: "test"}); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if object, err := c.Read(t.Context(), things, "shop", names[1]); err != nil || object.Object["spec"] != "new" {
					t.Errorf("after the write, the read gives %v, %v", object, err)
				}
			}
			api.asked()
			api.refuse("list", end)
			close(goOn)
			if err := <-early; (err != nil) != (end != nil) {
				t.Errorf("the first list ended with %v", err)
			}
			if _, err := c.Read(t.Context(), things, "shop", names[1]); err != nil {
				t.Error(err)
			}
			expectAsked(t, api, map[string]int{})
		})
	}
}

// Reads of all objects share one list for the same labels, until a write or a
// failure ends it.
func TestReadAllSharesAList(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	names := fillShop(api, 3)
	readAll := func(want int) {
		t.Helper()
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				objects, err := c.ReadAll(t.Context(), things, "shop", map[string]string{"a": "b"})
				if err != nil || len(objects) != want {
					t.Errorf("got %d objects, %v; want %d", len(objects), err, want)
				}
			})
		}
		wg.Wait()
	}
	readAll(3)
	expectAsked(t, api, map[string]int{"list": 1})
	if _, err := c.Patch(t.Context(), things, "shop", names[0], []byte(`{"spec":"new"}`), "test"); err != nil {
		t.Fatal(err)
	}
	api.asked()
	readAll(3)
	expectAsked(t, api, map[string]int{"list": 1})

	c.reads.invalidate(things, "shop")
	api.refuse("list", &refusal{code: http.StatusInternalServerError, reason: metav1.StatusReasonInternalError, times: 1})
	if _, err := c.ReadAll(t.Context(), things, "shop", nil); !apierrors.IsInternalError(err) {
		t.Errorf("the read gives %v", err)
	}
	if _, err := c.ReadAll(t.Context(), things, "shop", nil); err != nil {
		t.Errorf("the read after a failed one gives %v", err)
	}
}

func TestAListThatExpiresBetweenPages(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	fillShop(api, 1100)
	api.onNext("list", func() { api.onNext("list", api.compact) }) // before the second page
	objects, err := c.List(t.Context(), things, "shop", nil)
	if err != nil || len(objects) != 1100 {
		t.Errorf("got %d objects, %v", len(objects), err)
	}
	expectAsked(t, api, map[string]int{"list": 3}) // a page, a refusal, and all of it
}

func TestWhoMayNotListReadsOneByOne(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	names := fillShop(api, 10)
	api.refuse("list", &refusal{code: http.StatusForbidden, reason: metav1.StatusReasonForbidden, times: -1})
	readAll(t.Context(), t, c, names)
	expectAsked(t, api, map[string]int{"list": 1, "get": 10})
}

// Those who wait for a list that fails are told; the next one asks again.
func TestAFailedListIsNotRemembered(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	names := fillShop(api, 10)
	readAll(t.Context(), t, c, names[:1])
	api.refuse("list", &refusal{code: http.StatusInternalServerError, reason: metav1.StatusReasonInternalError, times: 1})
	if _, err := c.Read(t.Context(), things, "shop", names[1]); !apierrors.IsInternalError(err) {
		t.Errorf("the read gives %v", err)
	}
	if failed := readAll(t.Context(), t, c, names); failed != 0 {
		t.Errorf("%d of the reads after that failed", failed)
	}
	expectAsked(t, api, map[string]int{"get": 1, "list": 2})
}

func TestAnInterruptedReadEndsAtOnce(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	names := fillShop(api, 3)
	readAll(t.Context(), t, c, names[:1])
	api.refuse("list", &refusal{hang: true, times: 1})
	read := func(ctx context.Context) error {
		_, err := c.Read(ctx, things, "shop", names[1])
		return err
	}
	endsPromptly(t, read) // whose read began the list
	endsPromptly(t, read) // who waits for another's list
	api.CloseClientConnections()
}

func TestRecentSharesAList(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	fillShop(api, 3)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if objects, err := c.Recent(t.Context(), things, "shop", time.Minute); len(objects) != 3 || err != nil {
				t.Errorf("got %d objects, %v", len(objects), err)
			}
		})
	}
	wg.Wait()
	expectAsked(t, api, map[string]int{"list": 1})
	if _, err := c.Recent(t.Context(), things, "shop", 0); err != nil {
		t.Error(err)
	}
	expectAsked(t, api, map[string]int{"list": 1})
}

func TestAnInterruptedRecentEndsAtOnce(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	fillShop(api, 3)
	api.refuse("list", &refusal{hang: true, times: 1})
	recent := func(ctx context.Context) error {
		_, err := c.Recent(ctx, things, "shop", time.Minute)
		return err
	}
	first, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- recent(first) }()
	eventually(t, "the list is asked for", func() bool { return api.count("list") == 1 })
	endsPromptly(t, recent) // who waits for another's list
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the first ended with %v", err)
	}
	// That the first gave up is no answer for the others.
	if err := recent(t.Context()); err != nil {
		t.Error(err)
	}
}
