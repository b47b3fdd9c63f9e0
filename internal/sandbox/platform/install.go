package platform

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
)

// Objects reads the platform's objects from the folder of its manifests.
func Objects(manifests string, images Images, keys Keys) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, c := range components {
		objects, err := c.objects(manifests)
		if err != nil {
			return nil, fmt.Errorf("manifest %s: %w", c.file, err)
		}
		if c.secrets != nil {
			objects = append(objects, c.secrets(keys)...)
		}
		all = append(all, objects...)
	}
	for _, o := range all {
		if err := resolve(o, images.rewrites()); err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	return all, nil
}

// resolve puts images and configuration into an object.
func resolve(o *unstructured.Unstructured, images map[string]string) error {
	set := func(value string, path ...string) error { return unstructured.SetNestedField(o.Object, value, path...) }
	switch o.GetKind() + " " + o.GetName() {
	case "ConfigMap config-domain":
		return set("", "data", address.Domain)
	case "ConfigMap config-network":
		return set("gateway-api.ingress.networking.knative.dev", "data", "ingress-class")
	case "ConfigMap config-autoscaler":
		return set("true", "data", "allow-zero-initial-scale")
	case "ConfigMap config-deployment":
		return errors.Join(set(images[imageScheme+"serving/cmd/queue"], "data", "queue-sidecar-image"), set("5m", "data", "queue-sidecar-cpu-request"))
	}
	switch o.GetKind() {
	case "Image":
		name, _, _ := unstructured.NestedString(o.Object, "spec", "image")
		return set(images[name], "spec", "image")
	case "Deployment":
		path := []string{"spec", "template", "spec", "containers"}
		containers, _, err := unstructured.NestedSlice(o.Object, path...)
		if err != nil {
			return err
		}
		for _, c := range containers {
			container, ok := c.(map[string]any)
			if !ok {
				return fmt.Errorf("container is a %T", c)
			}
			name, _ := container["image"].(string)
			if container["image"] = images[name]; images[name] == "" {
				return fmt.Errorf("no image for %s", name)
			}
		}
		return unstructured.SetNestedSlice(o.Object, containers, path...)
	}
	return nil
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
var Namespaces = []string{istioNamespace, "knative-serving"}

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
