package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/lock"
)

// stop ends programs of a cluster's first node; up starts them again.
func stop(ctx context.Context, root layout.Root, o options, stderr io.Writer) error {
	if len(o.operands) == 0 {
		return errUsage("stop: which program?")
	}
	held, err := lock.Acquire(ctx, filepath.Join(root.Locks(), "cluster-"+o.name), func(holder string) {
		fmt.Fprintf(stderr, "waiting: %s is at work on cluster %s\n", holder, o.name)
	})
	if err != nil {
		return err
	}
	defer held.Release()
	record, err := cluster.ReadRecord(root.Cluster(o.name))
	if errors.Is(err, fs.ErrNotExist) {
		return errNoCluster(o.name)
	}
	if err != nil {
		return err
	}
	plan, err := address.New(record.Name, record.Index)
	if err != nil {
		return err
	}
	cg, err := cgroup.Detect()
	if err != nil {
		return err
	}
	of := cluster.New(plan, root, cg)
	for _, program := range o.operands {
		if err := of.Stop(ctx, program); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s of cluster %s is stopped: `up --name %s --index %d` starts it\n", program, plan.Name, plan.Name, plan.Index)
	}
	return nil
}
