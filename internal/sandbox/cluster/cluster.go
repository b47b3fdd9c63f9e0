// Package cluster boots a real Kubernetes cluster of one node in a network
// namespace of its own. It knows nothing of the platform on top.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/network"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
)

// Cluster is one cluster of the sandbox, running or not.
type Cluster struct {
	Plan  address.Plan
	Files layout.Cluster
	cg    cgroup.Hierarchies
	user  *syscall.Credential
}

// New describes a cluster.
func New(plan address.Plan, root layout.Root, cg cgroup.Hierarchies) *Cluster {
	return &Cluster{Plan: plan, Files: root.Cluster(plan.Name), cg: cg}
}

// For has the kubeconfig belong to the user for whom root works, if any.
func (c *Cluster) For(user *syscall.Credential) *Cluster {
	c.user = user
	return c
}

// Record is what is kept about a cluster beside what follows from its plan.
type Record struct {
	Name  string
	Index int
}

// ReadRecord reads the record of a cluster; the error is fs.ErrNotExist
// where there is none.
func ReadRecord(files layout.Cluster) (Record, error) {
	var r Record
	text, err := os.ReadFile(files.Record())
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", files.Record(), err)
	}
	return r, nil
}

// List reads the records of all clusters in root.
func List(root layout.Root) ([]Record, error) {
	names, err := root.ClusterNames()
	if err != nil {
		return nil, err
	}
	var all []Record
	for _, n := range names {
		r, err := ReadRecord(root.Cluster(n))
		if errors.Is(err, fs.ErrNotExist) {
			continue // begun and killed before it had a record, or being removed
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// Claim writes the cluster's record, after a look at what would be in its
// way: another cluster with the same index, the same name with another one,
// or another sandbox's cluster.
func (c *Cluster) Claim(root layout.Root) error {
	others, err := List(root)
	if err != nil {
		return err
	}
	for _, o := range others {
		switch {
		case o.Name == c.Plan.Name && o.Index != c.Plan.Index:
			return fmt.Errorf("cluster %s is there with index %d: use that, or take it down first", o.Name, o.Index)
		case o.Name != c.Plan.Name && o.Index == c.Plan.Index:
			return fmt.Errorf("index %d belongs to cluster %s: choose another with --index", o.Index, o.Name)
		}
	}
	if err := c.checkOwner(); err != nil {
		return err
	}
	for _, dir := range []string{c.Files.Config(), c.Files.Logs(), c.Files.Etcd(), c.Files.Containerd(), c.Files.Kubelet()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	text, err := json.Marshal(Record{Name: c.Plan.Name, Index: c.Plan.Index})
	if err != nil {
		return err
	}
	return writeFile(c.Files.Record(), string(text))
}

// checkOwner refuses to touch a cluster of the same name that runs from
// another folder: namespaces and cgroups are the machine's, folders are not.
func (c *Cluster) checkOwner() error {
	pids, err := c.cg.AllProcesses(filepath.Join(c.Plan.Cgroup(), "programs"))
	if err != nil {
		return err
	}
	for _, pid := range pids {
		dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		if err != nil || strings.HasSuffix(dir, " (deleted)") || dir == "/" {
			continue // ended, or its folder is gone: then nobody else will look after it
		}
		if !strings.HasPrefix(dir, string(c.Files)) {
			return fmt.Errorf("a cluster %s runs from %s, another sandbox's folder: end that one first, with %s set to its folder for caches", c.Plan.Name, dir, layout.Env)
		}
	}
	return nil
}

// room is what the cluster's programs share.
func (c *Cluster) room() confine.Room {
	// What its programs would write to fixed places of the host.
	binds := []confine.Bind{
		{Source: c.hostDir("containerd"), Target: "/run/containerd"},
		{Source: c.hostDir("cni"), Target: "/var/lib/cni"},
		{Source: c.hostDir("container-logs"), Target: "/var/log/containers"},
	}
	for _, s := range kubeletSysctls {
		binds = append(binds, confine.Bind{Source: c.sysctlFile(s), Target: "/proc/sys/" + s.path})
	}
	return confine.Room{Cgroup: c.Plan.Cgroup(), Netns: network.Path(c.Plan.Netns()), Dir: c.Files.Run(), Binds: binds}
}

// hostDirs are the folders of the host in whose place the cluster's programs
// see the cluster's own. A host that lacks them gets them, empty.
var hostDirs = []string{"/run/containerd", "/var/lib/cni", "/var/log/containers"}

func (c *Cluster) hostDir(name string) string {
	return filepath.Join(c.Files.Run(), "host", name)
}

// Prepare makes everything that the cluster's programs expect to find:
// network, cgroup, keys and configuration. After a reboot it clears what has
// lost its meaning.
func (c *Cluster) Prepare(ctx context.Context) error {
	if err := c.clear(ctx); err != nil {
		return err
	}
	for _, dir := range []string{c.hostDir("containerd"), c.hostDir("cni"), c.hostDir("container-logs")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, dir := range hostDirs {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := c.cg.Create(c.Plan.Cgroup()); err != nil {
		return err
	}
	if err := c.cg.Make(c.Plan.Cgroup(), confine.ShimsLeaf); err != nil {
		return err
	}
	if err := network.Up(ctx, c.Plan); err != nil {
		return err
	}
	keys, err := pki.Ensure(c.Files.PKI(), c.Plan)
	if err != nil {
		return err
	}
	if err := c.publishKubeconfig(keys); err != nil {
		return err
	}
	if err := c.writeConfig(keys); err != nil {
		return err
	}
	// The API server would make it readable for itself alone.
	audit, err := os.OpenFile(c.Files.AuditLog(), os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return audit.Close()
}

// ground is the file that says that the folder for run-time state was made
// for the programs that run.
func (c *Cluster) ground() string { return filepath.Join(c.Files.Run(), "ground") }

// orphans is the file that says that what pods and leases the API server has
// on its books were left by a life that has ended.
func (c *Cluster) orphans() string { return filepath.Join(c.Files.Run(), "orphans") }

// clear begins a new life of the cluster where the old one has ended: where
// nothing looks after its containers any more, as after a reboot, or where
// its folder went from under it.
func (c *Cluster) clear(ctx context.Context) error {
	var alive int
	for _, part := range []string{"programs", confine.ShimsLeaf} {
		pids, err := c.cg.Living(filepath.Join(c.Plan.Cgroup(), part))
		if err != nil {
			return err
		}
		alive += len(pids)
	}
	_, err := os.Stat(c.ground())
	if alive > 0 && err == nil {
		return nil
	}
	if err := c.cg.Kill(ctx, c.Plan.Cgroup()); err != nil {
		return err
	}
	// With what the kernel still knows of the former pods' connections.
	if err := network.Down(c.Plan); err != nil {
		return err
	}
	if err := os.RemoveAll(c.Files.Run()); err != nil {
		return fmt.Errorf("clearing what a reboot or a kill left: %w", err)
	}
	if err := writeFile(c.orphans(), ""); err != nil {
		return err
	}
	return writeFile(c.ground(), "")
}

// publishKubeconfig puts the administrator's kubeconfig where users look.
func (c *Cluster) publishKubeconfig(keys pki.Dir) error {
	text, err := os.ReadFile(keys.Kubeconfig(pki.Admin))
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Files.Kubeconfig(), text, 0o600); err != nil {
		return err
	}
	if c.user == nil {
		return nil
	}
	return os.Chown(c.Files.Kubeconfig(), int(c.user.Uid), int(c.user.Gid))
}

// Down ends every process of the cluster and removes all that it left on the
// machine.
func (c *Cluster) Down(ctx context.Context) error {
	if err := c.checkOwner(); err != nil {
		return err
	}
	if err := c.cg.Kill(ctx, c.Plan.Cgroup()); err != nil {
		return fmt.Errorf("ending cluster %s: %w", c.Plan.Name, err)
	}
	if err := c.cg.Remove(ctx, c.Plan.Cgroup()); err != nil {
		return err
	}
	if err := network.Down(c.Plan); err != nil {
		return err
	}
	// All mounts were in the programs' own mount namespace, which ended with
	// them: what is below the folder is really there, and ours.
	if err := os.RemoveAll(string(c.Files)); err != nil {
		return fmt.Errorf("removing the files of cluster %s: %w", c.Plan.Name, err)
	}
	return nil
}

// RemoveHostDirs removes the folders of the host that clusters stood in for,
// unless somebody else uses them. No cluster may run: it would lose its own.
func RemoveHostDirs() {
	for _, dir := range hostDirs {
		_ = unix.Rmdir(dir) // fails where it is in use, rightly
	}
}

// Running lists the cluster's programs and their processes.
func (c *Cluster) Running() (map[string][]int, error) {
	all := map[string][]int{}
	for _, name := range Programs {
		pids, err := c.room().Processes(c.cg, name)
		if err != nil {
			return nil, err
		}
		if len(pids) > 0 {
			all[name] = pids
		}
	}
	return all, nil
}

// writeFile writes a file as a whole or not at all.
func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	partial := path + ".partial"
	if err := os.WriteFile(partial, []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
