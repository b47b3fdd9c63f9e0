package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/steps"
)

// start has the named programs of a node running.
func (c *Cluster) start(ctx context.Context, n Node, bin string, names ...string) error {
	for _, name := range names {
		if _, err := n.room().Ensure(ctx, c.cg, c.program(n, name, bin)); err != nil {
			return &steps.Failure{Log: n.Files.Log(name), Err: err}
		}
	}
	return nil
}

// Stop ends a program of the first node.
func (c *Cluster) Stop(ctx context.Context, program string) error {
	first := c.first()
	if !slices.Contains(first.Programs(), program) {
		return fmt.Errorf("%s is no program of a node: %s are", program, strings.Join(first.Programs(), ", "))
	}
	return first.room().Stop(ctx, c.cg, program)
}

// ControlPlane starts etcd, the API server and containerd, and waits for the
// API server's answer.
func (c *Cluster) ControlPlane(ctx context.Context, bin string) error {
	if err := c.start(ctx, c.first(), bin, etcd, apiServer, containerd); err != nil {
		return err
	}
	config, err := c.Config()
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	client.Timeout = 2 * time.Second
	return c.first().await(ctx, []string{etcd, apiServer, containerd}, apiServer, "the API server is not ready", func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", r.URL, answer.Status)
		}
		return nil
	})
}

// Workloads starts what makes pods run, on the first node. It does not wait for
// them.
func (c *Cluster) Workloads(ctx context.Context, bin string, client *apply.Client) error {
	first := c.first()
	if _, err := os.Stat(first.orphans()); err == nil {
		// Pods whose containers are gone count as ready until somebody looks,
		// and what they were leaders of stays theirs for a minute. Their
		// controllers make new ones.
		for _, o := range [][2]string{{"v1", "Pod"}, {"coordination.k8s.io/v1", "Lease"}} {
			if err := client.DeleteAll(ctx, o[0], o[1]); err != nil {
				return fmt.Errorf("%ss of the cluster's former life: %w", o[1], err)
			}
		}
		if err := os.Remove(first.orphans()); err != nil {
			return err
		}
	}
	return c.start(ctx, first, bin, kubelet, controllerManager, scheduler, proxy)
}

// Readiness tells, for the nodes and for name resolution, nil or what it
// lacks.
func (c *Cluster) Readiness(ctx context.Context, client *apply.Client) (map[string]error, error) {
	nodes, err := c.Nodes()
	if err != nil {
		return nil, err
	}
	parts, err := client.Deployments(ctx, "kube-system", "")
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, errors.New("CoreDNS is not installed")
	}
	for _, n := range nodes {
		parts["node/"+n.Name()] = n.ready(ctx, client)
	}
	return parts, nil
}

// ready returns nil where the node takes pods, or what it lacks.
func (n Node) ready(ctx context.Context, client *apply.Client) error {
	node, err := client.Get(ctx, "v1", "Node", "", n.Name())
	if err != nil {
		return err
	}
	return apply.Condition(node, "Ready")
}

// Ready waits until the nodes take pods and names are resolved.
func (c *Cluster) Ready(ctx context.Context, client *apply.Client) error {
	first := c.first()
	return first.await(ctx, first.Programs(), kubelet, "the cluster is not ready", func(ctx context.Context) error {
		parts, err := c.Readiness(ctx, client)
		if err != nil {
			return err
		}
		return errors.Join(slices.Collect(maps.Values(parts))...)
	})
}

// DNS installs CoreDNS, a part of any Kubernetes cluster.
func (c *Cluster) DNS(ctx context.Context, client *apply.Client, image string) error {
	objects, err := c.dnsObjects(image)
	if err != nil {
		return err
	}
	return client.Apply(ctx, objects)
}

// patience is how long a part of the cluster may take to become ready; it is
// long because a machine may be busy with compiling.
const patience = 2 * time.Minute

// await tries until check is content and the named programs all run. It gives
// up as soon as one of them has ended; when it takes too long, the log of
// suspect is the one to read.
func (n Node) await(ctx context.Context, names []string, suspect, what string, check func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last := errors.New("nothing was heard")
	for {
		err := check(limited)
		running, failed := n.Running()
		if failed != nil {
			return failed
		}
		for _, name := range names {
			if len(running[name]) == 0 {
				return &steps.Failure{Log: n.Files.Log(name), Err: fmt.Errorf("%s: %s has ended", what, name)}
			}
		}
		if err == nil {
			return nil
		}
		if limited.Err() == nil {
			last = err // not one that our own haste caused
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limited.Done():
			return &steps.Failure{Log: n.Files.Log(suspect), Err: fmt.Errorf("%s after %s: %w", what, patience, last)}
		case <-tick.C:
		}
	}
}

// Config is the administrator's connection to the cluster. The environment's
// KUBECONFIG plays no part in it.
func (c *Cluster) Config() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Files.Kubeconfig())
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // the API server is ours, and has a queue of its own
	config.UserAgent = "sls-sandbox"
	config.WarningHandler = rest.NoWarnings{} // about what users write, not we
	config.Proxy = direct
	return config, nil
}

func (c *Cluster) dnsObjects(image string) ([]*unstructured.Unstructured, error) {
	return apply.Decode(strings.NewReader(dnsManifest(c.Plan, image)))
}
