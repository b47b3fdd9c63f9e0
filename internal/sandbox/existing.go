package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/lock"
)

// existing returns the plan of a cluster that there is.
func existing(root layout.Root, name string) (address.Plan, error) {
	record, err := cluster.ReadRecord(root.Cluster(name))
	if errors.Is(err, fs.ErrNotExist) {
		return address.Plan{}, errNoCluster(name)
	}
	if err != nil {
		return address.Plan{}, err
	}
	return address.New(record.Name, record.Index)
}

// hold waits for its turn to work on a cluster.
func hold(ctx context.Context, root layout.Root, name string, stderr io.Writer) (*lock.Lock, error) {
	return lock.Acquire(ctx, filepath.Join(root.Locks(), "cluster-"+name), func(holder string) {
		fmt.Fprintf(stderr, "waiting: %s is at work on cluster %s\n", holder, name)
	})
}

func errNoCluster(name string) error {
	return fmt.Errorf("there is no cluster %s: boot it with `up --name %s`", name, name)
}
