package address

import (
	"fmt"
	"testing"
)

// The first node is what a cluster of one node always was: what runs must not
// find itself under other names after an update.
func TestFirstNode(t *testing.T) {
	p := Plan{Name: "standby", Index: 2}
	n := p.Node(1)
	for _, c := range []struct{ what, got, want string }{
		{"name", n.Name(), "standby"},
		{"address", n.IP().String(), p.NodeIP().String()},
		{"pods", n.PodCIDR().String(), "10.242.0.0/24"},
		{"netns", n.Netns(), p.Netns()},
		{"cgroup", n.Cgroup(), p.Cgroup()},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %s, want %s", c.what, c.got, c.want)
		}
	}
}

// Nodes of one cluster, and of several, must share nothing.
func TestNodesAreDisjoint(t *testing.T) {
	seen := map[string]Node{}
	for i := 1; i <= MaxIndex; i++ {
		p, err := New(fmt.Sprintf("c%d", i), i)
		if err != nil {
			t.Fatal(err)
		}
		for _, taken := range []string{p.HostIP().String(), RegistryIP} {
			seen[taken] = Node{Plan: p}
		}
		for number := 1; number <= MaxNodes; number++ {
			n := p.Node(number)
			for _, v := range []string{n.IP().String(), n.PodCIDR().String(), n.Netns()} {
				if other, ok := seen[v]; ok {
					t.Errorf("%v and %v share %s", n, other, v)
				}
				seen[v] = n
			}
			if !p.PodCIDR().Contains(n.PodCIDR().Addr()) {
				t.Errorf("%v has pods at %s, outside of the cluster's", n, n.PodCIDR())
			}
		}
	}
	second := Plan{Name: "a", Index: 1}.Node(2)
	if second.Name() != "a-2" {
		t.Errorf("got %s", second.Name())
	}
	other := Plan{Name: second.Name(), Index: 2}
	if second.Netns() == other.Netns() || second.Cgroup() == other.Cgroup() {
		t.Errorf("the cluster %s has what is the second node's of the cluster a", other.Name)
	}
}

func TestCheckNodes(t *testing.T) {
	for count, good := range map[int]bool{-1: false, 0: false, 1: true, MaxNodes: true, MaxNodes + 1: false} {
		if err := CheckNodes(count); (err == nil) != good {
			t.Errorf("%d nodes: %v", count, err)
		}
	}
}
