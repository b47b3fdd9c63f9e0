package kube

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

func TestTheClusterIsAskedForItsIDOnce(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if id, err := c.ID(t.Context()); id != "the-cluster" || err != nil {
				t.Errorf("got %q, %v", id, err)
			}
		})
	}
	wg.Wait()
	expectAsked(t, api, map[string]int{"id": 1})

	configured, err := Open(&rest.Config{Host: api.URL}, "mine")
	if err != nil {
		t.Fatal(err)
	}
	if id, err := configured.ID(t.Context()); id != "mine" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
	expectAsked(t, api, map[string]int{})
}

func TestAPassingFailureOfTheIDIsNotRemembered(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	api.refuse("id", &refusal{code: http.StatusServiceUnavailable, times: 1})
	if _, err := c.ID(t.Context()); !apierrors.IsServiceUnavailable(err) && !apierrors.IsInternalError(err) {
		t.Errorf("got %v", err)
	}
	api.refuse("id", &refusal{hang: true, times: 1})
	endsPromptly(t, func(ctx context.Context) error {
		_, err := c.ID(ctx)
		return err
	})
	if id, err := c.ID(t.Context()); id != "the-cluster" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
}

func TestWhoMayNotAskForTheIDAsksOnce(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	api.refuse("id", &refusal{code: http.StatusForbidden, reason: metav1.StatusReasonForbidden, times: -1})
	for range 3 {
		if _, err := c.ID(t.Context()); !apierrors.IsForbidden(err) {
			t.Errorf("got %v", err)
		}
	}
	expectAsked(t, api, map[string]int{"id": 1})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.ID(cancelled); !errors.Is(err, context.Canceled) && !apierrors.IsForbidden(err) {
		t.Errorf("got %v", err)
	}
}

func TestDeleteRemovesTheObjectThatWasMeant(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	mine := api.put("a", nil)
	if err := c.Delete(t.Context(), things, "shop", "a", mine.GetUID()); err != nil {
		t.Error(err)
	}
	if err := c.Delete(t.Context(), things, "shop", "a", mine.GetUID()); err != nil {
		t.Errorf("of an object that is gone: %v", err)
	}
	theirs := api.put("a", nil)
	if err := c.Delete(t.Context(), things, "shop", "a", mine.GetUID()); err != nil {
		t.Errorf("of an object that another one took the place of: %v", err)
	}
	if live, err := c.Find(t.Context(), things, "shop", "a"); err != nil || live == nil || live.GetUID() != theirs.GetUID() {
		t.Errorf("the other one is now %v, %v", live, err)
	}
	api.refuse("delete", &refusal{code: http.StatusConflict, reason: metav1.StatusReasonConflict, times: 1})
	if err := c.Delete(t.Context(), things, "shop", "a", theirs.GetUID()); !apierrors.IsConflict(err) {
		t.Errorf("of an object that was changed meanwhile: %v", err)
	}
}
