// Package chaos_test is the campaign of `make chaos`: each resource in each phase of its life under each fault.
package chaos_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
)

// Signals are sent this many times in each phase to each resource; with nine
// resources that is up to 54 of each phase, and some 300 in all.
const signalRounds = 3

// TestAccChaos has every resource live its life under every fault. After each
// phase nothing may be lost, orphaned, tainted or told that is a secret, and one
// apply must be enough to converge.
func TestAccChaos(t *testing.T) {
	if os.Getenv("SLS_CHAOS") == "" {
		t.Skip("a campaign takes a while: make chaos")
	}
	t.Parallel()
	campaign := newCampaign(t)
	for _, s := range subjects {
		t.Run(s.typ, func(t *testing.T) {
			t.Parallel()
			campaign.subject(t, s, ownersPlace(t, s.admin))
		})
	}
}

// campaign is one run of the whole.
type campaign struct {
	seed    uint64
	short   bool
	results *os.File
	mu      sync.Mutex
}

func newCampaign(t *testing.T) *campaign {
	t.Helper()
	c := &campaign{seed: uint64(time.Now().UnixNano() % 1e6), short: os.Getenv("SLS_CHAOS") == "short"}
	if given := os.Getenv("SLS_CHAOS_SEED"); given != "" {
		var err error
		if c.seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("SLS_CHAOS_SEED: %s", err)
		}
	}
	t.Logf("the seed is %d", c.seed)
	if path := os.Getenv("SLS_CHAOS_RESULTS"); path != "" {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = file.Close()
			report(t, path)
		})
		c.results = file
	}
	return c
}

// tell writes an outcome down.
func (c *campaign) tell(t *testing.T, o outcome) {
	o.Seed = c.seed
	line, err := json.Marshal(o)
	if err != nil {
		t.Error(err)
		return
	}
	t.Logf("%-12s %-8s %5.1f s  %s", o.Outcome, o.Phase, o.Seconds, o.Plan)
	if c.results == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.results.Write(append(line, '\n')); err != nil {
		t.Error(err)
	}
}

// random returns a source of random numbers that is the same for the same
// resource, fault and seed.
func (c *campaign) random(names ...string) *rand.Rand {
	hash := fnv.New64a()
	for _, name := range names {
		_, _ = fmt.Fprintln(hash, name)
	}
	return rand.New(rand.NewPCG(c.seed, hash.Sum64()))
}

// subject leads a resource through all faults, one after the other.
func (c *campaign) subject(t *testing.T, s subject, p place) {
	loaded, err := clientcmd.LoadFromFile(p.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if s.prepare != nil {
		s.prepare(t, p)
	}
	if s.before != "" {
		prerequisites(t, s, p)
	}
	base := chain{
		T: t, subject: s, place: p, tf: acctest.NewTerraform(t), proxy: fault.Start(t, p.kubeconfig), logged: map[string]fault.Log{},
		token: loaded.AuthInfos[loaded.Contexts[loaded.CurrentContext].AuthInfo].Token,
	}
	base.proxy.Kubeconfig(t, p.kubeconfig, base.tf.Path("kubeconfig"))
	// A connection that goes silent is noticed in ten seconds, instead of 45.
	base.tf.Setenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "5")
	base.tf.Setenv("HTTP2_PING_TIMEOUT_SECONDS", "5")
	base.foreign = owned(t, p, s.owns)

	// Once without a fault, to learn what there is to strike.
	if !base.live() {
		t.Fatal("the resource does not live without a fault")
	}
	for _, f := range c.faults(s) {
		t.Run(f.name, func(t *testing.T) {
			one := base
			one.T, one.rng = t, c.random(s.typ, f.name)
			one.tell = func(o outcome) { c.tell(t, o) }
			made := f.make(&one)
			one.fault = &made
			if one.rng.IntN(4) == 0 {
				one.tf.Setenv("TF_LOG", "TRACE")
				one.tf.Setenv("TF_LOG_PATH", one.tf.Path("provider.log"))
			} else {
				one.tf.Setenv("TF_LOG", "")
			}
			if !one.live() {
				one.abandon()
			}
		})
	}
}

// abandon removes what a chain that broke off has left, for the next: what no state
// knows of, too.
func (c *chain) abandon() {
	if !c.held() {
		c.clean("import", "-no-color", c.address(), c.subject.id(c.place.namespace)) // if it is there
	}
	result := c.clean("destroy", "-auto-approve", "-no-color")
	if result.ExitCode != 0 {
		c.Logf("what is left could not be destroyed:\n%s", result.Output)
	}
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup", ".terraform.tfstate.lock.info"} {
		_ = os.Remove(c.tf.Path(name))
	}
}

// prerequisites applies what a resource needs, both versions of it.
func prerequisites(t *testing.T, s subject, p place) {
	tf := acctest.NewTerraform(t)
	for _, version := range []string{"one", "two"} {
		tf.Configure(t, p.configuration(t, p.kubeconfig, s.before, version))
		tf.Apply(t)
	}
}

// named is a fault as a subtest, which is made for its chain.
type named struct {
	name string
	make func(*chain) fault.Fault
}

// faults are what a resource goes through: all, or in a short campaign a few of
// them by the seed.
func (c *campaign) faults(s subject) []named {
	var all []named
	add := func(faults []fault.Fault) {
		for _, f := range faults {
			all = append(all, named{f.Name, func(*chain) fault.Fault { return f }})
		}
	}
	add(fault.HTTP)
	if c.short {
		add(fault.Network)
		rng := c.random(s.typ)
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:2]
	}
	for round := range signalRounds {
		if c.short && round > 0 {
			break
		}
		all = append(all, signal("SIGINT", round, (*acctest.Process).Interrupt), signal("SIGKILL", round, (*acctest.Process).Kill))
	}
	if !c.short {
		add(slices.Concat(fault.Network, fault.Silence))
	}
	return all
}

// signal sends Terraform and the provider a signal, before a request or after it.
func signal(name string, round int, send func(*acctest.Process, testing.TB)) named {
	return named{fmt.Sprintf("%s %d", name, round+1), func(c *chain) fault.Fault {
		return fault.Call(name, c.rng.IntN(2) == 0, func() {
			<-c.begun
			send(c.run, c)
		})
	}}
}
