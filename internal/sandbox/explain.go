package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
)

// explain says what went wrong, with the last lines of the log that tells
// more, and what to do.
func explain(err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sandbox: %v\n", err)
	var log string
	if f := new(build.Failure); errors.As(err, &f) {
		log = f.Log
	}
	if f := new(cluster.Failure); errors.As(err, &f) {
		log = f.Log
	}
	if log != "" {
		fmt.Fprintf(&b, "\nthe last lines of %s:\n", log)
		for _, line := range lastLines(log, 20) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
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
