package bench_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

const (
	// index makes the clusters' name and addresses.
	index = 4
	// large is the number of applications from which on everyone has a new
	// cluster: it boots in less time than the one before ends as many.
	large = 500
)

// TestMain lets Ctrl-C end the command that is measured, and the test after it, so
// that what was made is removed. The second one ends all at once.
func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	interrupted = ctx
	os.Exit(m.Run())
}

var interrupted context.Context

// benchmark is one run.
type benchmark struct {
	log      bench.Log
	common   bench.Record // what all of its records share
	programs string       // folder
	rounds   int
	began    time.Time
	// unawaited is the number of applications from which on they are not waited
	// for: Knative's controllers need more than a second each here.
	unawaited int

	states  bench.States
	address string       // of the states
	roots   atomic.Int64 // that have a state
}

// What a run of `make bench` measures. Each step is written down when it is done.
func TestAccBench(t *testing.T) {
	if os.Getenv("SLS_BENCH") == "" {
		t.Skip("it has clusters of its own for an hour and more: make bench")
	}
	b := &benchmark{
		log:      bench.Log{Path: setting(t, "SLS_BENCH_RESULTS")},
		programs: setting(t, "SLS_BENCH_PROGRAMS"),
		rounds:   number(t, setting(t, "SLS_BENCH_ROUNDS")),
		began:    time.Now(),

		unawaited: number(t, setting(t, "SLS_BENCH_UNAWAITED")),
	}
	server := httptest.NewServer(&b.states)
	defer server.Close()
	b.address = server.URL
	b.common = bench.Record{
		Run: b.began.UTC().Format("20060102-150405"), Commit: setting(t, "SLS_BENCH_COMMIT"), Machine: setting(t, "SLS_BENCH_MACHINE"),
	}
	parts, others := words(setting(t, "SLS_BENCH_PARTS")), words(os.Getenv("SLS_BENCH_OTHERS"))
	for _, other := range others {
		if writers[other] == nil {
			t.Fatalf("OTHERS has %q: it may have %s", other, strings.Join(slices.Sorted(maps.Keys(writers)), ", "))
		}
	}
	run := func(name string, f func(*testing.T)) bool {
		return t.Run(name, f) && interrupted.Err() == nil
	}
	if slices.Contains(parts, "start") && !run("start", b.start) {
		return
	}
	if slices.Contains(parts, "answer") && !run("answer", b.answer) {
		return
	}
	for _, size := range words(setting(t, "SLS_BENCH_SIZES")) {
		for _, shape := range []bench.Shape{bench.Alone, bench.Full} {
			if !slices.Contains(parts, string(shape)) {
				continue
			}
			m := &many{benchmark: b, size: number(t, size), shape: shape, others: others}
			if !run(size+" "+string(shape), m.measure) {
				return
			}
		}
	}
}

// setting is a variable that .ci/bench sets.
func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run make bench", name)
	}
	return value
}

func words(text string) []string { return strings.Fields(text) }

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%q is no number of anything", text)
	}
	return n
}

func (b *benchmark) program(name string) string { return filepath.Join(b.programs, name) }

// say tells who waits how far it is.
func (b *benchmark) say(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "%7s  %s\n", time.Since(b.began).Round(time.Second), fmt.Sprintf(format, arguments...))
}

// keep writes a record down.
func (b *benchmark) keep(t *testing.T, record bench.Record) {
	t.Helper()
	record.Run, record.Commit, record.Machine, record.At = b.common.Run, b.common.Commit, b.common.Machine, time.Now()
	if err := b.log.Add(record); err != nil {
		t.Fatal(err)
	}
	of := ""
	if record.Size > 0 {
		of = fmt.Sprintf("%d %s, ", record.Size, record.Shape)
	}
	b.say("%s%s, %s: %.3f s, %d MiB, %d requests", of, record.Subject, record.Step, record.Seconds, record.Memory>>20, total(record.Requests))
}

func total(requests map[string]int) (sum int) {
	for _, n := range requests {
		sum += n
	}
	return sum
}

// measure runs a command, which must end with the code.
func (b *benchmark) measure(t *testing.T, code int, dir string, environment []string, program string, arguments ...string) *bench.Measured {
	t.Helper()
	measured, err := bench.Run(interrupted, dir, environment, program, arguments...)
	if err == nil {
		err = measured.Expect(code)
	}
	if errors.Is(err, context.Canceled) {
		t.Fatal("interrupted; what was measured so far is kept")
	}
	if err != nil {
		t.Fatalf("%s %s: %s", filepath.Base(program), strings.Join(arguments, " "), err)
	}
	return measured
}

// start measures how long providers take until Terraform can ask for something, and
// how large they are.
func (b *benchmark) start(t *testing.T) {
	subjects := map[string]string{bench.Provider: "terraform-provider-sls", bench.Time: "terraform-provider-time"}
	// The median of a few milliseconds takes some more rounds; the first is for the
	// machine to read the programs.
	for round := range 4*b.rounds + 1 {
		for _, subject := range []string{bench.Provider, bench.Time} {
			program := b.program(subjects[subject])
			took, err := bench.StartUp(interrupted, program)
			if err != nil {
				t.Fatalf("starting %s: %s", program, err)
			}
			info, err := os.Stat(program)
			if err != nil {
				t.Fatal(err)
			}
			if round > 0 {
				b.keep(t, bench.Record{Subject: subject, Step: bench.Start, Seconds: took.Seconds(), Program: info.Size()})
			}
		}
	}
}
