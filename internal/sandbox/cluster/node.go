package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/network"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
)

// Node is one node of a cluster, running or not: a cgroup, a network namespace, a
// mount namespace and a folder of its own. The first has the control plane too.
type Node struct {
	address.Node
	Files layout.Node
	cg    cgroup.Hierarchies
}

func (c *Cluster) node(number int) Node {
	return Node{Node: c.Plan.Node(number), Files: c.Files.Node(number), cg: c.cg}
}

func (c *Cluster) first() Node { return c.node(1) }

// Nodes are the nodes that the cluster should have.
func (c *Cluster) Nodes() ([]Node, error) {
	joining, _, err := c.Members()
	all := []Node{c.first()}
	for _, number := range joining {
		all = append(all, c.node(number))
	}
	return all, err
}

// Programs lists the node's programs, in the order in which they are started.
func (n Node) Programs() []string {
	if n.First() {
		return []string{etcd, apiServer, containerd, controllerManager, scheduler, kubelet, proxy}
	}
	return []string{containerd, kubelet, proxy}
}

// Running lists the node's programs and their processes.
func (n Node) Running() (map[string][]int, error) {
	all := map[string][]int{}
	for _, name := range n.Programs() {
		pids, err := n.room().Processes(n.cg, name)
		if err != nil {
			return nil, err
		}
		if len(pids) > 0 {
			all[name] = pids
		}
	}
	return all, nil
}

// keys are the node's own; the first one's are with the cluster's.
func (n Node) keys() pki.Dir { return pki.Dir(n.Files.PKI()) }

func (n Node) makeDirs() error {
	for _, dir := range []string{n.Files.Config(), n.Files.Logs(), n.Files.Containerd(), n.Files.Kubelet()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// room is what the node's programs share.
func (n Node) room() confine.Room {
	// What its programs would write to fixed places of the host.
	binds := []confine.Bind{
		{Source: n.hostDir("containerd"), Target: "/run/containerd"},
		{Source: n.hostDir("cni"), Target: "/var/lib/cni"},
		{Source: n.hostDir("container-logs"), Target: "/var/log/containers"},
	}
	for _, s := range kubeletSysctls {
		binds = append(binds, confine.Bind{Source: n.sysctlFile(s), Target: "/proc/sys/" + s.path})
	}
	return confine.Room{Cgroup: n.Cgroup(), Netns: network.Path(n.Netns()), Dir: n.Files.Run(), Binds: binds}
}

// hostDirs are the folders of the host in whose place nodes' programs see the
// node's own. A host that lacks them gets them, empty.
var hostDirs = []string{"/run/containerd", "/var/lib/cni", "/var/log/containers"}

func (n Node) hostDir(name string) string {
	return filepath.Join(n.Files.Run(), "host", name)
}

// RemoveHostDirs removes the folders of the host that clusters stood in for,
// unless somebody else uses them. No cluster may run: it would lose its own.
func RemoveHostDirs() {
	for _, dir := range hostDirs {
		_ = unix.Rmdir(dir) // fails where it is in use, rightly
	}
}

// prepare makes the node's folders, cgroup and network.
func (n Node) prepare(ctx context.Context) error {
	if err := n.clear(ctx); err != nil {
		return err
	}
	for _, dir := range append([]string{n.hostDir("containerd"), n.hostDir("cni"), n.hostDir("container-logs")}, hostDirs...) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := n.cg.Create(n.Cgroup()); err != nil {
		return err
	}
	if err := n.cg.Make(n.Cgroup(), confine.ShimsLeaf); err != nil {
		return err
	}
	return network.Up(ctx, n.Node)
}

// ground is the file that says that the folder for run-time state was made
// for the programs that run.
func (n Node) ground() string { return filepath.Join(n.Files.Run(), "ground") }

// orphans is the file that says that what pods and leases the API server has
// on its books were left by a life that has ended.
func (n Node) orphans() string { return filepath.Join(n.Files.Run(), "orphans") }

// clear begins a new life of the node where the old one has ended: where
// nothing looks after its containers any more, as after a reboot, or where
// its folder went from under it.
func (n Node) clear(ctx context.Context) error {
	var alive int
	for _, part := range []string{"programs", confine.ShimsLeaf} {
		pids, err := n.cg.Living(filepath.Join(n.Cgroup(), part))
		if err != nil {
			return err
		}
		alive += len(pids)
	}
	_, err := os.Stat(n.ground())
	if alive > 0 && err == nil {
		return nil
	}
	if err := n.cg.Kill(ctx, n.Cgroup()); err != nil {
		return err
	}
	// With what the kernel still knows of the former pods' connections.
	if err := network.Down(n.Node); err != nil {
		return err
	}
	if err := os.RemoveAll(n.Files.Run()); err != nil {
		return fmt.Errorf("clearing what a reboot or a kill left: %w", err)
	}
	if err := writeFile(n.orphans(), ""); err != nil {
		return err
	}
	return writeFile(n.ground(), "")
}

// end ends every process of the node, and removes what it has on the machine
// beside its folder.
func (n Node) end(ctx context.Context) error {
	if err := n.cg.Kill(ctx, n.Cgroup()); err != nil {
		return err
	}
	if err := n.cg.Remove(ctx, n.Cgroup()); err != nil {
		return err
	}
	return network.Down(n.Node)
}
