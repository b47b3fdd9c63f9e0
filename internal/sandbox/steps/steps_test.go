package steps

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

// journal is a View that remembers.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) Begin(name string)     { j.note("begin " + name) }
func (j *journal) Say(name, text string) { j.note(name + " says " + text) }
func (j *journal) End(name string, _ time.Duration, err error) {
	if err != nil {
		j.note("fail " + name)
		return
	}
	j.note("end " + name)
}

func (j *journal) at(line string) int { return slices.Index(j.lines, line) }

func nothing(context.Context, func(string)) error { return nil }

func TestStepsRunAfterWhatTheyNeed(t *testing.T) {
	a := &Step{Name: "a", Run: nothing}
	b := &Step{Name: "b", Run: func(_ context.Context, say func(string)) error { say("hi"); return nil }, After: []*Step{a}}
	c := &Step{Name: "c", Run: nothing, After: []*Step{a, b}}
	j := &journal{}
	if err := Run(t.Context(), j, []*Step{c, b, a}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(j.lines, []string{"begin a", "end a", "begin b", "b says hi", "end b", "begin c", "end c"}) {
		t.Errorf("got %q", j.lines)
	}
}

func TestStepsRunAtTheSameTime(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	meet := func(context.Context, func(string)) error { both.Done(); both.Wait(); return nil }
	if err := Run(t.Context(), &journal{}, []*Step{{Name: "a", Run: meet}, {Name: "b", Run: meet}}); err != nil {
		t.Fatal(err)
	}
}

func TestAFailureStopsTheRest(t *testing.T) {
	boom := errors.New("boom")
	begun := make(chan struct{})
	fails := &Step{Name: "fails", Run: func(context.Context, func(string)) error { <-begun; return boom }}
	waits := &Step{Name: "waits", Run: func(ctx context.Context, _ func(string)) error { close(begun); <-ctx.Done(); return ctx.Err() }}
	later := &Step{Name: "later", After: []*Step{fails}, Run: nothing}
	last := &Step{Name: "last", After: []*Step{later}, Run: nothing}
	j := &journal{}
	err := Run(t.Context(), j, []*Step{fails, waits, later, last})
	var failed *Error
	if !errors.Is(err, boom) || !errors.As(err, &failed) || failed.Step != "fails" {
		t.Errorf("got %v", err)
	}
	if j.at("begin later") >= 0 || j.at("begin last") >= 0 {
		t.Errorf("a step ran although what it needs had failed: %q", j.lines)
	}
	if j.at("fail waits") < 0 {
		t.Errorf("the other step was not stopped: %q", j.lines)
	}
}

func TestInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &Step{Name: "a", Run: func(ctx context.Context, _ func(string)) error { cancel(); <-ctx.Done(); return ctx.Err() }}
	if err := Run(ctx, &journal{}, []*Step{s}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnknownNeedIsAnError(t *testing.T) {
	if err := Run(t.Context(), &journal{}, []*Step{{Name: "a", Run: nothing, After: []*Step{{Name: "b"}}}}); err == nil {
		t.Error("accepted")
	}
}
