// Package platform installs the serverless platform on a cluster: Istio with
// its ingress gateway, Knative Serving, and the controller that joins them.
// Everything but the gateway comes from the projects' own manifests.
package platform

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
)

// Images names the platform's images, with digests.
type Images struct {
	// Knative's, by the name of the program.
	Activator, Autoscaler, Controller, Webhook, Queue, NetGatewayAPI string
	Istiod, Envoy                                                    string
}

// Keys are those by which istiod and the gateway know one another, in PEM form.
type Keys struct {
	CA, CAKey, Gateway, GatewayKey []byte
}

// Objects reads the platform's objects from the folder of its manifests.
func Objects(manifests string, images Images, keys Keys) ([]*unstructured.Unstructured, error) {
	istio, err := istioObjects(manifests, images, keys)
	if err != nil {
		return nil, fmt.Errorf("manifests of Istio: %w", err)
	}
	knative, err := knativeObjects(manifests, images)
	if err != nil {
		return nil, fmt.Errorf("manifests of Knative: %w", err)
	}
	return append(istio, knative...), nil
}

// The stamp is a ConfigMap that says which objects were installed.
const (
	stampNamespace = "kube-system"
	stampName      = "sls-sandbox-platform"
)

// Install applies the objects, unless the cluster has just these already:
// what was configured since is left alone then.
func Install(ctx context.Context, client *apply.Client, objects []*unstructured.Unstructured) error {
	text, err := json.Marshal(objects)
	if err != nil {
		return err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(text))
	if stamp, err := client.Get(ctx, "v1", "ConfigMap", stampNamespace, stampName); err == nil {
		if known, _, _ := unstructured.NestedString(stamp.Object, "data", "digest"); known == digest {
			return nil
		}
	}
	if err := client.Apply(ctx, objects); err != nil {
		return err
	}
	return client.Apply(ctx, []*unstructured.Unstructured{{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"namespace": stampNamespace, "name": stampName},
		"data":     map[string]any{"digest": digest},
	}}})
}

// Namespaces are where the platform's workloads run.
var Namespaces = []string{istioNamespace, knativeNamespace}

// Readiness tells, for every part of the platform, nil or what it lacks.
func Readiness(ctx context.Context, client *apply.Client) (map[string]error, error) {
	parts := map[string]error{}
	for _, ns := range Namespaces {
		more, err := client.Deployments(ctx, ns)
		if err != nil {
			return nil, err
		}
		maps.Copy(parts, more)
	}
	if len(parts) == 0 {
		return nil, errors.New("nothing is installed")
	}
	return parts, nil
}

// patience is how long the platform may take; it is long because a machine
// may be busy.
const patience = 3 * time.Minute

// Wait waits until every part of the platform is ready. What it waits for is
// told to say.
func Wait(ctx context.Context, client *apply.Client, say func(string)) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last := errors.New("nothing was heard")
	for {
		parts, err := Readiness(limited, client)
		missing := missing(parts)
		switch {
		case err == nil && len(missing) == 0:
			return nil
		case err == nil:
			say(fmt.Sprintf("%d of %d parts ready, next %s", len(parts)-len(missing), len(parts), missing[0]))
			last = fmt.Errorf("%s: %w", missing[0], parts[missing[0]])
		case limited.Err() == nil:
			last = err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-limited.Done():
			return fmt.Errorf("the platform is not ready after %s: %w", patience, last)
		case <-tick.C:
		}
	}
}

func missing(parts map[string]error) []string {
	var names []string
	for name, err := range parts {
		if err != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// read reads the objects of all files in a folder.
func read(dir string) ([]*unstructured.Unstructured, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no manifests in %s", dir)
	}
	var all []*unstructured.Unstructured
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return nil, err
		}
		objects, err := apply.Decode(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		all = append(all, objects...)
	}
	return all, nil
}
