package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// A copy is an application's delegate, with the paths of its rules beneath the
// prefix of a domain's route. sls_revision_traffic writes those that it finds a
// domain to need; this side writes them when the domain comes later.

// delegation is what a domain hands to a delegate that is a copy.
type delegation struct {
	application routing.Application
	prefix      string
}

// delegations returns the copies that a domain needs.
func delegations(r *Rules, at place) []delegation {
	var all []delegation
	for i := range r.Routes {
		if prefix := r.Routes[i].PathPrefix.ValueString(); prefix != "/" {
			all = append(all, delegation{applicationOf(&r.Routes[i], at), prefix})
		}
	}
	return all
}

func (d delegation) name() string { return routing.DelegateNameFor(d.application.Name, d.prefix) }

// writeCopies writes the copies that a domain needs of the delegates that there
// are.
func (w *writer) writeCopies(ctx context.Context, want *desired) error {
	for _, needed := range delegations(want.rules, want.place) {
		copied, err := rebased(ctx, w.cluster.Find, needed)
		if err != nil {
			return err
		}
		if copied == nil {
			continue // the application has no rules: Istio skips the delegation
		}
		// The content follows from the delegate alone, so that both who write it
		// write the same.
		if _, err := w.cluster.Apply(ctx, routing.VirtualServices, copied, kube.ApplyOptions{Manager: w.traffic, Force: true}); err != nil {
			return fmt.Errorf("writing the rules of %s/%s for the path prefix %s: %w", needed.application.Namespace, needed.application.Name, needed.prefix, err)
		}
	}
	return nil
}

// rebased returns the copy that a delegation needs, or nil if the application
// has no delegate.
func rebased(ctx context.Context, read read, needed delegation) (*kube.Object, error) {
	delegate, err := read(ctx, routing.VirtualServices, needed.application.Namespace, routing.DelegateName(needed.application.Name))
	if err != nil || delegate == nil {
		return nil, err
	}
	spec, err := routing.Decode(delegate)
	if err != nil {
		return nil, err
	}
	if spec, err = routing.Rebase(spec, needed.prefix); err != nil {
		return nil, err
	}
	encoded, err := routing.Fields(spec)
	if err != nil {
		return nil, err
	}
	return object(routing.VirtualServices, needed.application.Namespace, needed.name(),
		routing.DelegateLabels(needed.application.Name),
		map[string]string{routing.PrefixAnnotation: needed.prefix}, encoded), nil
}

// removeCopies removes the copies that a domain needed, unless it still does or
// another domain does.
func (w *writer) removeCopies(ctx context.Context, before, want *desired) error {
	var failed []error
	for _, old := range delegations(before.rules, before.place) {
		if want != nil && slices.Contains(delegations(want.rules, want.place), old) {
			continue
		}
		needed, err := w.neededByAnother(ctx, old, before.place)
		if err == nil && !needed {
			err = w.removeCopy(ctx, old)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func (w *writer) removeCopy(ctx context.Context, old delegation) error {
	live, err := w.cluster.Find(ctx, routing.VirtualServices, old.application.Namespace, old.name())
	if err != nil || live == nil || live.GetLabels()[routing.RoleLabel] != routing.RoleTraffic {
		return err
	}
	return w.cluster.Delete(ctx, routing.VirtualServices, old.application.Namespace, old.name(), live.GetUID())
}

// neededByAnother reports whether a domain elsewhere hands something to the same
// copy. Where not all namespaces may be looked at, a copy is kept: one that
// nobody needs does no harm.
func (w *writer) neededByAnother(ctx context.Context, old delegation, at place) (bool, error) {
	roots, err := w.cluster.List(ctx, routing.VirtualServices, "", routing.RootSelector(old.application))
	if err != nil {
		return forbidden(err), ignoreForbidden(err)
	}
	for i := range roots {
		if roots[i].GetNamespace() == at.namespace && roots[i].GetName() == at.name {
			continue
		}
		spec, err := routing.Decode(&roots[i])
		if err != nil {
			return true, nil //nolint:nilerr // what can't be read may need it
		}
		if slices.ContainsFunc(routing.Delegations(spec, old.application, roots[i].GetNamespace()), func(d routing.Delegation) bool {
			return d.Delegate == old.name()
		}) {
			return true, nil
		}
	}
	return false, nil
}

func ignoreForbidden(err error) error {
	if forbidden(err) {
		return nil
	}
	return err
}
