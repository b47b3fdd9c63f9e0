package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// scale has nodes join a running cluster, or leave it.
func scale(ctx context.Context, root layout.Root, o options, stderr *os.File) error {
	if err := address.CheckNodes(o.nodes); err != nil {
		return errUsage("--nodes: " + err.Error())
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
	b, err := newBoot(root, plan)
	if err != nil {
		return err
	}
	if err := b.cluster.CheckRuns(); err != nil {
		return err
	}
	if err := b.cluster.Resize(o.nodes); err != nil {
		return err
	}
	if b.joining, b.leaving, err = b.cluster.Members(); err != nil {
		return err
	}
	begun := time.Now()
	if err := perform(ctx, stderr, b.scaling()); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "nodes of cluster %s: %d (%.1fs)\n", plan.Name, o.nodes, time.Since(begun).Seconds())
	return nil
}

// scaling are the parts of scale and what each needs.
func (b *boot) scaling() []*steps.Step {
	w := &work{}
	g := b.ground(w)
	connected := w.step("API server", quiet(func(context.Context) error { return b.connect() }), g.packages)
	b.further(w, g.kubernetes, g.registry, connected)
	return w.all
}

// further adds the steps of further nodes: what a node needs is the programs, a
// registry with the pause image, and the first node.
func (b *boot) further(w *work, after ...*steps.Step) {
	for _, number := range b.joining {
		w.step("node "+b.cluster.Plan.Node(number).Name(), quiet(func(ctx context.Context) error {
			return b.cluster.Join(ctx, number, b.platform, b.client)
		}), after...)
	}
	for _, number := range b.leaving {
		w.step("node "+b.cluster.Plan.Node(number).Name()+" leaves", quiet(func(ctx context.Context) error {
			return b.cluster.Leave(ctx, number, b.client)
		}), after...)
	}
}
