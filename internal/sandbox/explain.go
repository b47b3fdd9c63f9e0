package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
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
	if log := logOf(err); log != "" {
		fmt.Fprintf(&b, "\nThe last lines of %s:\n", log)
		for _, line := range lastLines(log, logLines) { // some are endless
			fmt.Fprintf(&b, "  %.300s\n", line)
		}
	}
	if errors.As(err, new(*steps.Error)) {
		b.WriteString("\nWhat was done is kept: `up` (make sandbox) tries the rest again; `down` (make sandbox-down) removes it all, for a fresh start.\n")
	}
	return b.String()
}

// logOf finds the log that explains an error.
func logOf(err error) string {
	if f := new(build.Failure); errors.As(err, &f) {
		return f.Log
	}
	if f := new(cluster.Failure); errors.As(err, &f) {
		return f.Log
	}
	return ""
}

func lastLines(path string, n int) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		return []string{err.Error()}
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return lines[max(0, len(lines)-n):]
}
