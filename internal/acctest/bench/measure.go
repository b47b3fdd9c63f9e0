package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// How often the processes of a command are looked at: often at first, and in a long run
// so that it does not have a tenth of a processor.
const (
	watchingAtFirst = 10 * time.Millisecond
	watchingLater   = 200 * time.Millisecond
)

// afterInterrupt is how long a command may take to end in order.
const afterInterrupt = time.Minute

// Measured is what a command took.
type Measured struct {
	Wall      time.Duration
	Processor time.Duration // of the command and all that it started and waited for
	Own       time.Duration // of the provider's processes
	Memory    int64         // bytes, at most: of a provider's process if there was one, else of the command
	ExitCode  int
	Output    string // standard output and error
}

// Run runs a command to its end and measures it. A context that ends interrupts it
// as Ctrl-C does, and is an error.
func Run(ctx context.Context, dir string, environment []string, program string, arguments ...string) (*Measured, error) {
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir, command.Env = dir, environment
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	// A group of its own: a Ctrl-C reaches it from here, once.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = afterInterrupt

	began := time.Now()
	if err := command.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	watched := make(chan usage)
	go func() { watched <- watch(command.Process.Pid, ended) }()
	err := command.Wait()
	m := &Measured{Wall: time.Since(began), ExitCode: command.ProcessState.ExitCode(), Output: output.String()}
	close(ended)
	providers := <-watched

	m.Processor = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	m.Own, m.Memory = providers.processor, providers.memory
	if m.Memory == 0 {
		// Not that of wait4, to which what this process had when it forked counts too.
		m.Memory = providers.command
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil && !errors.As(err, &exit):
		return nil, fmt.Errorf("%s %s: %w", program, strings.Join(arguments, " "), err)
	}
	return m, nil
}

// Expect returns an error that tells the output unless the command has ended with
// the code.
func (m *Measured) Expect(code int) error {
	if m.ExitCode == code {
		return nil
	}
	const end = 8000 // of an output about thousands of resources
	return fmt.Errorf("it exited with %d in place of %d:\n%s", m.ExitCode, code, m.Output[max(0, len(m.Output)-end):])
}

// Record makes a record of it.
func (m *Measured) Record(subject, step string) Record {
	return Record{
		Subject: subject, Step: step,
		Seconds: m.Wall.Seconds(), Processor: m.Processor.Seconds(), Own: m.Own.Seconds(), Memory: m.Memory,
	}
}
