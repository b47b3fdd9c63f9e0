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
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/registry"
)

// down ends a cluster, or all of them and the registry.
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
	if err := registry.Down(ctx, cg); err != nil {
		return err
	}
	cluster.RemoveHostDirs()
	fmt.Fprintln(stderr, "the image registry is down")
	return nil
}

func downOne(ctx context.Context, root layout.Root, cg cgroup.Hierarchies, name string, stderr io.Writer) error {
	held, err := lock.Acquire(ctx, filepath.Join(root.Locks(), "cluster-"+name), func(holder string) {
		fmt.Fprintf(stderr, "waiting: %s is at work on cluster %s\n", holder, name)
	})
	if err != nil {
		return err
	}
	defer held.Release()
	record, err := cluster.ReadRecord(root.Cluster(name))
	if errors.Is(err, fs.ErrNotExist) {
		record = cluster.Record{Name: name, Index: 1} // killed before it had one
	} else if err != nil {
		return err
	}
	plan, err := address.New(record.Name, record.Index)
	if err != nil {
		return err
	}
	if err := cluster.New(plan, root, cg).Down(ctx); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "cluster %s is down\n", name)
	return nil
}
