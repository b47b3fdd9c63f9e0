package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cluster"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/layout"
)

const (
	smokeName     = "hello"
	smokePatience = 2 * time.Minute
)

// smoke deploys an application, asks it through the gateway, and removes it.
func smoke(ctx context.Context, root layout.Root, o options, w io.Writer) error {
	record, err := cluster.ReadRecord(root.Cluster(o.name))
	if err != nil {
		return fmt.Errorf("cluster %s: %w", o.name, err)
	}
	plan, err := address.New(record.Name, record.Index)
	if err != nil {
		return err
	}
	config, err := cluster.New(plan, root, cgroup.Hierarchies{}).Config()
	if err != nil {
		return err
	}
	client, err := apply.NewClient(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, smokePatience)
	defer cancel()
	begun := time.Now()
	// A namespace of its own each time: an earlier one may still be going.
	namespace := fmt.Sprintf("sls-smoke-%d", begun.UnixMilli())
	err = client.Apply(ctx, []*unstructured.Unstructured{
		object("v1", "Namespace", "", namespace, nil),
		object("serving.knative.dev/v1", "Service", namespace, smokeName, map[string]any{
			"template": map[string]any{"spec": map[string]any{"containers": []any{
				map[string]any{"image": address.Registry + "/hello:" + build.HelloVersions[0]},
			}}},
		}),
	})
	if err == nil {
		err = answers(ctx, plan, namespace)
	}
	took := time.Since(begun)
	removed := client.Delete(context.WithoutCancel(ctx), "v1", "Namespace", "", namespace)
	if err := errors.Join(err, removed); err != nil {
		return err
	}
	fmt.Fprintf(w, "an application answered through the gateway %.1fs after it was applied\n", took.Seconds())
	return nil
}

func object(apiVersion, kind, namespace, name string, spec map[string]any) *unstructured.Unstructured {
	metadata := map[string]any{"name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	o := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	if spec != nil {
		o["spec"] = spec
	}
	return &unstructured.Unstructured{Object: o}
}

// answers waits until the application answers by its public name.
func answers(ctx context.Context, plan address.Plan, namespace string) error {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}} // no proxy
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		err := ask(ctx, client, plan, namespace)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer through the gateway: %w", last)
		case <-tick.C:
		}
	}
}

func ask(ctx context.Context, client *http.Client, plan address.Plan, namespace string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, plan.Gateway(), nil)
	if err != nil {
		return err
	}
	r.Host = fmt.Sprintf("%s.%s.%s", smokeName, namespace, address.Domain)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("X-Hello-Version") != build.HelloVersions[0] {
		return fmt.Errorf("the gateway answers %s", answer.Status)
	}
	return nil
}
