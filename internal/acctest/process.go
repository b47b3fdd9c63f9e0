package acctest

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a run of Terraform that is under way. It leads a process group, in
// which the provider is too.
type Process struct {
	command *exec.Cmd
	output  *output
	done    chan struct{} // closed when the run has ended
	err     error         // of the run's end; read after done
}

// Result is what a run of Terraform came to.
type Result struct {
	ExitCode int    // -1 if a signal ended it
	Output   string // standard output and error
}

// Start starts a command of Terraform. If it still runs at the end of the test,
// it is killed.
func (tf *Terraform) Start(t testing.TB, arguments ...string) *Process {
	t.Helper()
	return tf.start(t, tf.program, arguments...)
}

// Script runs a script that runs Terraform, which it is told of by TERRAFORM.
func (tf *Terraform) Script(t testing.TB, script string, arguments ...string) Result {
	t.Helper()
	tf.Setenv("TERRAFORM", tf.program)
	return tf.start(t, script, arguments...).Wait(t)
}

func (tf *Terraform) start(t testing.TB, program string, arguments ...string) *Process {
	t.Helper()
	p := &Process{output: &output{}, done: make(chan struct{})}
	p.command = exec.Command(program, arguments...)
	p.command.Dir = tf.dir
	p.command.Env = tf.env
	p.command.Stdout, p.command.Stderr = p.output, p.output
	// A group of its own: signals reach the provider as from a terminal, and
	// not the test.
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A provider that outlives Terraform keeps the output open: don't wait for it.
	p.command.WaitDelay = 10 * time.Second
	if err := p.command.Start(); err != nil {
		t.Fatalf("starting %s: %s", program, err)
	}
	go func() {
		p.err = p.command.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Kill(t)
		<-p.done
	})
	return p
}

// Interrupt does what Ctrl-C does: Terraform ends the run in order.
func (p *Process) Interrupt(t testing.TB) { p.signal(t, syscall.SIGINT) }

// Kill ends Terraform and the provider as a machine that goes down does.
func (p *Process) Kill(t testing.TB) { p.signal(t, syscall.SIGKILL) }

func (p *Process) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	err := syscall.Kill(-p.command.Process.Pid, signal)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Errorf("sending %s to Terraform: %s", signal, err)
	}
}

// Wait waits for the end of the run, whatever that is.
func (p *Process) Wait(t testing.TB) Result {
	t.Helper()
	select {
	case <-p.done:
	case <-t.Context().Done():
		t.Fatalf("the test ends before Terraform does; so far it said:\n%s", p.output)
	}
	var exit *exec.ExitError
	if p.err != nil && !errors.As(p.err, &exit) && !errors.Is(p.err, exec.ErrWaitDelay) {
		t.Fatalf("running Terraform: %s", p.err)
	}
	return Result{ExitCode: p.command.ProcessState.ExitCode(), Output: p.output.String()}
}

// Ends reports whether the run ends within a time.
func (p *Process) Ends(limit time.Duration) bool {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	select {
	case <-p.done:
		return true
	case <-timeout.C:
		return false
	}
}

// WaitFor waits until the output holds text, and fails the test if the run ends
// before.
func (p *Process) WaitFor(t testing.TB, text string) {
	t.Helper()
	const limit = 2 * time.Minute
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		held, grown := p.output.holds(text)
		if held {
			return
		}
		select {
		case <-grown:
		case <-p.done:
			if held, _ := p.output.holds(text); !held {
				t.Fatalf("Terraform ended without saying %q:\n%s", text, p.output)
			}
		case <-timeout.C:
			t.Fatalf("Terraform did not say %q within %s:\n%s", text, limit, p.output)
		}
	}
}

// mustSucceed fails the test if the run failed.
func (r Result) mustSucceed(t testing.TB) Result {
	t.Helper()
	if r.ExitCode != 0 {
		t.Fatalf("Terraform exited with %d:\n%s", r.ExitCode, r.Output)
	}
	return r
}

// output collects what a process writes, and tells who waits for it.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed with the next write
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.grown != nil {
		close(o.grown)
		o.grown = nil
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// holds reports whether text was written, and returns what the next write closes.
func (o *output) holds(text string) (bool, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.grown == nil {
		o.grown = make(chan struct{})
	}
	return strings.Contains(o.text.String(), text), o.grown
}
