package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/pki"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// CheckRuns tells what of the first node has ended: with that, no other can join
// or leave.
func (c *Cluster) CheckRuns() error {
	first := c.first()
	running, err := first.Running()
	if err != nil {
		return err
	}
	for _, name := range first.Programs() {
		if len(running[name]) == 0 {
			return fmt.Errorf("%s of cluster %s has ended: `up --name %s --index %d` repairs what has died", name, c.Plan.Name, c.Plan.Name, c.Plan.Index)
		}
	}
	return nil
}

// Join has a further node run, and waits until it takes pods. The first node must
// run.
func (c *Cluster) Join(ctx context.Context, number int, bin string, client *apply.Client) error {
	n := c.node(number)
	if err := n.makeDirs(); err != nil {
		return err
	}
	if err := n.prepare(ctx); err != nil {
		return err
	}
	if _, err := pki.EnsureNode(n.Files.PKI(), pki.Dir(c.Files.PKI()), n.Node); err != nil {
		return err
	}
	if err := n.writeConfig(); err != nil {
		return err
	}
	if _, err := os.Stat(n.orphans()); err == nil {
		if err := client.DeletePodsOn(ctx, n.Name()); err != nil {
			return fmt.Errorf("pods of the node's former life: %w", err)
		}
		if err := os.Remove(n.orphans()); err != nil {
			return err
		}
	}
	if err := client.Apply(ctx, []*unstructured.Unstructured{n.object(false)}); err != nil {
		return err
	}
	if err := c.start(ctx, n, bin, containerd); err != nil {
		return err
	}
	// A kubelet that finds nobody there ends.
	err := n.await(ctx, []string{containerd}, containerd, "containerd does not listen", func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "unix", n.Files.ContainerdSocket())
		if err != nil {
			return err
		}
		return connection.Close()
	})
	if err != nil {
		return err
	}
	if err := c.start(ctx, n, bin, kubelet, proxy); err != nil {
		return err
	}
	return n.await(ctx, n.Programs(), kubelet, "node "+n.Name()+" is not ready", func(ctx context.Context) error { return n.ready(ctx, client) })
}

// object is the node as the sandbox knows it before its kubelet does: so that its
// pods' range is the one that there are routes to, and no other that the
// controller manager would choose. What isn't said here is the kubelet's to say, or
// another's: whoever else has cordoned the node finds it so.
func (n Node) object(leaving bool) *unstructured.Unstructured {
	pods := n.PodCIDR().String()
	spec := map[string]any{"podCIDR": pods, "podCIDRs": []any{pods}}
	if leaving {
		spec["unschedulable"] = true
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Node", "metadata": map[string]any{"name": n.Name()}, "spec": spec,
	}}
}

// Leave moves the pods of a further node elsewhere, as far as there is room, and
// removes the node with all that it has.
func (c *Cluster) Leave(ctx context.Context, number int, client *apply.Client) error {
	n := c.node(number)
	running, err := n.Running()
	if err != nil {
		return err
	}
	// Without a kubelet nobody would end the pods in an orderly way.
	if len(running[kubelet]) > 0 {
		if err := n.drain(ctx, client); err != nil {
			return err
		}
	}
	if err := n.end(ctx); err != nil {
		return err
	}
	// After the kubelet, which would make it again.
	if err := client.Delete(ctx, "v1", "Node", "", n.Name()); err != nil {
		return err
	}
	if err := client.DeletePodsOn(ctx, n.Name()); err != nil {
		return err
	}
	// Last: as long as it is there, a later run knows of the node.
	return os.RemoveAll(string(n.Files))
}

// drain has pods evicted, and waits until they have ended. Those of a DaemonSet
// would only come again.
func (n Node) drain(ctx context.Context, client *apply.Client) error {
	if err := client.Apply(ctx, []*unstructured.Unstructured{n.object(true)}); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		pods, err := client.PodsOn(limited, n.Name())
		pods = slices.DeleteFunc(pods, apply.OfDaemonSet)
		if err == nil && len(pods) == 0 {
			return nil
		}
		for _, p := range pods {
			// Refused while a disruption budget says so: then asked again.
			err = errors.Join(err, client.Evict(limited, p))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limited.Done():
			var names []string
			for _, p := range pods {
				names = append(names, p.GetNamespace()+"/"+p.GetName())
			}
			return &steps.Failure{Log: n.Files.Log(kubelet), Err: fmt.Errorf("node %s still has the pods %q after %s: %w", n.Name(), names, patience, err)}
		case <-tick.C:
		}
	}
}
