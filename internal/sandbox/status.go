package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/registry"
)

// status prints a table for every cluster. It fails where one is not well.
func status(ctx context.Context, root layout.Root, w io.Writer) error {
	cg, err := cgroup.Detect()
	if err != nil {
		return err
	}
	records, err := cluster.List(root)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	well := true
	for _, r := range records {
		plan, err := address.New(r.Name, r.Index)
		if err != nil {
			return err
		}
		c := cluster.New(plan, root, cg)
		ok, err := clusterStatus(ctx, table, c, r)
		if err != nil {
			return err
		}
		well = well && ok
	}
	state := "up"
	if owner, err := registry.Owner(ctx); err != nil || owner != root.Registry() {
		state, well = "down", false
	}
	fmt.Fprintf(table, "REGISTRY\t%s\t%s\t(%s)\n", address.Registry, state, address.RegistryEndpoint)
	switch {
	case len(records) == 0:
		return errors.New("there is no cluster: boot one by `make sandbox-up`")
	case !well:
		return errors.New("not all is well: `make sandbox-up` repairs what has died")
	}
	return nil
}

func clusterStatus(ctx context.Context, table io.Writer, c *cluster.Cluster, r cluster.Record) (bool, error) {
	nodes, err := c.Nodes()
	if err != nil {
		return false, err
	}
	fmt.Fprintf(table, "CLUSTER\t%s\t(index %d)\n", r.Name, r.Index)
	fmt.Fprintf(table, "  API server\t%s\n", c.Plan.APIServer())
	fmt.Fprintf(table, "  gateway\t%s\t(Host: NAME.NAMESPACE.%s)\n", c.Plan.Gateway(), address.Domain)
	well := true
	for _, n := range nodes {
		ok, err := nodeStatus(table, n)
		if err != nil {
			return false, err
		}
		well = well && ok
	}
	_, leaving, err := c.Members()
	if err != nil {
		return false, err
	}
	for _, number := range leaving {
		fmt.Fprintf(table, "  NODE\t%s\tis to leave: `up` and `scale` go on with that\n", c.Plan.Node(number).Name())
		well = false
	}
	parts, err := readiness(ctx, c)
	if err != nil {
		fmt.Fprintf(table, "  the API server does not tell what is ready: %v\n", err)
		return false, nil
	}
	fmt.Fprintf(table, "  PART\tSTATE\n")
	var names []string
	for n := range parts {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		state := "ready"
		if parts[n] != nil {
			state, well = parts[n].Error(), false
		}
		fmt.Fprintf(table, "  %s\t%s\n", n, state)
	}
	return well, nil
}

// nodeStatus prints the programs of a node.
func nodeStatus(table io.Writer, n cluster.Node) (bool, error) {
	running, err := n.Running()
	if err != nil {
		return false, err
	}
	if !n.First() {
		fmt.Fprintf(table, "  NODE\t%s\t(%s)\n", n.Name(), n.IP())
	}
	well := true
	fmt.Fprintf(table, "  PROGRAM\tSTATE\tPID\tMEMORY\tLOG\n")
	for _, name := range n.Programs() {
		state, pid, memory := "ended", "", ""
		if pids := running[name]; len(pids) > 0 {
			state, pid, memory = "running", strconv.Itoa(pids[0]), residentMemory(pids[0])
		} else {
			well = false
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", name, state, pid, memory, n.Files.Log(name))
	}
	return well, nil
}

// componentLabel is what sls_platform_component has on all that it installs.
const componentLabel = "sls-platform.github.io/component"

// readiness tells of the node, of name resolution and of the platform's
// parts, as far as there are any.
func readiness(ctx context.Context, c *cluster.Cluster) (map[string]error, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	config, err := c.Config()
	if err != nil {
		return nil, err
	}
	client, err := apply.NewClient(config)
	if err != nil {
		return nil, err
	}
	parts, err := c.Readiness(ctx, client)
	if err != nil {
		return nil, err
	}
	more, err := client.Deployments(ctx, "", componentLabel)
	if err != nil {
		return nil, err
	}
	maps.Copy(parts, more)
	return parts, nil
}

// residentMemory is a process's memory, or nothing where it has ended.
func residentMemory(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			if err != nil {
				return ""
			}
			return fmt.Sprintf("%d MiB", kib/1024)
		}
	}
	return ""
}
