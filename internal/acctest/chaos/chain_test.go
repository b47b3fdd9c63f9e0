package chaos_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
)

// Phases of a resource's life, in their order in a chain.
const (
	create      = "create"
	plan        = "plan"
	update      = "update"
	waiting     = "wait"
	importing   = "import"
	destruction = "delete"
)

var phases = []string{create, plan, update, waiting, importing, destruction}

// limit is how long a run may take that has 90 s for its operation: those, half a
// minute to clean up afterwards, reads of 70 s each before and after, and what
// Terraform and a busy machine add.
const limit = 5 * time.Minute

// chain leads one resource through its life. In each phase a fault strikes once.
type chain struct {
	*testing.T
	subject subject
	place   place
	tf      *acctest.Terraform
	proxy   *fault.Proxy
	token   string   // the secret that nothing may tell
	foreign []string // what was owned before: the prerequisites'

	rng    *rand.Rand
	fault  *fault.Fault // nil: none
	logged map[string]fault.Log
	run    *acctest.Process // the run that a fault strikes
	begun  chan struct{}    // closed when it is known
	tell   func(outcome)
}

func (c *chain) address() string { return c.subject.typ + ".it" }

// configure gives the resource one of its two versions.
func (c *chain) configure(version string) {
	c.Helper()
	c.tf.Configure(c, c.place.configuration(c, c.tf.Path("kubeconfig"), c.subject.config, version))
}

// live goes through all phases. It reports whether the resource is as it was
// before, so that another chain can begin.
func (c *chain) live() bool {
	c.Helper()
	apply := []string{"apply", "-auto-approve", "-no-color"}
	return c.changes(create, "one", apply) &&
		c.plans() &&
		c.changes(update, "two", apply) &&
		c.changes(waiting, "one", apply) &&
		c.imports() &&
		c.destroys()
}

// changes applies a version under the fault.
func (c *chain) changes(phase, version string, apply []string) bool {
	c.configure(version)
	before := c.held()
	o, result := c.strike(phase, apply...)
	c.bear(&o, result, before)
	switch {
	case result.ExitCode != 0:
		c.converge(&o, version)
	case unfinished.MatchString(result.Output):
		o.Outcome = warned
		c.converge(&o, version)
	default:
		o.Outcome = through
		if !strings.Contains(c.subject.live(c.T, c.place), version) {
			o.fail("the apply succeeded, and the cluster has %s", c.subject.live(c.T, c.place))
		}
		c.settle(&o)
	}
	return c.done(o)
}

// plans plans what is applied already.
func (c *chain) plans() bool {
	o, result := c.strike(plan, "plan", "-detailed-exitcode", "-no-color")
	c.bear(&o, result, true)
	switch result.ExitCode {
	case 0:
		o.Outcome = through
	case 2:
		o.fail("the plan shows changes that are none:\n%s", result.Output)
	}
	return c.done(o)
}

// imports forgets the resource, and imports it.
func (c *chain) imports() bool {
	if result := c.tf.Run(c, "state", "rm", c.address()); result.ExitCode != 0 {
		c.Fatalf("forgetting the resource: %s", result.Output)
	}
	command := []string{"import", "-no-color", c.address(), c.subject.id(c.place.namespace)}
	o, result := c.strike(importing, command...)
	c.bear(&o, result, false)
	if result.ExitCode == 0 {
		o.Outcome = through
	} else if !c.held() { // a signal may come when all is done
		if again := c.clean(command...); again.ExitCode != 0 {
			o.fail("a second import failed:\n%s", again.Output)
		}
	}
	c.converge(&o, "one")
	return c.done(o)
}

// destroys destroys the resource.
func (c *chain) destroys() bool {
	command := []string{"destroy", "-auto-approve", "-no-color"}
	o, result := c.strike(destruction, command...)
	c.bear(&o, result, false)
	if result.ExitCode == 0 {
		o.Outcome = through
	} else if again := c.clean(command...); again.ExitCode != 0 {
		o.fail("a second destroy failed:\n%s", again.Output)
	}
	if c.held() {
		o.fail("the state still holds the resource")
	}
	for _, left := range owned(c.T, c.place, c.subject.owns) {
		if !slices.Contains(c.foreign, left) {
			o.fail("orphaned: %s", left)
		}
	}
	return c.done(o)
}

// strike runs Terraform while the fault strikes.
func (c *chain) strike(phase string, command ...string) (outcome, acctest.Result) {
	c.Helper()
	o := outcome{Resource: c.subject.typ, Phase: phase, Outcome: refused}
	plan := c.plan(phase)
	if plan != nil {
		o.Fault, o.Plan = plan.Fault.Name, plan.String()
	}
	if err := c.proxy.Begin(plan); err != nil {
		c.Fatal(err)
	}
	began := time.Now()
	c.begun = make(chan struct{})
	c.run = c.tf.Start(c, command...)
	close(c.begun)
	if !c.run.Ends(limit) {
		o.fail("the run did not end within %s", limit)
		c.run.Kill(c)
	}
	result := c.run.Wait(c)
	o.Seconds = time.Since(began).Seconds()
	if c.fault == nil {
		c.logged[phase] = c.proxy.Log()
	}
	o.Struck = c.proxy.Struck()
	if err := c.proxy.End(); err != nil {
		c.Fatal(err)
	}
	o.said = result.Output
	return o, result
}

// plan decides when the fault strikes; nil if it can't in this phase.
func (c *chain) plan(phase string) *fault.Plan {
	if c.fault == nil {
		return nil
	}
	made := &fault.Plan{Fault: *c.fault, AfterWrite: phase == waiting}
	chances := c.logged[phase].Chances(*c.fault, made.AfterWrite)
	if made.Fault.WholeRun() {
		return made
	}
	if chances == 0 {
		return nil
	}
	made.Skip = c.rng.IntN(chances)
	if c.rng.IntN(3) == 0 || isSignal(c.fault.Name) {
		made.Times = 1
	}
	return made
}

// clean runs Terraform without faults.
func (c *chain) clean(command ...string) acctest.Result {
	c.Helper()
	if err := c.proxy.Begin(nil); err != nil {
		c.Fatal(err)
	}
	return c.tf.Run(c, command...)
}

// converge applies once more, and has the plan be empty.
func (c *chain) converge(o *outcome, version string) {
	c.Helper()
	result := c.clean("apply", "-auto-approve", "-no-color")
	if result.ExitCode != 0 {
		o.fail("the apply after it failed:\n%s", result.Output)
		return
	}
	if regexp.MustCompile(`[1-9]\d* destroyed`).MatchString(result.Output) {
		o.fail("the apply after it destroyed something:\n%s", result.Output)
	}
	if live := c.subject.live(c.T, c.place); !strings.Contains(live, version) {
		o.fail("after it, the cluster has %s", live)
	}
	c.settle(o)
}

func (c *chain) settle(o *outcome) {
	c.Helper()
	if result := c.clean("plan", "-detailed-exitcode", "-no-color"); result.ExitCode != 0 {
		o.fail("the plan after it is not empty:\n%s", result.Output)
	}
}

var (
	broken = regexp.MustCompile(`panic:|plugin crashed|did not respond|inconsistent result|invalid result|bug in the provider|runtime error|<nil>|%!`)
	// unfinished is what a run warns of that succeeds and leaves something to do.
	unfinished = regexp.MustCompile(`not\s+ready|Interrupted before`)
	// wayOut is how the provider's errors end: with what to do.
	wayOut = regexp.MustCompile(`(?i)(try|apply|run it|plan) again|next (apply|run|destroy|plan)|check |compare |renew|get a fresh|allow more time|lacks a rule|-parallelism|ask |look at|install |set |import it|wait `)
)

// bear checks what holds of any run, whatever the fault.
func (c *chain) bear(o *outcome, result acctest.Result, wasHeld bool) {
	c.Helper()
	if found := broken.FindString(result.Output); found != "" {
		o.fail("the run says %q:\n%s", found, result.Output)
	}
	state, _ := os.ReadFile(c.tf.Path("terraform.tfstate"))
	log, _ := os.ReadFile(c.tf.Path("provider.log"))
	for place, text := range map[string]string{"output": result.Output, "state": string(state), "log": string(log)} {
		if strings.Contains(text, c.token) {
			o.fail("the token is in the %s", place)
		}
	}
	_ = os.Remove(c.tf.Path("provider.log"))
	if wasHeld && !c.held() {
		o.fail("the state has lost the resource:\n%s", result.Output)
	}
	if strings.Contains(string(state), `"status": "tainted"`) {
		o.fail("the resource is tainted:\n%s", result.Output)
	}
	if c.fault == nil || o.Plan == "" || isSignal(o.Fault) {
		return
	}
	if result.ExitCode != 0 && result.ExitCode != 2 {
		if c.fault.Harmless {
			o.fail("the run failed:\n%s", result.Output)
			return
		}
		flat := strings.Join(strings.FieldsFunc(result.Output, func(r rune) bool { return r == '│' || r == '\n' || r == ' ' }), " ")
		if !regexp.MustCompile(c.fault.Says).MatchString(flat) {
			o.fail("the error does not say %q:\n%s", c.fault.Says, result.Output)
		}
		if !wayOut.MatchString(flat) {
			o.fail("the error names no way out:\n%s", result.Output)
		}
	}
}

// held reports whether the state holds the resource.
func (c *chain) held() bool {
	text, err := os.ReadFile(c.tf.Path("terraform.tfstate"))
	if err != nil {
		return false
	}
	var state struct{ Resources []struct{ Type string } }
	if err := json.Unmarshal(text, &state); err != nil {
		c.Errorf("the state is broken: %s", err)
	}
	return len(state.Resources) > 0
}

// done reports an outcome.
func (c *chain) done(o outcome) bool {
	c.Helper()
	if c.fault == nil {
		if len(o.Broken) > 0 {
			c.Errorf("%s without a fault: %s", o.Phase, strings.Join(o.Broken, "\n"))
		}
		return len(o.Broken) == 0
	}
	if o.Plan == "" || o.Struck == 0 && len(o.Broken) == 0 {
		return true // it could not strike here, or came too late
	}
	if len(o.Broken) > 0 {
		o.Outcome = violated
		c.Errorf("%s in the phase %s: %s\nThe run said:\n%s", o.Plan, o.Phase, strings.Join(o.Broken, "\n"), o.said)
	}
	c.tell(o)
	return !slices.ContainsFunc(o.Broken, func(what string) bool { return strings.Contains(what, "failed") })
}

func isSignal(name string) bool { return strings.HasPrefix(name, "SIG") }

// What a run comes to.
const (
	through  = "succeeded"
	warned   = "warned, converged"
	refused  = "failed, converged"
	violated = "violated"
)

// outcome is one run under a fault.
type outcome struct {
	Fault, Phase, Resource, Plan, Outcome string
	Seed                                  uint64
	Struck                                int
	Seconds                               float64
	Broken                                []string

	said string
}

func (o *outcome) fail(format string, arguments ...any) {
	o.Broken = append(o.Broken, fmt.Sprintf(format, arguments...))
}
