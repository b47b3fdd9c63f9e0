package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

// root is a directory in which Terraform runs, with providers as they are
// installed: with an override, Terraform would check no package against its lock.
type root struct {
	*benchmark
	bench.Configuration

	dir, terraform string
	state          string // path at the benchmark's states
	environment    []string
	audit          *acctest.Audit // nil where nobody is asked
}

func (b *benchmark) newRoot(t *testing.T, configuration bench.Configuration, audit *acctest.Audit) *root {
	t.Helper()
	r := &root{benchmark: b, Configuration: configuration, dir: t.TempDir(), terraform: setting(t, "TF_ACC_TERRAFORM_PATH"), audit: audit}
	r.state = fmt.Sprintf("/%d", b.roots.Add(1))
	write(t, filepath.Join(r.dir, "backend.tf"), fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n  }\n}\n", b.address+r.state))
	mirror := "mirror"
	if configuration.Subject == bench.Idle {
		mirror = "idle"
	}
	cli := filepath.Join(r.dir, "cli.tfrc")
	write(t, cli, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", b.program(mirror)))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "KUBE") {
			r.environment = append(r.environment, variable)
		}
	}
	r.environment = append(r.environment, "TF_CLI_CONFIG_FILE="+cli, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	r.configure(t)
	r.measure(t, 0, r.dir, r.environment, r.terraform, "init", "-no-color")
	return r
}

func (r *root) configure(t *testing.T) {
	t.Helper()
	text, err := r.HCL()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(r.dir, "main.tf"), text)
}

// as returns the root's configuration for another subject.
func (r *root) as(subject string) bench.Configuration {
	other := r.Configuration
	other.Subject = subject
	return other
}

// adopt takes over the state of another root.
func (r *root) adopt(other *root) { r.states.Set(r.state, r.states.Get(other.state)) }

// changes is Terraform's exit code for a plan with changes.
const changes = 2

// run runs a command of Terraform, and returns what it took.
func (r *root) run(t *testing.T, step string, code int, arguments ...string) bench.Record {
	t.Helper()
	r.requests(t) // of before
	measured := r.measure(t, code, r.dir, r.environment, r.terraform, append(arguments, "-no-color")...)
	record := measured.Record(r.Subject, step)
	record.Requests = r.requests(t)
	record.Resources = r.Resources
	if r.Rest {
		record.Resources *= bench.Full.Resources()
	}
	record.State = int64(len(r.states.Get(r.state)))
	return record
}

// requests returns how many requests the API server has answered since the last call.
func (r *root) requests(t *testing.T) map[string]int {
	t.Helper()
	if r.audit == nil {
		return nil
	}
	return count(r.audit.Requests(t))
}

func count(requests acctest.Requests) map[string]int {
	counts := map[string]int{}
	for _, request := range requests {
		counts[strings.TrimSpace(request.Verb+" "+request.Resource)]++
	}
	return counts
}

func (r *root) apply(t *testing.T, step string) bench.Record {
	t.Helper()
	return r.run(t, step, 0, r.atOnce("apply", "-auto-approve")...)
}

// plan plans what is there already.
func (r *root) plan(t *testing.T) bench.Record {
	t.Helper()
	return r.run(t, bench.Plan, 0, "plan", "-detailed-exitcode")
}

// planChanged plans a change of one in a hundred.
func (r *root) planChanged(t *testing.T) bench.Record {
	t.Helper()
	r.Generation++
	r.configure(t)
	defer func() {
		r.Generation--
		r.configure(t)
	}()
	return r.run(t, bench.PlanChanged, changes, "plan", "-detailed-exitcode")
}

func (r *root) destroy(t *testing.T) bench.Record {
	t.Helper()
	return r.run(t, bench.Destroy, 0, r.atOnce("destroy", "-auto-approve")...)
}

// atOnce adds how many resources Terraform works on at once.
func (r *root) atOnce(arguments ...string) []string {
	if r.Subject == bench.Parallel {
		arguments = append(arguments, "-parallelism=50")
	}
	return arguments
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
