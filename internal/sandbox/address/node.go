package address

import (
	"fmt"
	"net/netip"
)

// Node is one node of a cluster, counted from 1; its methods are what follows
// from that. The first has the control plane, and the cluster's own names.
type Node struct {
	Plan
	Number int
}

// Node is the cluster's node with that number.
func (p Plan) Node(number int) Node { return Node{Plan: p, Number: number} }

// CheckNodes checks how many nodes a cluster is to have.
func CheckNodes(count int) error {
	if count < 1 || count > MaxNodes {
		return fmt.Errorf("%d nodes: use 1 to %d", count, MaxNodes)
	}
	return nil
}

// First tells whether it is the node with the control plane.
func (n Node) First() bool { return n.Number == 1 }

// Name is the node's name in the cluster.
func (n Node) Name() string {
	if n.First() {
		return n.Plan.Name
	}
	return fmt.Sprintf("%s-%d", n.Plan.Name, n.Number)
}

// IP is the node's address.
func (n Node) IP() netip.Addr {
	return netip.AddrFrom4([4]byte{10, 200, byte(n.Index), byte(n.Number + 1)})
}

// PodCIDR is the part of the cluster's range that belongs to the node's pods.
func (n Node) PodCIDR() netip.Prefix { return n.pods(byte(n.Number-1), 24) }

// Netns names the node's network namespace, and Cgroup its cgroup. A cluster's
// name has no dot: no cluster of that name can have them too.
func (n Node) Netns() string {
	if n.First() {
		return n.Plan.Netns()
	}
	return fmt.Sprintf("%s.%d", n.Plan.Netns(), n.Number)
}

// Cgroup names the node's cgroup, the same in every hierarchy.
func (n Node) Cgroup() string {
	if n.First() {
		return n.Plan.Cgroup()
	}
	return fmt.Sprintf("%s.%d", n.Plan.Cgroup(), n.Number)
}

// Link names the first node's end of its link to this one.
func (n Node) Link() string { return fmt.Sprintf("node%d", n.Number) }
