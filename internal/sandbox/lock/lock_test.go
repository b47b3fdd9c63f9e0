package lock

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAcquireWaitsAndTellsForWhom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "locks", "x")
	first, err := Acquire(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var told []string
	if _, err := Acquire(ctx, path, func(holder string) { told = append(told, holder) }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock was given out, or: %v", err)
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "process ") {
		t.Errorf("told %q", told)
	}
	first.Release()
	second, err := Acquire(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	second.Release()
}
