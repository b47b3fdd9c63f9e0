package acctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Node is the name of one of the cluster's nodes, counted from 1.
func (p Platform) Node(number int) string {
	if number == 1 {
		return p.name
	}
	return fmt.Sprintf("%s-%d", p.name, number)
}

// Scale has nodes join the cluster, or leave it, until it has so many.
func (p Platform) Scale(t testing.TB, nodes int) {
	t.Helper()
	sandbox(t, "scale", "--name", p.name, "--nodes", strconv.Itoa(nodes))
}

// ScaleCommand is a command of a shell that does what Scale does, before the
// number of nodes.
func (p Platform) ScaleCommand(t testing.TB) string {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("'%s' scale --name %s --nodes", filepath.Join(module, ".ci", "sandbox"), p.name)
}

// Repair brings back what has died of the cluster.
func (p Platform) Repair(t testing.TB) {
	t.Helper()
	sandbox(t, "up", "--bare", "--name", p.name, "--index", p.index)
}

// KillNode kills every process of a further node, as when a machine loses power.
func (p Platform) KillNode(t testing.TB, number int) {
	t.Helper()
	if number == 1 {
		t.Fatal("the first node has the control plane: see Kill")
	}
	cgroup := []byte(fmt.Sprintf(":/sls-%s.%d/", p.name, number)) // the node's own: no other process has it
	killed := 0
	Eventually(t, 10*time.Second, func(context.Context) error {
		left := 0
		for _, path := range glob(t, "/proc", "[0-9]*/cgroup") {
			text, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(text, cgroup) {
				continue // it has ended, or is another's
			}
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return err
			}
			left++
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		}
		if killed += left; left > 0 {
			return fmt.Errorf("%d processes of the node were there", left)
		}
		return nil
	})
	if killed == 0 {
		t.Error("the node had no processes")
	}
}
