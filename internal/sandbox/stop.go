package main

import (
	"context"
	"fmt"
	"io"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

// stop ends programs of a cluster's first node; up starts them again.
func stop(ctx context.Context, root layout.Root, o options, stderr io.Writer) error {
	if len(o.operands) == 0 {
		return errUsage("stop: which program?")
	}
	held, err := hold(ctx, root, o.name, stderr)
	if err != nil {
		return err
	}
	defer held.Release()
	plan, err := existing(root, o.name)
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
