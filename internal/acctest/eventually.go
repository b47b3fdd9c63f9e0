package acctest

import (
	"context"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// interval is how often a condition is looked at.
const interval = 200 * time.Millisecond

// Eventually calls condition until it returns nil, and fails the test with its
// last error when that takes longer than limit.
func Eventually(t testing.TB, limit time.Duration, condition func(context.Context) error) {
	t.Helper()
	if err := eventually(t.Context(), limit, condition); err != nil {
		t.Fatalf("not so within %s: %s", limit, err)
	}
}

func eventually(ctx context.Context, limit time.Duration, condition func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, interval, limit, true, func(ctx context.Context) (bool, error) {
		if err := condition(ctx); ctx.Err() == nil || err == nil {
			last = err // an error of the time that is up would hide the one before
		}
		return last == nil, nil
	})
	if err != nil && last != nil {
		return last
	}
	return err
}
