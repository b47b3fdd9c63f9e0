package chaos_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/acctest/fault"
)

// external is an external service, with more beside it, whose requests go through a proxy.
func external(t *testing.T, more string) (*acctest.Terraform, *fault.Proxy, place) {
	t.Helper()
	p, tf := ownersPlace(t, false), acctest.NewTerraform(t)
	proxy := fault.Start(t, p.kubeconfig)
	proxy.Kubeconfig(t, p.kubeconfig, tf.Path("kubeconfig"))
	at := slices.IndexFunc(subjects, func(s subject) bool { return s.typ == "sls_external_service" })
	tf.Configure(t, p.configuration(t, tf.Path("kubeconfig"), subjects[at].config+more, "one"))
	return tf, proxy, p
}

// Of two applies at once the second does nothing, and says that the first holds the
// state.
func TestAccTwoAppliesAtOnce(t *testing.T) {
	t.Parallel()
	tf, proxy, _ := external(t, "")
	reached, release := make(chan struct{}), make(chan struct{})
	plan := fault.Plan{Times: 1, Fault: fault.Call("pause", false, func() {
		close(reached)
		<-release
	}).About(func(r fault.Request) bool { return r.Write })}
	if err := proxy.Begin(&plan); err != nil {
		t.Fatal(err)
	}
	first := tf.Start(t, "apply", "-auto-approve", "-no-color")
	select {
	case <-reached:
	case <-time.After(limit):
		close(release)
		t.Fatalf("the first apply wrote nothing:\n%s", first.Wait(t).Output)
	}
	second := tf.Run(t, "apply", "-auto-approve", "-no-color")
	close(release)
	if second.ExitCode == 0 || !strings.Contains(second.Output, "state lock") {
		t.Errorf("the second apply:\n%s", second.Output)
	}
	if result := first.Wait(t); result.ExitCode != 0 {
		t.Errorf("the first apply:\n%s", result.Output)
	}
	if !tf.PlanIsEmpty(t) {
		t.Error("the plan after both is not empty")
	}
	tf.Destroy(t)
}

// A disk that is full when the state is written costs no object: once there is room,
// the next apply takes up what was created.
func TestAccDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a small file system")
	}
	tf, _, p := external(t, "")
	disk := tf.Path("disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatalf("mounting a small file system: %s", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	filler := filepath.Join(disk, "filler")
	// A page is left, for the state's file and its lock, of which the first page is
	// not the whole.
	if err := os.WriteFile(filler, make([]byte, 60<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	state := "-state=" + filepath.Join(disk, "terraform.tfstate")
	full := tf.Run(t, "apply", "-auto-approve", "-no-color", state)
	if full.ExitCode == 0 {
		t.Fatalf("the state found room:\n%s", full.Output)
	}
	if !strings.Contains(full.Output, "no space left") {
		t.Errorf("the error does not say what is wrong:\n%s", full.Output)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tf.Path("errored.tfstate")); err == nil {
		// What Terraform advises, or not: the next apply must do with either.
		t.Log("Terraform has kept the state in errored.tfstate, which this test does not push")
	}
	_ = os.Remove(filepath.Join(disk, "terraform.tfstate")) // cut off, if it is there
	for _, command := range [][]string{
		{"apply", "-auto-approve", "-no-color", state},
		{"plan", "-detailed-exitcode", "-no-color", state},
		{"destroy", "-auto-approve", "-no-color", state},
	} {
		if result := tf.Run(t, command...); result.ExitCode != 0 {
			t.Fatalf("%s:\n%s", command[0], result.Output)
		}
	}
	if left := owned(t, p, all); len(left) > 0 {
		t.Errorf("orphaned: %v", left)
	}
}
