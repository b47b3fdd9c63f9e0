package progress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// View is a steps.View that must be closed when the work is done.
type View interface {
	steps.View
	Close()
}

// New shows work of total steps on f: live where f is a terminal, else as
// plain lines.
func New(f *os.File, total int) View {
	if term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("CI") == "" {
		return NewTerminal(f, total)
	}
	return NewPlain(f, total)
}

// Terminal shows a live line for each step that runs and one for the whole;
// steps that are done scroll away above.
type Terminal struct {
	bars  *mpb.Progress
	total *mpb.Bar
	begun time.Time

	mu      sync.Mutex
	running map[string]*live
}

type live struct {
	bar *mpb.Bar
	mu  sync.Mutex
	say string
}

func (l *live) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.say
}

// NewTerminal shows work of total steps on a terminal.
func NewTerminal(w io.Writer, total int) *Terminal {
	t := &Terminal{begun: time.Now(), running: map[string]*live{}}
	t.bars = mpb.New(mpb.WithOutput(w), mpb.ForceAutoRefresh(), mpb.ForceTTY(), mpb.WithRefreshRate(100*time.Millisecond), mpb.WithWidth(40))
	t.total = t.bars.New(int64(total), mpb.BarStyle().Rbound("]"),
		mpb.BarPriority(1<<20), // below the steps
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
			return fmt.Sprintf("  %d of %d steps, %s ", s.Current, s.Total, short(time.Since(t.begun)))
		})),
	)
	return t
}

// Begin implements steps.View.
func (t *Terminal) Begin(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	begun, l := time.Now(), &live{}
	l.bar = t.bars.New(1, mpb.SpinnerStyle().PositionLeft(),
		mpb.BarWidth(1), mpb.BarFillerTrim(), mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			text := l.text()
			if text != "" {
				text = ": " + text
			}
			return fmt.Sprintf(" %s%s (%s)", name, text, short(time.Since(begun)))
		})),
	)
	t.running[name] = l
}

// Say implements steps.View.
func (t *Terminal) Say(name, text string) {
	t.mu.Lock()
	l := t.running[name]
	t.mu.Unlock()
	if l != nil {
		l.mu.Lock()
		l.say = text
		l.mu.Unlock()
	}
}

// End implements steps.View.
func (t *Terminal) End(name string, took time.Duration, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.running[name]; l != nil {
		l.bar.Abort(true)
		delete(t.running, name)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		fmt.Fprintf(t.bars, "✗ %s (%s)\n", name, short(took))
	default:
		fmt.Fprintf(t.bars, "✓ %s (%s)\n", name, short(took))
		t.total.Increment()
	}
}

// Close takes the live lines away.
func (t *Terminal) Close() {
	t.mu.Lock()
	for _, l := range t.running {
		l.bar.Abort(true)
	}
	t.mu.Unlock()
	t.total.Abort(true)
	t.bars.Wait()
}
