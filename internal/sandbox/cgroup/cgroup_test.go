package cgroup

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const (
	v1Mounts = `24 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 24 0:26 / /sys/fs/cgroup rw,relatime - tmpfs cgroup rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
32 30 0:28 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
33 30 0:29 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
34 30 0:30 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`
	v2Mounts = `24 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
`
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, mounts, tracking string
		all                    []string
		unified                bool
	}{
		{"v1 and hybrid", v1Mounts, "/sys/fs/cgroup/pids", []string{
			"/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified",
		}, false},
		{"v2", v2Mounts, "/sys/fs/cgroup", []string{"/sys/fs/cgroup"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := parse(c.mounts)
			if err != nil {
				t.Fatal(err)
			}
			if h.tracking != c.tracking || h.unified != c.unified || !slices.Equal(h.all, c.all) {
				t.Errorf("got %+v", h)
			}
		})
	}
	if _, err := parse("24 1 254:0 / / rw - ext4 /dev/vda rw\n"); err == nil {
		t.Error("a machine without cgroups was accepted")
	}
}

// folder stands for a hierarchy: the files that the kernel would make are
// made by the test.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCreateV1GivesCPUs(t *testing.T) {
	cpuset := folder(t, map[string]string{"cpuset.cpus": "0-1\n", "cpuset.mems": "0\n"})
	pids := folder(t, nil)
	h := Hierarchies{tracking: pids, all: []string{cpuset, pids}}
	if err := h.Create("sls-x"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(cpuset, "sls-x", "cpuset.cpus")); string(text) != "0-1\n" {
		t.Errorf("cpuset.cpus is %q, %v: nothing could run", text, err)
	}
	if _, err := os.Stat(filepath.Join(pids, "sls-x")); err != nil {
		t.Error(err)
	}
}

func TestCreateV2PassesControllersDown(t *testing.T) {
	root := folder(t, map[string]string{"cgroup.controllers": "cpu memory pids\n"})
	h := Hierarchies{tracking: root, all: []string{root}, unified: true}
	if err := h.Create("sls-x"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", "sls-x"} {
		text, err := os.ReadFile(filepath.Join(root, dir, "cgroup.subtree_control"))
		if string(text) != "+cpu +memory +pids" {
			t.Errorf("%q: subtree_control is %q, %v", dir, text, err)
		}
	}
}

// A process that has ended, or was killed, is no longer there, though the
// kernel may list it for a moment.
func TestMembersThatEndDoNotCount(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if ending(cmd.Process.Pid) {
		t.Error("a running process is taken for one that ends")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Not reaped yet: a zombie.
	deadline := time.Now().Add(10 * time.Second)
	for !ending(cmd.Process.Pid) {
		if time.Now().After(deadline) {
			t.Fatal("a killed process is taken for a running one")
		}
	}
	_ = cmd.Wait()
	if !ending(cmd.Process.Pid) {
		t.Error("a process that is gone is taken for a running one")
	}
}

func TestEndingIsReadFromTheKernel(t *testing.T) {
	// A name may hold spaces and parentheses.
	const running, dying = "12 (a) b (c) S 1 1 1 0 -1 4194560 0", "12 (a) b (c) S 1 1 1 0 -1 4194564 0"
	if isExiting(running) || !isExiting(dying) {
		t.Errorf("running: %v, dying: %v", isExiting(running), isExiting(dying))
	}
	const calm, killed = "Name:\tx\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000001\n", "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000100\n"
	if killPending(calm) || !killPending(killed) {
		t.Errorf("calm: %v, killed: %v", killPending(calm), killPending(killed))
	}
}

func TestAbsentCgroupHasNoProcesses(t *testing.T) {
	h := Hierarchies{tracking: t.TempDir()}
	pids, err := h.AllProcesses("sls-none")
	if err != nil || len(pids) > 0 {
		t.Errorf("got %v, %v", pids, err)
	}
}
