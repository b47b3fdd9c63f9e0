// Package progress shows long work: as live lines on a terminal, as plain
// lines elsewhere.
package progress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Plain writes a line when a step begins and ends, and a sign of life for
// steps that run long: for logs and CI.
type Plain struct {
	mu      sync.Mutex
	w       io.Writer
	begun   time.Time
	total   int
	done    int
	running []*running
	stop    chan struct{}
}

type running struct {
	name  string
	text  string
	begun time.Time
}

// life is how often a silent step shows that it still runs.
const life = 15 * time.Second

// NewPlain shows work of total steps on w. Close it.
func NewPlain(w io.Writer, total int) *Plain {
	p := &Plain{w: w, total: total, begun: time.Now(), stop: make(chan struct{})}
	go p.live()
	return p
}

func (p *Plain) live() {
	tick := time.NewTicker(life)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.signs(life)
		}
	}
}

// signs writes a line for every step that has run for at least min.
func (p *Plain) signs(min time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.running {
		took := time.Since(r.begun)
		if took < min {
			continue
		}
		text := r.text
		if text != "" {
			text = ": " + text
		}
		p.line("… %s%s, %s so far", r.name, text, short(took))
	}
}

// line writes one line: elapsed time, steps done and left, what happened.
func (p *Plain) line(format string, args ...any) {
	fmt.Fprintf(p.w, "%6s  [%*d/%d] %s\n", short(time.Since(p.begun)), len(fmt.Sprint(p.total)), p.done, p.total, fmt.Sprintf(format, args...))
}

// Begin implements steps.View.
func (p *Plain) Begin(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, &running{name: name, begun: time.Now()})
}

// Say implements steps.View. The text is shown with the next sign of life.
func (p *Plain) Say(name, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.running {
		if r.name == name {
			r.text = text
		}
	}
}

// End implements steps.View.
func (p *Plain) End(name string, took time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = slices.DeleteFunc(p.running, func(r *running) bool { return r.name == name })
	if errors.Is(err, context.Canceled) {
		return // another step failed, or the user interrupted: that is told elsewhere
	}
	if err != nil {
		p.line("✗ %s (%s)", name, short(took))
		return
	}
	p.done++
	p.line("✓ %s (%s)", name, short(took))
}

// Close ends the signs of life.
func (p *Plain) Close() { close(p.stop) }

// short prints a duration as people read it: 0.4s, 12s, 3m05s.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	default:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
}
