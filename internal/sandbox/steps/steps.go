// Package steps runs work that has parts, each as soon as the parts that it
// needs are done.
package steps

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Step is one part of the work.
type Step struct {
	// Name is shown while it runs.
	Name string
	// After are the steps whose results this one uses.
	After []*Step
	// Run does it. What it tells say is shown beside the name.
	Run func(ctx context.Context, say func(string)) error
}

// View is told how the work goes on. Its methods are called from several
// goroutines at once.
type View interface {
	Begin(name string)
	Say(name, text string)
	End(name string, took time.Duration, err error)
}

// Error says which step failed.
type Error struct {
	Step string
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Failure is a step's error whose explanation is in a log.
type Failure struct {
	Log string
	Err error
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// errSkipped marks steps that never ran, because one before them failed.
var errSkipped = errors.New("skipped")

// Run runs the steps. The first that fails stops the others; its error, an
// *Error, is returned.
func Run(ctx context.Context, view View, all []*Step) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(map[*Step]chan struct{}, len(all))
	for _, s := range all {
		done[s] = make(chan struct{})
	}
	for _, s := range all {
		for _, before := range s.After {
			if done[before] == nil {
				return fmt.Errorf("step %q comes after %q, which is not among the steps", s.Name, before.Name)
			}
		}
	}
	failed := make(map[*Step]error, len(all))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, s := range all {
		wg.Go(func() {
			defer close(done[s])
			err := runAfter(ctx, view, s, done, func(before *Step) bool {
				mu.Lock()
				defer mu.Unlock()
				return failed[before] != nil
			})
			if err == nil {
				return
			}
			mu.Lock()
			failed[s] = err
			mu.Unlock()
			if !errors.Is(err, errSkipped) {
				cancel(&Error{Step: s.Name, Err: err})
			}
		})
	}
	wg.Wait()
	// The cause is the first failure; later ones are mostly its echo.
	return context.Cause(ctx)
}

func runAfter(ctx context.Context, view View, s *Step, done map[*Step]chan struct{}, failed func(*Step) bool) error {
	for _, before := range s.After {
		<-done[before]
		if failed(before) {
			return errSkipped
		}
	}
	if ctx.Err() != nil {
		return errSkipped
	}
	begun := time.Now()
	view.Begin(s.Name)
	err := s.Run(ctx, func(text string) { view.Say(s.Name, text) })
	view.End(s.Name, time.Since(begun), err)
	return err
}
