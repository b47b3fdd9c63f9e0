package component

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// removal removes objects of a component, in the reverse of the order in which
// they were applied.
type removal struct {
	*engine
	definitions bool // also custom resource definitions
	force       bool // also namespaces in which somebody else has something
	young       bool // the namespaces were made a moment ago, for what is in them
	unusedOnly  bool // no definitions of which users have objects

	mu   sync.Mutex
	kept []string // what was left, and why, in sentences
}

// run removes the objects of the entries and waits until they are gone. What
// carries another component's label, or none any more, is somebody else's by now.
func (r *removal) run(ctx context.Context, entries []entry) error {
	// Definitions come last of all: with one go all objects of its kind.
	order := slices.Clone(manifest.Stages)
	slices.Reverse(order)
	order = slices.DeleteFunc(order, func(s manifest.Stage) bool { return s == manifest.Namespaces || s == manifest.Definitions })
	order = append(order, manifest.Namespaces, manifest.Definitions)
	for _, stage := range order {
		var of []entry
		for _, e := range entries {
			if e.stage() == stage && e.Resource != "" {
				of = append(of, e)
			}
		}
		if err := parallel(ctx, of, r.remove); err != nil {
			return err
		}
	}
	return nil
}

func (r *removal) remove(ctx context.Context, e entry) error {
	live, err := r.cluster.Find(ctx, e.kind(), e.Namespace, e.Name)
	switch {
	case kube.IsUnserved(err):
		return nil
	case err != nil:
		return &objectError{e.ID, err}
	case live == nil || !r.isOurs(live):
		return nil
	case e.stage() == manifest.Definitions && !r.definitions:
		r.keep("%s was kept, and with it the objects of its kind. delete_crds = true would remove both.", e.ID)
		return nil
	case e.stage() == manifest.Definitions && r.unusedOnly:
		used, err := r.foreign(ctx, []*kube.Object{live})
		if err != nil {
			return &objectError{e.ID, err}
		}
		if used.count > 0 {
			r.keep("%s was kept, because no component has installed what there is of its kind: %s. force_destroy = true would remove both.", e.ID, strings.Join(used.some, ", "))
			return nil
		}
	case e.stage() == manifest.Namespaces && !r.young:
		left, err := r.leftIn(ctx, e.Name)
		if err != nil {
			return &objectError{e.ID, err}
		}
		if len(left.others) > 0 || (left.any() && !r.force) {
			r.keep("%s was kept, because it is not empty: %s.", e.ID, left)
			return nil
		}
	}
	if e.stage() == manifest.Namespaces {
		if err := r.awaitNoPods(ctx, e.Name); err != nil {
			return &objectError{e.ID, err}
		}
	}
	if err := r.cluster.Delete(ctx, e.kind(), e.Namespace, e.Name, live.GetUID()); err != nil {
		return &objectError{e.ID, err}
	}
	if err := r.awaitGone(ctx, place{e.ID, e.kind()}, live.GetUID()); err != nil {
		return &objectError{e.ID, err}
	}
	return nil
}

// orphanGrace is how long Kubernetes may take to begin with the pods of a
// workload that was deleted.
const orphanGrace = 15 * time.Second

// awaitNoPods waits until the pods of the workloads that were in a namespace have
// ended. A namespace that is deleted before looks again only after half of the
// time that its pods might take: of Knative's activator, five minutes, where it
// takes one. Pods that nobody ends are somebody else's, and go with the namespace.
func (r *removal) awaitNoPods(ctx context.Context, namespace string) error {
	began := time.Now()
	for {
		pods, err := r.cluster.List(ctx, kube.Pods, namespace, nil)
		if apierrors.IsForbidden(err) {
			return nil // it only takes longer
		}
		if err != nil {
			return fmt.Errorf("listing the pods in the namespace: %w", err)
		}
		ending := slices.ContainsFunc(pods, func(pod kube.Object) bool { return pod.GetDeletionTimestamp() != nil })
		if len(pods) == 0 || (!ending && time.Since(began) > orphanGrace) {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return &notReady{
				what: "Namespace " + namespace, summary: "its pods have not ended", cause: context.Cause(ctx),
				state: fmt.Sprintf("It is removed once they have: %d are there, such as %s.", len(pods), pods[0].GetName()),
			}
		}
	}
}

func (r *removal) keep(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, fmt.Sprintf(format, args...))
	slices.Sort(r.kept)
}

// prune removes what is noted and no longer wanted. It is called once all that
// is wanted is there.
func (c *change) prune(ctx context.Context) (warnings []string, err error) {
	wanted := map[manifest.ID]bool{}
	for _, object := range c.set.Objects {
		wanted[object.ID] = true
	}
	var dropped []entry
	for _, e := range c.now.entries {
		if !wanted[e.ID] {
			dropped = append(dropped, e)
		}
	}
	r := &removal{engine: c.engine, definitions: c.deleteCRDs, unusedOnly: !c.forceDestroy}
	if err := r.run(ctx, dropped); err != nil {
		return r.kept, err
	}
	c.now.entries = slices.DeleteFunc(c.now.entries, func(e entry) bool { return !wanted[e.ID] })
	for _, e := range dropped {
		delete(c.now.fields, e.String())
	}
	return r.kept, nil
}

// destroy removes a component.
func (e *engine) destroy(ctx context.Context, noted *inventory) (warnings []string, err error) {
	definitions, err := e.definitionsOf(ctx, noted)
	if err != nil {
		return nil, err
	}
	if !e.forceDestroy {
		if err := e.refuseUsed(ctx, definitions); err != nil {
			return nil, err
		}
	}
	// A destroy that is interrupted is gone on with, not repaired.
	if e.deleteCRDs {
		// While their controllers run: they take finalizers off.
		if err := e.removeGates(ctx, noted); err != nil {
			return nil, err
		}
		if err := e.removeCustoms(ctx, definitions); err != nil {
			return nil, err
		}
	}
	r := &removal{engine: e, definitions: e.deleteCRDs, force: e.forceDestroy}
	if err := r.run(ctx, noted.entries); err != nil {
		return r.kept, err
	}
	err = e.cluster.Delete(ctx, configMaps, inventoryNamespace, inventoryName(e.component), noted.live.GetUID())
	return r.kept, err
}

// undo removes what a create has made that failed. What was there before stays.
func (e *engine) undo(ctx context.Context, noted *inventory) error {
	var made []entry
	for _, entry := range noted.entries {
		if !entry.Adopted {
			made = append(made, entry)
		}
	}
	r := &removal{engine: e, definitions: true, young: true}
	if err := r.run(ctx, made); err != nil {
		return err
	}
	return e.cluster.Delete(ctx, configMaps, inventoryNamespace, inventoryName(e.component), noted.live.GetUID())
}

// removeGates removes webhooks before the objects that they are asked about.
func (e *engine) removeGates(ctx context.Context, noted *inventory) error {
	r := &removal{engine: e}
	return r.run(ctx, slices.DeleteFunc(slices.Clone(noted.entries), func(e entry) bool { return e.stage() != manifest.Gates }))
}

// removeCustoms removes all objects of the definitions' kinds, and waits until
// they are gone.
func (e *engine) removeCustoms(ctx context.Context, definitions []*kube.Object) error {
	return parallel(ctx, definitions, func(ctx context.Context, definition *kube.Object) error {
		kind := manifest.Defines(definition)
		objects, err := e.objectsOf(ctx, definition)
		if err != nil {
			return err
		}
		for i := range objects {
			err := e.cluster.Delete(ctx, kind, objects[i].GetNamespace(), objects[i].GetName(), objects[i].GetUID())
			if err != nil {
				return &objectError{manifest.IDOf(&objects[i]), err}
			}
		}
		for i := range objects {
			if err := e.awaitGone(ctx, place{manifest.IDOf(&objects[i]), kind}, objects[i].GetUID()); err != nil {
				return &objectError{manifest.IDOf(&objects[i]), err}
			}
		}
		return nil
	})
}

// remains is what a namespace holds besides what Kubernetes makes itself.
type remains struct {
	objects []string
	others  []string // components that have something in it
	unknown []string // kinds and APIs that may not be listed, or did not answer
}

func (r remains) any() bool { return len(r.objects)+len(r.unknown) > 0 }

func (r remains) String() string {
	const shown = 5
	var parts []string
	if n := len(r.objects); n > 0 {
		text := strings.Join(r.objects[:min(shown, n)], ", ")
		if n > shown {
			text += fmt.Sprintf(" and %d more", n-shown)
		}
		parts = append(parts, text)
	}
	if len(r.others) > 0 {
		parts = append(parts, "the component "+strings.Join(r.others, " and the component ")+" has something in it")
	}
	if len(r.unknown) > 0 {
		parts = append(parts, "what it has of "+strings.Join(r.unknown, ", ")+" can't be listed")
	}
	return strings.Join(parts, "; ")
}

// leftIn returns what is left in a namespace.
func (r *removal) leftIn(ctx context.Context, namespace string) (remains, error) {
	kinds, silent, err := r.cluster.NamespacedKinds(ctx)
	if err != nil {
		return remains{}, err
	}
	left := remains{unknown: silent}
	var mu sync.Mutex
	err = parallel(ctx, kinds, func(ctx context.Context, kind kube.Kind) error {
		if madeByKubernetes(kind) {
			return nil
		}
		objects, err := r.cluster.List(ctx, kind, namespace, nil)
		if kube.IsUnserved(err) || apierrors.IsMethodNotSupported(err) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		if apierrors.IsForbidden(err) {
			left.unknown = append(left.unknown, kind.GroupResource().String())
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing the %s in the namespace: %w", kind.Resource, err)
		}
		for i := range objects {
			object := &objects[i]
			if object.GetDeletionTimestamp() != nil || len(object.GetOwnerReferences()) > 0 || isDefault(object) {
				continue
			}
			object.SetKind(kind.Name)
			if owner := object.GetLabels()[manifest.Label]; owner != "" && owner != r.component && !slices.Contains(left.others, owner) {
				left.others = append(left.others, owner)
			}
			id := manifest.ID{Group: kind.Group, Kind: kind.Name, Name: object.GetName()}
			left.objects = append(left.objects, id.String())
		}
		return nil
	})
	slices.Sort(left.objects)
	slices.Sort(left.others)
	slices.Sort(left.unknown)
	return left, err
}

// madeByKubernetes reports whether objects of a kind come and go with others:
// events, what Services answer with, what leaders of controllers hold.
func madeByKubernetes(kind kube.Kind) bool {
	return kind.Name == "Event" || kind.Name == "Endpoints" || kind == endpointSlices || kind.Group == "coordination.k8s.io" || kind.Group == "metrics.k8s.io"
}

// isDefault reports whether an object is one that every namespace has.
func isDefault(object *kube.Object) bool {
	switch object.GetKind() {
	case "ServiceAccount":
		return object.GetName() == "default"
	case "ConfigMap":
		return object.GetName() == "kube-root-ca.crt"
	}
	return false
}
