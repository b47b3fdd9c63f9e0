// Command report prints the page of what make bench has measured: report RESULTS.
package main

import (
	"fmt"
	"os"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: report RESULTS")
	}
	records, err := bench.Log{Path: arguments[0]}.Records()
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(bench.Report(records))
	return err
}
