package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/registry"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/store"
)

// down ends a cluster, or all of them, the registry and the object store.
func down(ctx context.Context, root layout.Root, o options, stderr io.Writer) error {
	cg, err := cgroup.Detect()
	if err != nil {
		return err
	}
	names := []string{o.name}
	if o.all {
		if names, err = root.ClusterNames(); err != nil {
			return err
		}
	}
	for _, n := range names {
		if err := downOne(ctx, root, cg, n, stderr); err != nil {
			return err
		}
	}
	if !o.all {
		return nil
	}
	if err := store.Dir(root.Store()).Down(ctx, cg); err != nil {
		return err
	}
	if err := registry.Down(ctx, cg); err != nil {
		return err
	}
	cluster.RemoveHostDirs()
	fmt.Fprintln(stderr, "the image registry is down")
	return nil
}

func downOne(ctx context.Context, root layout.Root, cg cgroup.Hierarchies, name string, stderr io.Writer) error {
	held, err := hold(ctx, root, name, stderr)
	if err != nil {
		return err
	}
	defer held.Release()
	plan, err := planOf(root, name)
	if err != nil {
		return err
	}
	if err := cluster.New(plan, root, cg).Down(ctx); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "cluster %s is down\n", name)
	return nil
}

// planOf returns the plan of a cluster that is to end. One without a record was
// killed before it took an index, or never was: it has nothing of what goes by
// an index, and index 0 is nobody's.
func planOf(root layout.Root, name string) (address.Plan, error) {
	record, err := cluster.ReadRecord(root.Cluster(name))
	if errors.Is(err, fs.ErrNotExist) {
		plan, err := address.New(name, 1) // a name that can be one
		plan.Index = 0
		return plan, err
	}
	if err != nil {
		return address.Plan{}, err
	}
	return address.New(record.Name, record.Index)
}
