package confine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
)

// TestMain lets the test's own executable be the confining process.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == Command {
		if err := Main(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// testRoom is a room of its own, with real cgroups.
func testRoom(t *testing.T) (Room, cgroup.Hierarchies) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, for cgroups")
	}
	h, err := cgroup.Detect()
	if err != nil {
		t.Skip(err)
	}
	r := Room{Cgroup: fmt.Sprintf("sls-test-%d", os.Getpid()), Dir: t.TempDir()}
	if err := h.Create(r.Cgroup); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.Kill(ctx, r.Cgroup); err != nil {
			t.Error(err)
		}
		if err := h.Remove(ctx, r.Cgroup); err != nil {
			t.Error(err)
		}
	})
	return r, h
}

func sleeper(r Room, args ...string) Program {
	return Program{Name: "sleeper", Path: "/bin/sleep", Args: args, Log: filepath.Join(r.Dir, "log")}
}

func ensure(t *testing.T, r Room, h cgroup.Hierarchies, p Program) (pid int, started bool) {
	t.Helper()
	started, err := r.Ensure(t.Context(), h, p)
	if err != nil {
		t.Fatal(err)
	}
	pids, err := r.Processes(h, p.Name)
	if err != nil || len(pids) != 1 {
		t.Fatalf("processes %v, %v", pids, err)
	}
	return pids[0], started
}

func TestEnsure(t *testing.T) {
	r, h := testRoom(t)
	first, started := ensure(t, r, h, sleeper(r, "1000"))
	if !started {
		t.Error("not told that it was started")
	}
	if again, started := ensure(t, r, h, sleeper(r, "1000")); again != first || started {
		t.Errorf("a running program was started again: %d, then %d", first, again)
	}
	other, _ := ensure(t, r, h, sleeper(r, "2000"))
	if other == first {
		t.Error("a program that was described otherwise was left running")
	}
	// Killed, and looked after at once: it may still be a member then.
	if err := unix.Kill(other, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if third, started := ensure(t, r, h, sleeper(r, "2000")); third == other || !started {
		t.Errorf("a killed program was taken for a running one: %d", third)
	}
	if err := r.Stop(t.Context(), h, "sleeper"); err != nil {
		t.Fatal(err)
	}
	if pids, err := r.Processes(h, "sleeper"); err != nil || len(pids) > 0 {
		t.Errorf("after its end: %v, %v", pids, err)
	}
}

func TestWhyAProgramDoesNotStartIsTold(t *testing.T) {
	r, h := testRoom(t)
	p := sleeper(r)
	p.Path = "/no/such/program"
	if _, err := r.Ensure(t.Context(), h, p); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
}

// A room with a network namespace has a mount namespace too, the same for all
// its programs, and the host sees nothing of it.
func TestMountsAreTheRoomsOwn(t *testing.T) {
	r, h := testRoom(t)
	r.Netns = "/proc/self/ns/net"
	source, target := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "inside"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	r.Binds = []Bind{{Source: source, Target: target}, {Source: source, Target: "/no/such/place"}}
	one, two := sleeper(r, "1000"), sleeper(r, "1000")
	two.Name = "second"
	a, _ := ensure(t, r, h, one)
	b, _ := ensure(t, r, h, two)
	namespaces := map[int]string{}
	for _, pid := range []int{a, b, os.Getpid()} {
		ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
		if err != nil {
			t.Fatal(err)
		}
		namespaces[pid] = ns
	}
	if namespaces[a] != namespaces[b] || namespaces[a] == namespaces[os.Getpid()] {
		t.Errorf("mount namespaces: %v", namespaces)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d/root%s/inside", b, target)); err != nil {
		t.Errorf("the programs do not see the mount: %v", err)
	}
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(table), target) {
		t.Error("the host sees the mount")
	}
}

func TestDigestTellsProgramsApart(t *testing.T) {
	r := Room{Cgroup: "c", Dir: "/d"}
	p := Program{Name: "n", Path: "/p", Args: []string{"a", "b"}}
	digests := []string{p.digest(r)}
	for _, change := range []func(*Room, *Program){
		func(_ *Room, p *Program) { p.Args = []string{"a b"} },
		func(_ *Room, p *Program) { p.Path = "/q" },
		func(_ *Room, p *Program) { p.Env = []string{"X=1"} },
		func(r *Room, _ *Program) { r.Binds = []Bind{{"/a", "/b"}} },
	} {
		r, p := r, p
		change(&r, &p)
		digests = append(digests, p.digest(r))
	}
	slices.Sort(digests)
	if n := len(slices.Compact(digests)); n != 5 {
		t.Errorf("%d of 5 descriptions are told apart", n)
	}
}
