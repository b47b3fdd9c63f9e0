// Command report prints the page of what make bench has measured, from logs of it:
// report LOG…. With -records it prints the measurements that the page shows.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

func main() {
	records := flag.Bool("records", false, "print the measurements that the page shows")
	flag.Parse()
	if err := run(os.Stdout, *records, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(to io.Writer, records bool, logs []string) error {
	var all bench.Records
	for _, log := range logs {
		part, err := bench.Log{Path: log}.Records()
		if err != nil {
			return err
		}
		all = bench.Merge(all, part)
	}
	if records {
		return all.Shown().Write(to)
	}
	_, err := io.WriteString(to, bench.Report(all))
	return err
}
