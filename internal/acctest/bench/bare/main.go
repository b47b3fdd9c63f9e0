// Command bare does what the provider does for many applications, with client-go
// and nothing around it: it writes the objects of a file by server-side apply, and
// waits for the Knative Services among them with one watch: for all in the end, or, as
// Terraform does, for each before it goes on to another.
//
//	bare [-wait=all|each|none] apply|delete FILE
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
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

	waitAll, waitEach, waitNone = "all", "each", "none"
)

func main() {
	wait := flag.String("wait", waitAll, "until the Services are ready, or gone: for `all`, each or none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, flag.Arg(0), flag.Arg(1), *wait); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, command, file, wait string) error {
	var each doing
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
		return errors.New("usage: bare [-wait=all|each|none] apply|delete FILE")
	}
	if wait != waitAll && wait != waitEach && wait != waitNone {
		return fmt.Errorf("-wait=%s: it is all, each or none", wait)
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
	if wait == waitNone {
		return all(ctx, client, objects, each)
	}
	ended := map[string]chan struct{}{} // by the name of a Service
	for i := range objects {
		if objects[i].GetKind() == waited {
			ended[objects[i].GetName()] = make(chan struct{})
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
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting := make(chan error, 1)
	go func() {
		err := await(ctx, events, ended, done)
		if err != nil {
			cancel(err)
		}
		waiting <- err
	}()
	if wait == waitEach {
		each = each.andThen(ended)
	}
	if err := all(ctx, client, objects, each); err != nil {
		return err
	}
	return <-waiting
}

// doing is what is done with an object.
type doing func(context.Context, dynamic.ResourceInterface, *unstructured.Unstructured) error

// andThen waits, after what is done with a Service, for its end.
func (d doing) andThen(ended map[string]chan struct{}) doing {
	return func(ctx context.Context, of dynamic.ResourceInterface, object *unstructured.Unstructured) error {
		if err := d(ctx, of, object); err != nil || object.GetKind() != waited {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ended[object.GetName()]:
			return nil
		}
	}
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
func all(ctx context.Context, client dynamic.Interface, objects []unstructured.Unstructured, each doing) error {
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

// await takes events until each of the names has ended, and says so of each.
func await(ctx context.Context, events watch.Interface, names map[string]chan struct{}, done func(watch.Event) bool) error {
	for left := maps.Clone(names); len(left) > 0; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case event, ok := <-events.ResultChan():
			if !ok || event.Type == watch.Error {
				return fmt.Errorf("the watch ended with %d to wait for", len(left))
			}
			object, err := meta.Accessor(event.Object)
			if err != nil || !done(event) {
				continue
			}
			if ended, waits := left[object.GetName()]; waits {
				close(ended)
				delete(left, object.GetName())
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
