package traffic

import (
	"context"
	"errors"
	"fmt"
	"slices"

	networking "istio.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	knative "knative.dev/serving/pkg/apis/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// spec is what a VirtualService says.
type spec = networking.VirtualService

// root is a domain that leads to the application.
type root struct {
	name        string // namespace/name of its VirtualService
	delegations []routing.Delegation
}

// domains are the labels of every domain's VirtualService.
var domains = map[string]string{routing.RoleLabel: routing.RoleDomain}

// rootsOf returns the domains that lead to the application, in any namespace
// that may be looked at.
func rootsOf(ctx context.Context, cluster *kube.Cluster, application routing.Application) ([]root, error) {
	return findRoots(application, func(namespace string) ([]kube.Object, error) {
		return cluster.List(ctx, routing.VirtualServices, namespace, routing.RootSelector(application))
	})
}

// readRoots is rootsOf for a refresh or a plan: one list for all applications.
func readRoots(ctx context.Context, cluster *kube.Cluster, application routing.Application) ([]root, error) {
	return findRoots(application, func(namespace string) ([]kube.Object, error) {
		for key, value := range routing.RootSelector(application) {
			return cluster.ReadLabelled(ctx, routing.VirtualServices, namespace, domains, key, value)
		}
		return nil, nil
	})
}

func findRoots(application routing.Application, list func(namespace string) ([]kube.Object, error)) ([]root, error) {
	objects, err := list("")
	if apierrors.IsForbidden(err) {
		// Who may look at some namespaces only, gets the domains of their own.
		objects, err = list(application.Namespace)
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the domains that lead to %s: %w", application.Name, err)
	}
	var roots []root
	for i := range objects {
		object := &objects[i]
		if object.GetDeletionTimestamp() != nil || !contains(object.GetLabels(), routing.RootSelector(application)) {
			continue
		}
		decoded, err := routing.Decode(object)
		if err != nil {
			continue // what this provider can't read, it has not written
		}
		if delegations := routing.Delegations(decoded, application, object.GetNamespace()); len(delegations) > 0 {
			roots = append(roots, root{object.GetNamespace() + "/" + object.GetName(), delegations})
		}
	}
	return roots, nil
}

// hostsOf returns the hosts of the domains, in order.
func hostsOf(roots []root) []string {
	hosts := []string{}
	for _, r := range roots {
		for _, delegation := range r.delegations {
			hosts = append(hosts, delegation.Hosts...)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// misfit is a delegate that can't be fitted under a domain's prefix.
type misfit struct {
	root root
	why  *routing.RebaseError
}

func (e *misfit) Error() string {
	return fmt.Sprintf("the domain %s has the application beneath a path prefix: %s", e.root.name, e.why)
}

func (e *misfit) Unwrap() error { return e.why }

// rebased returns the copies of a delegate that the domains need, by their
// prefix.
func rebased(of *spec, roots []root) (map[string]*spec, error) {
	copies := map[string]*spec{}
	for _, r := range roots {
		for _, delegation := range r.delegations {
			if delegation.Prefix == "/" || copies[delegation.Prefix] != nil {
				continue
			}
			fitted, err := routing.Rebase(of, delegation.Prefix)
			if why := (*routing.RebaseError)(nil); errors.As(err, &why) {
				return nil, &misfit{r, why}
			}
			if err != nil {
				return nil, err
			}
			copies[delegation.Prefix] = fitted
		}
	}
	return copies, nil
}

// revisionsOf are the labels of an application's revisions.
func revisionsOf(application string) map[string]string {
	return map[string]string{knative.ServiceLabelKey: application}
}
