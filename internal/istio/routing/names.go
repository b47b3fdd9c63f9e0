package routing

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	networking "istio.io/api/networking/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

const (
	// RoleLabel on a VirtualService of ours says what it is for.
	RoleLabel = serving.Group + "/routing"
	// RoleDomain is the role of a root, which stands for a host.
	RoleDomain = "domain"
	// RoleTraffic is the role of a delegate, which stands for an application.
	RoleTraffic = "traffic"

	// PrefixAnnotation on a delegate that is rebased under a path prefix is that
	// prefix. A label's value could not hold it.
	PrefixAnnotation = serving.Group + "/path-prefix"

	applicationLabel = serving.Group + "/application"
	delegatesLabel   = serving.Group + "/delegates-"
)

// hash is short, and fit for a name and for a label's key. The length is in
// characters of five bits.
func hash(text string, length int) string {
	sum := sha256.Sum256([]byte(text))
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(sum[:])[:length]
}

// DelegateName returns the name of the application's delegate for domains that
// it has whole.
func DelegateName(application string) string {
	return "sls-traffic-" + application
}

// DelegateNameFor returns the name of the application's delegate for domains
// that it has beneath a path prefix. The dot keeps it apart from the delegate of
// every other application, whose name has none.
func DelegateNameFor(application, prefix string) string {
	if prefix = cleanPrefix(prefix); prefix == "/" {
		return DelegateName(application)
	}
	return DelegateName(application) + "." + hash(prefix, 8)
}

// TagHost returns the host by which the cluster-local gateway knows the revision
// with that tag.
func TagHost(tag, application, namespace, clusterDomain string) string {
	return tag + "-" + InternalHost(application, namespace, clusterDomain)
}

// InternalHost returns the host by which the cluster-local gateway knows the
// application.
func InternalHost(application, namespace, clusterDomain string) string {
	return application + "." + namespace + ".svc." + clusterDomain
}

// RootLabels returns the labels of a root that delegates to the applications.
// Each application has a label of its own, whose key holds a hash, since neither
// a key nor a value has the room for a namespace and a name; the value tells a
// person which one it is.
func RootLabels(applications ...Application) map[string]string {
	labels := map[string]string{RoleLabel: RoleDomain}
	for _, application := range applications {
		labels[delegatesKey(application)] = application.Name
	}
	return labels
}

// RootSelector returns the labels that every root has that delegates to the
// application. Such roots may be in any namespace.
func RootSelector(application Application) map[string]string {
	return map[string]string{delegatesKey(application): application.Name}
}

func delegatesKey(application Application) string {
	return delegatesLabel + hash(application.Namespace+"/"+application.Name, 16)
}

// DelegateLabels returns the labels of the application's delegates.
func DelegateLabels(application string) map[string]string {
	return map[string]string{RoleLabel: RoleTraffic, applicationLabel: application}
}

// DelegateSelector returns the labels that all the application's delegates have,
// in the namespace of the application.
func DelegateSelector(application string) map[string]string {
	return DelegateLabels(application)
}

// Delegation is what a root hands to a delegate of an application.
type Delegation struct {
	Hosts    []string
	Prefix   string // the delegate's paths are relative to it; "/" for none
	Delegate string // name of the delegate
}

// Delegations returns what a root in rootNamespace delegates to the application,
// one for each prefix. It goes by the root's routes alone.
func Delegations(root *networking.VirtualService, application Application, rootNamespace string) []Delegation {
	var all []Delegation
	seen := map[string]bool{}
	for _, route := range root.GetHttp() {
		delegate := route.GetDelegate()
		namespace := delegate.GetNamespace()
		if namespace == "" {
			namespace = rootNamespace
		}
		if delegate == nil || namespace != application.Namespace || seen[delegate.Name] {
			continue
		}
		if prefix, ok := prefixOf(route, delegate.Name, application.Name); ok {
			seen[delegate.Name] = true
			all = append(all, Delegation{Hosts: root.Hosts, Prefix: prefix, Delegate: delegate.Name})
		}
	}
	return all
}

// prefixOf returns the prefix that the delegate of that name is rebased under:
// the one among the route's paths that yields the name.
func prefixOf(route *networking.HTTPRoute, name, application string) (prefix string, ok bool) {
	if name == DelegateName(application) {
		return "/", true
	}
	for _, match := range route.GetMatch() {
		for _, path := range []string{match.GetUri().GetExact(), match.GetUri().GetPrefix()} {
			if path != "" && DelegateNameFor(application, path) == name {
				return cleanPrefix(path), true
			}
		}
	}
	return "", false
}

// cleanPrefix returns the prefix without the slash at its end, if it is not that
// slash alone.
func cleanPrefix(prefix string) string {
	if prefix = strings.TrimRight(prefix, "/"); prefix == "" {
		return "/"
	}
	return prefix
}
