// Package cgroup groups the sandbox's processes. The kernel's own membership
// list, not a pid file, says which process belongs to the sandbox: it can't be
// stale after a kill or a reboot, and no recycled pid can be mistaken for one
// of ours.
package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Hierarchies are the machine's mounted cgroup hierarchies.
type Hierarchies struct {
	// tracking is the hierarchy whose membership is believed.
	tracking string
	// all are the roots of all hierarchies, tracking among them.
	all []string
	// unified says that there is one hierarchy with all controllers
	// (cgroup v2).
	unified bool
}

// Detect reads the hierarchies from the kernel's mount table.
func Detect() (Hierarchies, error) {
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return Hierarchies{}, err
	}
	return parse(string(table))
}

func parse(mountinfo string) (Hierarchies, error) {
	var v1, v2 []string
	var h Hierarchies
	for line := range strings.Lines(mountinfo) {
		// Fields: id parent dev root mountpoint options… - type source superoptions.
		left, right, ok := strings.Cut(line, " - ")
		fields, kind := strings.Fields(left), strings.Fields(right)
		if !ok || len(fields) < 5 || len(kind) < 3 {
			continue
		}
		switch kind[0] {
		case "cgroup":
			v1 = append(v1, fields[4])
			if slices.Contains(strings.Split(kind[2], ","), "pids") {
				h.tracking = fields[4]
			}
		case "cgroup2":
			v2 = append(v2, fields[4])
		}
	}
	switch {
	case len(v1) > 0:
		if h.tracking == "" {
			return h, errors.New("cgroup v1 without the pids controller")
		}
		h.all = append(v1, v2...)
	case len(v2) > 0:
		h.tracking, h.all, h.unified = v2[0], v2[:1], true
	default:
		return h, errors.New("no cgroup hierarchy is mounted: containers can't run here")
	}
	return h, nil
}

// Create makes the cgroup in every hierarchy, ready to hold pods (the
// kubelet wants its root to exist) and the sandbox's own processes.
func (h Hierarchies) Create(name string) error {
	for _, root := range h.all {
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("cgroup %s: %w", name, err)
		}
		// A new cpuset has no CPUs, and then nothing can run in it.
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			value, err := os.ReadFile(filepath.Join(root, file))
			if h.unified || errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, file), value, 0o644)
			}
			if err != nil {
				return fmt.Errorf("cgroup %s: %w", name, err)
			}
		}
	}
	if h.unified {
		return h.delegate(name)
	}
	return nil
}

// delegate passes every controller down to the cgroup's children.
func (h Hierarchies) delegate(name string) error {
	available, err := os.ReadFile(filepath.Join(h.tracking, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("cgroup %s: %w", name, err)
	}
	var enable []string
	for _, c := range strings.Fields(string(available)) {
		enable = append(enable, "+"+c)
	}
	for _, dir := range []string{h.tracking, filepath.Join(h.tracking, name)} {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(strings.Join(enable, " ")), 0o644); err != nil {
			return fmt.Errorf("cgroup %s: passing controllers down: %w", name, err)
		}
	}
	return nil
}

// Join moves the calling process into name/leaf, which it makes where it is
// missing.
func (h Hierarchies) Join(name, leaf string) error {
	dir := filepath.Join(h.tracking, name, leaf)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cgroup %s/%s: %w", name, leaf, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte("0"), 0o644); err != nil {
		return fmt.Errorf("cgroup %s/%s: %w", name, leaf, err)
	}
	return nil
}

// Make creates name/leaf, for a program that wants a cgroup to exist.
func (h Hierarchies) Make(name, leaf string) error {
	return os.MkdirAll(filepath.Join(h.tracking, name, leaf), 0o755)
}

// Processes lists the processes in name/leaf alone that are not on their way
// out: one that was killed a moment ago is still a member, but no longer there
// to be relied on.
func (h Hierarchies) Processes(name, leaf string) ([]int, error) {
	pids, err := members(filepath.Join(h.tracking, name, leaf))
	return slices.DeleteFunc(pids, ending), err
}

// Living lists the processes in the cgroup and everything below it that are
// not on their way out.
func (h Hierarchies) Living(name string) ([]int, error) {
	pids, err := h.AllProcesses(name)
	return slices.DeleteFunc(pids, ending), err
}

// AllProcesses lists the processes in the cgroup and everything below it.
func (h Hierarchies) AllProcesses(name string) ([]int, error) {
	return below(filepath.Join(h.tracking, name))
}

func members(dir string) ([]int, error) {
	text, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	// A cgroup that goes while it is read has no processes either.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, f := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

func below(dir string) ([]int, error) {
	var pids []int
	for _, d := range tree(dir) {
		p, err := members(d)
		if err != nil {
			return nil, err
		}
		pids = append(pids, p...)
	}
	return pids, nil
}

// tree lists dir and all folders below it, parents first.
func tree(dir string) []string {
	var dirs []string
	// Folders come and go under the walk; what can't be read is gone.
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	return dirs
}

// Stop ends the processes of name/leaf, by SIGTERM, and after grace by
// SIGKILL, and waits until they are gone.
func (h Hierarchies) Stop(ctx context.Context, name, leaf string, grace time.Duration) error {
	list := func() ([]int, error) { return members(filepath.Join(h.tracking, name, leaf)) }
	patient, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if err := drain(patient, list, unix.SIGTERM, false); err == nil {
		return nil
	}
	return drain(ctx, list, unix.SIGKILL, true)
}

// Kill ends every process in the cgroup and below, at once, however many
// children they make meanwhile.
func (h Hierarchies) Kill(ctx context.Context, name string) error {
	if h.unified {
		// Kernels since 5.14 do it in one go; the loop below does what is left.
		_ = os.WriteFile(filepath.Join(h.tracking, name, "cgroup.kill"), []byte("1"), 0o644)
	}
	return drain(ctx, func() ([]int, error) { return h.AllProcesses(name) }, unix.SIGKILL, true)
}

// drain signals the listed processes until there are none: once, or again on
// every look.
func drain(ctx context.Context, list func() ([]int, error), sig unix.Signal, again bool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for first := true; ; first = false {
		pids, err := list()
		if err != nil || len(pids) == 0 {
			return err
		}
		if first || again {
			for _, pid := range pids {
				if err := unix.Kill(pid, sig); err != nil && !errors.Is(err, unix.ESRCH) {
					return fmt.Errorf("ending process %d: %w", pid, err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("processes %v did not end: %w", pids, ctx.Err())
		case <-tick.C:
		}
	}
}

// Remove removes the cgroup from every hierarchy. Its processes must have
// ended.
func (h Hierarchies) Remove(ctx context.Context, name string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		var busy error
		for _, root := range h.all {
			dirs := tree(filepath.Join(root, name))
			slices.Reverse(dirs)
			for _, d := range dirs {
				if err := unix.Rmdir(d); err != nil && !errors.Is(err, unix.ENOENT) {
					busy = fmt.Errorf("removing cgroup %s: %w", d, err)
				}
			}
		}
		if busy == nil {
			return nil
		}
		// The kernel lets go of a dead process's cgroup a moment after its end.
		select {
		case <-ctx.Done():
			return busy
		case <-tick.C:
		}
	}
}
