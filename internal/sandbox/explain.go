package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// logLines is how many lines of a log are shown with an error.
const logLines = 15

// explain says what went wrong, with the last lines of the log that tells
// more, and what to do.
func explain(err error) string {
	var b strings.Builder
	if errors.Is(err, context.Canceled) {
		return "sandbox: interrupted. `up` goes on from here; `down` removes what there is.\n"
	}
	fmt.Fprintf(&b, "sandbox: %v\n", err)
	if f := new(steps.Failure); errors.As(err, &f) {
		fmt.Fprintf(&b, "\nThe last lines of %s:\n", f.Log)
		for _, line := range lastLines(f.Log, logLines) { // some are endless
			fmt.Fprintf(&b, "  %.300s\n", line)
		}
	}
	if errors.As(err, new(*steps.Error)) {
		b.WriteString("\nWhat was done is kept: `up` (make sandbox-up) tries the rest again; `down` (make sandbox-down) removes it all, for a fresh start.\n")
	}
	return b.String()
}

func lastLines(path string, n int) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return lines[max(0, len(lines)-n):]
}
