package progress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer can be written and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// work is what the views are shown.
func work(v View) {
	v.Begin("fetch")
	v.Begin("build")
	v.Say("build", "3 of 7 packages")
	v.End("fetch", 400*time.Millisecond, nil)
	v.Begin("boot")
	v.End("build", 95*time.Second, errors.New("boom"))
	v.End("boot", time.Second, fmt.Errorf("stopped: %w", context.Canceled))
}

func TestPlain(t *testing.T) {
	var b buffer
	p := NewPlain(&b, 12)
	work(p)
	p.Close()
	got := regexp.MustCompile(`(?m)^ *[0-9.]+s`).ReplaceAllString(b.String(), "T")
	want := "T  [ 1/12] ✓ fetch (0.4s)\nT  [ 1/12] ✗ build (1m35s)\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPlainShowsLife(t *testing.T) {
	var b buffer
	p := NewPlain(&b, 2)
	defer p.Close()
	p.Begin("build")
	p.Say("build", "3 of 7 packages")
	p.signs(0)
	if !strings.Contains(b.String(), "… build: 3 of 7 packages, 0.0s so far") {
		t.Errorf("got %q", b.String())
	}
	p.signs(time.Hour)
	if n := strings.Count(b.String(), "\n"); n != 1 {
		t.Errorf("%d lines: a step that has only begun needs no sign of life", n)
	}
}

func TestTerminal(t *testing.T) {
	var b buffer
	v := NewTerminal(&b, 12)
	work(v)
	v.Close()
	got := b.String()
	for _, want := range []string{"✓ fetch (0.4s)", "✗ build (1m35s)"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	if strings.Contains(got, "✗ boot") || strings.Contains(got, "✓ boot") {
		t.Errorf("a step that was stopped is shown as failed or done: %q", got)
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v := New(f, 1)
	defer v.Close()
	if _, ok := v.(*Plain); !ok {
		t.Errorf("got a %T", v)
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		340 * time.Millisecond: "0.3s", 12*time.Second + 600*time.Millisecond: "13s", 185 * time.Second: "3m05s",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
