package domain

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// writer writes domains to a cluster.
type writer struct {
	cluster *kube.Cluster
	manager string // field manager of all that belongs to a domain
	traffic string // field manager of applications' delegates
	force   bool
	adopt   bool
	// predecessors are managers that the first write succeeds, besides those known.
	predecessors []string
}

// existsError says that an object that the domain needs is somebody else's.
type existsError struct{ kind, namespace, name, belongsTo string }

func (e *existsError) Error() string {
	whose := "which this domain did not make"
	if e.belongsTo != "" {
		whose = "which belongs to the domain " + e.belongsTo
	}
	return fmt.Sprintf("there is a %s %s/%s already, %s", e.kind, e.namespace, e.name, whose)
}

// write brings all of a domain to the cluster and returns the VirtualService.
// live is that one as it is, or nil; before is what was wanted the last time, or
// nil. What requests need comes before what leads them there, and what they
// needed goes after it.
func (w *writer) write(ctx context.Context, want *desired, live *kube.Object, before *desired, stamp string) (*kube.Object, error) {
	parts, err := w.parts(ctx, want)
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if err := w.writePart(ctx, want, part); err != nil {
			return nil, err
		}
	}
	if err := w.writeCopies(ctx, want); err != nil {
		return nil, err
	}
	object, err := want.virtualService(stamp)
	if err != nil {
		return nil, err
	}
	root, err := w.apply(ctx, routing.VirtualServices, object, live)
	if err != nil || before == nil {
		return root, err
	}
	return root, w.removeParts(ctx, before, want)
}

// parts returns the objects that belong to a domain beside its VirtualService.
func (w *writer) parts(ctx context.Context, want *desired) ([]part, error) {
	var all []part
	if certificate := want.certificate(); certificate != nil {
		all = append(all, part{certificates, certificate})
	}
	if want.rules.TLS != nil {
		pods, err := selector(ctx, w.cluster.Find, want.place)
		if err != nil {
			return nil, err
		}
		gateway, err := want.ownGateway(pods)
		if err != nil {
			return nil, err
		}
		all = append(all, part{routing.Gateways, gateway})
	}
	if service := want.service(); service != nil {
		all = append(all, part{services, service})
	}
	return all, nil
}

type part struct {
	kind   kube.Kind
	object *kube.Object
}

func (w *writer) writePart(ctx context.Context, want *desired, p part) error {
	live, err := w.cluster.Find(ctx, p.kind, p.object.GetNamespace(), p.object.GetName())
	if err != nil {
		return err
	}
	if live != nil && !belongs(live, want.place) && (!w.adopt || live.GetAnnotations()[domainMark] != "") {
		return &existsError{p.kind.Name, live.GetNamespace(), live.GetName(), live.GetAnnotations()[domainMark]}
	}
	_, err = w.apply(ctx, p.kind, p.object, live)
	return err
}

// belongs reports whether an object was made for the domain.
func belongs(object *kube.Object, at place) bool {
	return object.GetAnnotations()[domainMark] == at.namespace+"/"+at.name
}

func (w *writer) apply(ctx context.Context, kind kube.Kind, object, live *kube.Object) (*kube.Object, error) {
	return w.cluster.ApplyOver(ctx, kind, object, live, kube.ApplyOptions{Manager: w.manager, Force: w.force, Predecessors: w.predecessors})
}

// removeParts removes what belonged to a domain and is not wanted any more: all
// of it if want is nil.
func (w *writer) removeParts(ctx context.Context, before, want *desired) error {
	keep := map[string]bool{}
	if want != nil {
		for _, p := range partNames(want) {
			keep[p.String()] = true
		}
	}
	var failed []error
	for _, p := range partNames(before) {
		if keep[p.String()] {
			continue
		}
		live, err := w.cluster.Find(ctx, p.kind, p.namespace, p.name)
		switch {
		case isUnserved(err): // with its kind, the object is gone
		case err != nil:
			failed = append(failed, err)
		case live != nil && belongs(live, before.place):
			failed = append(failed, w.cluster.Delete(ctx, p.kind, p.namespace, p.name, live.GetUID()))
		}
	}
	return errors.Join(append(failed, w.removeCopies(ctx, before, want))...)
}

type partName struct {
	kind            kube.Kind
	namespace, name string
}

func (p partName) String() string { return p.kind.Name + " " + p.namespace + "/" + p.name }

func partNames(d *desired) []partName {
	var all []partName
	if d.rules.TLS != nil {
		all = append(all, partName{routing.Gateways, d.namespace, d.gateway()})
	}
	for kind, object := range map[*kube.Kind]*kube.Object{&certificates: d.certificate(), &services: d.service()} {
		if object != nil {
			all = append(all, partName{*kind, object.GetNamespace(), object.GetName()})
		}
	}
	return all
}

// remove removes a domain, its root last: a refresh that finds none forgets the
// domain, and what a removal that failed has left would be nobody's.
func (w *writer) remove(ctx context.Context, d *desired) error {
	if err := w.removeParts(ctx, d, nil); err != nil {
		return err
	}
	live, err := w.cluster.Find(ctx, routing.VirtualServices, d.namespace, d.name)
	if err != nil || live == nil {
		return err
	}
	return w.cluster.Delete(ctx, routing.VirtualServices, d.namespace, d.name, live.GetUID())
}

// forbidden reports whether an error is a missing permission.
func forbidden(err error) bool { return apierrors.IsForbidden(err) }
