package cluster

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

// What is noted and what is there, after whatever was interrupted, say together who
// joins and who leaves.
func TestMembers(t *testing.T) {
	root := layout.Root(t.TempDir())
	c := newCluster(t, root, "test-a", 1)
	if err := c.Resize(2); err == nil {
		t.Error("a cluster that never was has been resized")
	}
	if err := c.Claim(root); err != nil {
		t.Fatal(err)
	}
	expect := func(when string, joining, leaving []int) {
		t.Helper()
		j, l, err := c.Members()
		if err != nil || !slices.Equal(j, joining) || !slices.Equal(l, leaving) {
			t.Errorf("%s: %v join and %v leave, %v; want %v and %v", when, j, l, err, joining, leaving)
		}
	}
	resize := func(nodes int) {
		t.Helper()
		if err := c.Resize(nodes); err != nil {
			t.Fatal(err)
		}
	}
	expect("at first", nil, nil)
	resize(3)
	expect("before it is done", []int{2, 3}, nil)
	for _, number := range []int{2, 3} {
		if err := c.node(number).makeDirs(); err != nil {
			t.Fatal(err)
		}
	}
	expect("when it is done", []int{2, 3}, nil)
	if err := c.Claim(root); err != nil {
		t.Fatal(err)
	}
	expect("when it is booted again", []int{2, 3}, nil)
	resize(1)
	expect("before they have left", nil, []int{3, 2})
	if err := os.RemoveAll(string(c.node(3).Files)); err != nil {
		t.Fatal(err)
	}
	expect("when one has left", nil, []int{2})
	resize(2)
	expect("when it is to stay after all", []int{2}, nil)
	for _, nodes := range []int{-1, 0, address.MaxNodes + 1} {
		if err := c.Resize(nodes); err == nil {
			t.Errorf("%d nodes were accepted", nodes)
		}
	}
	// Not one that was begun: without a control plane nobody would know it.
	if err := c.CheckRuns(); err == nil || !strings.Contains(err.Error(), "up --name test-a --index 1") {
		t.Errorf("a cluster that doesn't run: %v", err)
	}
}

// Two nodes of a cluster share its authority and its services, and nothing that one
// of them has for itself.
func TestNodesShareNothing(t *testing.T) {
	c := newCluster(t, "/c", "primary", 1)
	text := func(n Node) string {
		all := n.containerdConfig() + n.cniConfig() + n.kubeletConfig() + n.room().Netns + n.room().Cgroup + n.room().Dir
		for _, name := range []string{containerd, kubelet, proxy} {
			p := c.program(n, name, "/bin")
			all += p.Log + strings.Join(p.Args, " ") + "\n"
		}
		return all
	}
	second := text(c.node(2))
	for _, own := range []string{
		"/c/clusters/primary/pki", "/c/clusters/primary/run", "/c/clusters/primary/logs", "/c/clusters/primary/kubelet",
		"/c/clusters/primary/config", "10.241.0.0/24", "--node-ip=10.200.1.2 ", "--hostname-override=primary ", `"/sls-primary"`, `/sls-primary/shims`,
	} {
		if strings.Contains(second, own) {
			t.Errorf("the second node's configuration holds %q, which is the first's", own)
		}
		if !strings.Contains(text(c.first()), own) {
			t.Errorf("the first node's configuration lacks %q: what does this test look for?", own)
		}
	}
	for _, own := range []string{"--hostname-override=primary-2 ", "10.241.1.0/24", "--node-ip=10.200.1.3 ", `"/sls-primary.2"`} {
		if !strings.Contains(second, own) {
			t.Errorf("the second node's configuration lacks %q", own)
		}
	}
}

// What the sandbox says of a node is its pods' range, and that it leaves: all else is
// its kubelet's.
func TestNodeObject(t *testing.T) {
	n := newCluster(t, "/c", "primary", 1).node(2)
	for leaving, want := range map[bool]int{false: 2, true: 3} {
		spec, ok := n.object(leaving).Object["spec"].(map[string]any)
		if !ok || len(spec) != want || spec["podCIDR"] != "10.241.1.0/24" || (spec["unschedulable"] == true) != leaving {
			t.Errorf("leaving %v: %v", leaving, spec)
		}
	}
}
