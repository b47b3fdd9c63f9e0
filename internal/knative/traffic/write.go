package traffic

import (
	"context"
	"fmt"
	"maps"
	"slices"

	networking "istio.io/api/networking/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

const (
	// concern names our field manager: see lifecycle.Platform.Manager. An
	// application with a manual rollout pins the traffic under the same name, until
	// this resource takes it over.
	concern = "revision-traffic"

	// mark is on a Service whose traffic is managed. While the resource is being
	// created it is markCreating; then a hash of what was planned, by which a
	// create that was killed between its last write and the state finds its own
	// work again; and after the first update markManaged. The write after which the
	// traffic is what is wanted has the hash at once: Knative writes each new mark into
	// all that it makes of a Service, Route, placeholders, Ingress and VirtualServices.
	mark         = serving.TrafficAnnotation
	markCreating = "creating"
	markManaged  = "managed"

	// attempts is how often a write is tried whose object changes under it.
	attempts = 5
)

// writer writes the traffic of an application.
type writer struct {
	cluster     *kube.Cluster
	manager     string
	force       bool // take over what anybody has set
	takeover    bool // take over what was set before the import or the adoption
	labels      map[string]string
	annotations map[string]string
}

// mayTake reports whether the fields of these managers may be taken over.
func (w *writer) mayTake(owners []string) bool {
	return len(owners) == 0 || w.force || (w.takeover && kube.FromPredecessors(owners))
}

var trafficPath = []string{"spec", "traffic"}

// shares sets a Service's traffic to what next makes of the live one, and the
// mark; it returns the Service as it is then. It holds for what was read: when
// the Service has changed since, be it by a controller's status, it is read
// again. A nil next gives the traffic up.
func (w *writer) shares(ctx context.Context, service *kube.Object, marked string, next func(live []share) []share) (*kube.Object, error) {
	for attempt := 1; ; attempt++ {
		object := trafficObject(service, marked)
		if next != nil {
			wanted := next(sharesOf(service))
			if w.owns(service, marked) && slices.Equal(wanted, sharesOf(service)) {
				return service, nil
			}
			object.Object["spec"] = map[string]any{"traffic": encodeShares(wanted)}
		}
		owners := kube.OwnersOf(service, w.manager, trafficPath...)
		written, err := w.cluster.Apply(ctx, serving.Services, object, kube.ApplyOptions{Manager: w.manager, Force: w.mayTake(owners)})
		if conflicts := kube.Conflicts(err, service, object, w.manager); len(conflicts) > 0 {
			return nil, &kube.ConflictError{Object: nameOf(service), Conflicts: conflicts}
		}
		if attempt == attempts || !kube.IsStale(err) {
			return written, err
		}
		if service, err = w.cluster.Get(ctx, serving.Services, service.GetNamespace(), service.GetName()); err != nil {
			return nil, err
		}
	}
}

// owns reports whether the live traffic is ours already, with that mark.
func (w *writer) owns(service *kube.Object, marked string) bool {
	spec, _ := kube.Owned(service, w.manager)["spec"].(map[string]any)
	return spec["traffic"] != nil && service.GetAnnotations()[mark] == marked
}

// trafficObject is the Service with what is ours of it but the traffic. The
// annotations are there even when they are empty: an apply that stops sending
// them takes the whole map away, with what Knative itself has put there.
func trafficObject(service *kube.Object, marked string) *kube.Object {
	annotations := map[string]any{}
	if marked != "" {
		annotations[mark] = marked
	}
	object := &kube.Object{Object: map[string]any{
		"apiVersion": serving.Services.APIVersion(), "kind": serving.Services.Name,
		"metadata": map[string]any{"annotations": annotations},
	}}
	object.SetNamespace(service.GetNamespace())
	object.SetName(service.GetName())
	object.SetResourceVersion(service.GetResourceVersion())
	return object
}

// refuse returns the conflict that setting the traffic and the delegate would
// meet. It is looked for before the first write, so that a refusal leaves
// nothing half done.
func (w *writer) refuse(service *kube.Object, wanted []share, delegate *kube.Object, spec *networking.VirtualService) error {
	owners := kube.OwnersOf(service, w.manager, trafficPath...)
	if !w.mayTake(owners) && !slices.Equal(sharesOf(service), wanted) {
		return &kube.ConflictError{Object: nameOf(service), Conflicts: []kube.Conflict{{
			Field: ".spec.traffic", Managers: owners, Live: encodeShares(sharesOf(service)), Wanted: encodeShares(wanted),
		}}}
	}
	if delegate == nil {
		return nil
	}
	owners = kube.OwnersOf(delegate, w.manager, "spec")
	live, err := routing.Decode(delegate)
	if w.mayTake(owners) || (err == nil && routing.Equal(live, spec)) {
		return nil
	}
	conflict := kube.Conflict{Field: ".spec.http", Managers: owners, Live: delegate.Object["spec"]}
	if wanted, err := routing.Fields(spec); err == nil {
		conflict.Live, conflict.Wanted = differing(delegate.Object["spec"], wanted)
	}
	return &kube.ConflictError{Object: nameOf(delegate), Conflicts: []kube.Conflict{conflict}}
}

// differing returns the routes of two VirtualServices that are not in both, for
// a message that is read by people.
func differing(live, wanted any) (onlyLive, onlyWanted any) {
	a, b := routesOf(live), routesOf(wanted)
	without := func(routes, others []any) (rest []any) {
		for _, route := range routes {
			if !slices.ContainsFunc(others, func(other any) bool { return fmt.Sprint(other) == fmt.Sprint(route) }) {
				rest = append(rest, route)
			}
		}
		return rest
	}
	return without(a, b), without(b, a)
}

func routesOf(spec any) []any {
	fields, _ := spec.(map[string]any)
	routes, _ := fields["http"].([]any)
	return routes
}

// applyDelegate writes a delegate, unless it is as it should be. A copy that is fitted
// under a prefix belongs to the domain as well, so there whoever is last wins.
func (w *writer) applyDelegate(ctx context.Context, live, wanted *kube.Object, isCopy bool) error {
	if live != nil && live.GetDeletionTimestamp() == nil && w.isWritten(live, wanted) {
		return nil
	}
	options := kube.ApplyOptions{Manager: w.manager, Force: isCopy}
	if live != nil && !isCopy {
		options.Force = w.mayTake(kube.OwnersOf(live, w.manager, "spec"))
	}
	_, err := w.cluster.Apply(ctx, routing.VirtualServices, wanted, options)
	if live == nil {
		return err
	}
	if conflicts := kube.Conflicts(err, live, wanted, w.manager); len(conflicts) > 0 {
		return &kube.ConflictError{Object: nameOf(wanted), Conflicts: conflicts}
	}
	return err
}

// isWritten reports whether the live delegate is ours and says what it should.
func (w *writer) isWritten(live, wanted *kube.Object) bool {
	if kube.Owned(live, w.manager)["spec"] == nil {
		return false
	}
	is, err := routing.Decode(live)
	if err != nil {
		return false
	}
	should, err := routing.Decode(wanted)
	if err != nil || !routing.Equal(is, should) {
		return false
	}
	return contains(live.GetLabels(), wanted.GetLabels()) && contains(live.GetAnnotations(), wanted.GetAnnotations())
}

func contains(all, some map[string]string) bool {
	for key, value := range some {
		if all[key] != value {
			return false
		}
	}
	return true
}

// delegateObject is a delegate to apply. prefix is empty but for a copy.
func (w *writer) delegateObject(of routing.Application, prefix string, spec *networking.VirtualService) (*kube.Object, error) {
	fields, err := routing.Fields(spec)
	if err != nil {
		return nil, err
	}
	object := &kube.Object{Object: map[string]any{
		"apiVersion": routing.VirtualServices.APIVersion(), "kind": routing.VirtualServices.Name, "spec": fields,
	}}
	labels, annotations := maps.Clone(w.labels), maps.Clone(w.annotations)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, routing.DelegateLabels(of.Name))
	object.SetName(routing.DelegateName(of.Name))
	if prefix != "" {
		object.SetName(routing.DelegateNameFor(of.Name, prefix))
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[routing.PrefixAnnotation] = prefix
	}
	object.SetNamespace(of.Namespace)
	object.SetLabels(labels)
	object.SetAnnotations(annotations)
	return object, nil
}

func nameOf(object *kube.Object) string {
	return object.GetKind() + " " + object.GetNamespace() + "/" + object.GetName()
}
