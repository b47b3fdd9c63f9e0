// Command bare does what the provider does for many applications, with client-go
// and nothing around it: it writes the objects of a file by server-side apply, and
// waits for the Knative Services among them with one watch.
//
//	bare [-wait=false] apply|delete FILE
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest/bench"
)

const (
	// atATime is how many requests are under way, as many as Terraform has resources.
	atATime = 10
	waited  = "Service"
)

func main() {
	wait := flag.Bool("wait", true, "until the Services are ready, or gone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, flag.Arg(0), flag.Arg(1), *wait); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command, file string, wait bool) error {
	var each func(context.Context, dynamic.ResourceInterface, *unstructured.Unstructured) error
	var done func(watch.Event) bool
	switch command {
	case "apply":
		each = apply
		done = func(event watch.Event) bool {
			service, ok := event.Object.(*unstructured.Unstructured)
			return ok && bench.Ready(service)
		}
	case "delete":
		each = remove
		done = func(event watch.Event) bool { return event.Type == watch.Deleted }
	default:
		return errors.New("usage: bare [-wait=false] apply|delete FILE")
	}

	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1 // no limit
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	objects, err := read(file)
	if err != nil {
		return err
	}
	var waiting chan error
	if wait {
		services := map[string]bool{}
		for i := range objects {
			if objects[i].GetKind() == waited {
				services[objects[i].GetName()] = true
			}
		}
		of := resource(client, &objects[0])
		// What was there before is not waited for again.
		list, err := of.List(ctx, metav1.ListOptions{Limit: 1})
		if err != nil {
			return err
		}
		events, err := of.Watch(ctx, metav1.ListOptions{ResourceVersion: list.GetResourceVersion()})
		if err != nil {
			return err
		}
		defer events.Stop()
		waiting = make(chan error, 1)
		go func() { waiting <- await(ctx, events, services, done) }()
	}
	if err := all(ctx, client, objects, each); err != nil || !wait {
		return err
	}
	return <-waiting
}

// read reads a List; its Services come first.
func read(file string) ([]unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	if len(list.Items) == 0 {
		return nil, fmt.Errorf("%s has no objects", file)
	}
	objects := make([]unstructured.Unstructured, len(list.Items))
	for i, item := range list.Items {
		objects[i].Object = item
	}
	return objects, nil
}

// all does the same with each object, some at a time, and returns the first error.
func all(ctx context.Context, client dynamic.Interface, objects []unstructured.Unstructured,
	each func(context.Context, dynamic.ResourceInterface, *unstructured.Unstructured) error,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan *unstructured.Unstructured)
	var workers sync.WaitGroup
	for range atATime {
		workers.Go(func() {
			for object := range next {
				if err := each(ctx, resource(client, object), object); err != nil {
					cancel(fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err))
				}
			}
		})
	}
	for i := range objects {
		next <- &objects[i]
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

func apply(ctx context.Context, of dynamic.ResourceInterface, object *unstructured.Unstructured) error {
	body, err := object.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = of.Patch(ctx, object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: "bare"})
	return err
}

func remove(ctx context.Context, of dynamic.ResourceInterface, object *unstructured.Unstructured) error {
	err := of.Delete(ctx, object.GetName(), metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// await takes events until each of the names is done.
func await(ctx context.Context, events watch.Interface, names map[string]bool, done func(watch.Event) bool) error {
	for len(names) > 0 {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case event, ok := <-events.ResultChan():
			if !ok || event.Type == watch.Error {
				return fmt.Errorf("the watch ended with %d to wait for", len(names))
			}
			if object, err := meta.Accessor(event.Object); err == nil && done(event) {
				delete(names, object.GetName())
			}
		}
	}
	return nil
}

// resource is the client for an object's kind. Without discovery: the kinds here
// have regular names.
func resource(client dynamic.Interface, object *unstructured.Unstructured) dynamic.ResourceInterface {
	plural, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	plural.Resource = strings.ToLower(plural.Resource)
	return client.Resource(plural).Namespace(object.GetNamespace())
}
