// Package cluster boots a real Kubernetes cluster, each node in a network
// namespace of its own. It knows nothing of the platform on top.
package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
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
	if err := c.first().makeDirs(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Files.Etcd(), 0o755); err != nil {
		return err
	}
	record := Record{Name: c.Plan.Name, Index: c.Plan.Index}
	for _, o := range others {
		if o.Name == c.Plan.Name {
			record.Nodes = o.Nodes
		}
	}
	return record.write(c.Files)
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

// Prepare makes everything that the programs of the first node expect to find:
// network, cgroup, keys and configuration. After a reboot it clears what has
// lost its meaning.
func (c *Cluster) Prepare(ctx context.Context) error {
	first := c.first()
	if err := first.prepare(ctx); err != nil {
		return err
	}
	keys, err := pki.Ensure(c.Files.PKI(), c.Plan)
	if err != nil {
		return err
	}
	if err := c.publishKubeconfig(keys); err != nil {
		return err
	}
	if err := first.writeConfig(); err != nil {
		return err
	}
	if err := writeFile(first.config("audit.yaml"), auditPolicy); err != nil {
		return err
	}
	// The API server would make it readable for itself alone.
	audit, err := os.OpenFile(c.Files.AuditLog(), os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return audit.Close()
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
	// The first goes last: the others' links end there. Of a further node that
	// was begun and killed there may be no more than a name.
	for number := address.MaxNodes; number > 0; number-- {
		if err := c.node(number).end(ctx); err != nil {
			return fmt.Errorf("ending cluster %s: %w", c.Plan.Name, err)
		}
	}
	// All mounts were in the programs' own mount namespaces, which ended with
	// them: what is below the folder is really there, and ours.
	if err := os.RemoveAll(string(c.Files)); err != nil {
		return fmt.Errorf("removing the files of cluster %s: %w", c.Plan.Name, err)
	}
	return nil
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
