package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Other kinds that have hosts. A platform may lack either.
var (
	httpRoutes = kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "httproutes"},
		Name:                 "HTTPRoute",
	}
	domainMappings = kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "serving.knative.dev", Version: "v1beta1", Resource: "domainmappings"},
		Name:                 "DomainMapping",
	}
)

// claimsAge is how old the lists may be that claims are looked up in: many
// domains of one apply share them. Domains of the same run are known besides.
const claimsAge = 5 * time.Second

// refuseClaimed adds an error for each route whose paths somebody else has
// already.
func refuseClaimed(ctx context.Context, cluster *kube.Cluster, want *desired, diags *diag.Diagnostics) error {
	claims, err := others(ctx, cluster, want)
	if err != nil {
		return err
	}
	for i, route := range want.rules.Routes {
		refuseOverlaps(claims, want.rules.Host, route.PathPrefix.ValueString(), path.Root("routes").AtListIndex(i).AtName("path_prefix"), diags)
	}
	if want.rules.Legacy != nil {
		for i, prefix := range want.rules.Legacy.PathPrefixes {
			refuseOverlaps(claims, want.rules.Host, prefix, path.Root("legacy").AtName("path_prefixes").AtListIndex(i), diags)
		}
	}
	if want.rules.TLS != nil {
		return refuseTaken(ctx, cluster, want, diags)
	}
	return nil
}

func refuseOverlaps(claims []claim, host, prefix string, at path.Path, diags *diag.Diagnostics) {
	for _, c := range claims {
		if !c.overlaps(prefix) {
			continue
		}
		what := fmt.Sprintf("the paths %s", c.path)
		switch {
		case c.path == "/":
			what = "all paths"
		case c.exact:
			what = fmt.Sprintf("the path %s", c.path)
		}
		diags.AddAttributeError(at, "The host and path are taken",
			fmt.Sprintf("%s has %s of %s already, and the older of the two would win. Remove it first, or choose other paths or another host. "+
				"Several applications on one host have prefixes neither of which is within the other, or are routes of one domain.", capital(c.owner), what, host))
		return
	}
}

func capital(text string) string { return "T" + text[1:] } // they all begin with "the"

// others returns what others have of the host.
func others(ctx context.Context, cluster *kube.Cluster, want *desired) ([]claim, error) {
	var claims []claim
	collect := func(kind kube.Kind, of func(*kube.Object) []claim) error {
		objects, err := recent(ctx, cluster, kind, want.namespace)
		for i := range objects {
			itself := kind == routing.VirtualServices && objects[i].GetNamespace() == want.namespace && objects[i].GetName() == want.name
			if !itself && objects[i].GetDeletionTimestamp() == nil {
				claims = append(claims, of(&objects[i])...)
			}
		}
		return err
	}
	host, on := want.rules.Host, want.root.GetGateways()
	err := collect(routing.VirtualServices, func(object *kube.Object) []claim { return virtualServiceClaims(object, host, on) })
	if err == nil {
		err = collect(httpRoutes, func(object *kube.Object) []claim { return httpRouteClaims(object, host) })
	}
	if err == nil && want.rules.Scope == scopePublic {
		err = collect(domainMappings, func(object *kube.Object) []claim { return domainMappingClaims(object, host) })
	}
	return claims, err
}

// recent lists the objects of a kind: in all namespaces or, where that is
// forbidden, in one. Of a kind that is not served there are none.
func recent(ctx context.Context, cluster *kube.Cluster, kind kube.Kind, namespace string) ([]kube.Object, error) {
	objects, err := cluster.Recent(ctx, kind, "", claimsAge)
	if forbidden(err) {
		objects, err = cluster.Recent(ctx, kind, namespace, claimsAge)
	}
	if forbidden(err) || isUnserved(err) {
		return nil, nil
	}
	return objects, err
}

// refuseTaken adds an error if another Gateway serves HTTPS for the host: of two,
// Istio ignores one without a word.
func refuseTaken(ctx context.Context, cluster *kube.Cluster, want *desired, diags *diag.Diagnostics) error {
	if want.rules.TLS.Issuer != nil {
		if _, err := cluster.Recent(ctx, certificates, want.gatewayNamespace(), claimsAge); isUnserved(err) {
			lifecycle.AddErrorAt(diags, path.Root("tls").AtName("issuer"), "Can't have a certificate made", err)
			return nil
		}
	}
	gateways, err := recent(ctx, cluster, routing.Gateways, want.namespace)
	for i := range gateways {
		gateway := &gateways[i]
		if gateway.GetNamespace() == want.namespace && gateway.GetName() == want.gateway() || !servesHTTPS(gateway, want.rules.Host) {
			continue
		}
		diags.AddAttributeError(path.Root("tls"), "Another Gateway serves HTTPS for the host",
			fmt.Sprintf("%s does so already, and Istio takes only one of them. To share it, leave tls out and set gateways = [%q, \"%s/%s\"].",
				capital(ownerOf(gateway)), sharedGateway(want.rules, want.place), gateway.GetNamespace(), gateway.GetName()))
	}
	return err
}

func servesHTTPS(gateway *kube.Object, host string) bool {
	servers, _, _ := unstructured.NestedSlice(gateway.Object, "spec", "servers")
	for _, server := range servers {
		fields, _ := server.(map[string]any)
		protocol, _, _ := unstructured.NestedString(fields, "port", "protocol")
		hosts, _, _ := unstructured.NestedStringSlice(fields, "hosts")
		if protocol == "HTTPS" && slices.ContainsFunc(hosts, func(h string) bool { return h == host || hasSuffixAfterSlash(h, host) }) {
			return true
		}
	}
	return false
}

func hasSuffixAfterSlash(text, host string) bool {
	at := len(text) - len(host) - 1
	return at >= 0 && text[at] == '/' && text[at+1:] == host
}

// planned knows the domains of this run, by the provider's configuration that
// they are of: what is planned is not on the cluster yet.
var planned = struct {
	mu      sync.Mutex
	domains map[*lifecycle.Platform]map[string]*desired
}{domains: map[*lifecycle.Platform]map[string]*desired{}}

// plan notes a domain, and adds an error if another one of the run has the same
// paths. A domain that is destroyed (want is nil) is forgotten.
func (r *Resource) plan(at place, want *desired, diags *diag.Diagnostics) {
	planned.mu.Lock()
	defer planned.mu.Unlock()
	domains := planned.domains[r.Platform]
	if domains == nil {
		domains = map[string]*desired{}
		planned.domains[r.Platform] = domains
	}
	key := at.namespace + "/" + at.name
	delete(domains, key)
	if want == nil {
		return
	}
	for other, its := range domains {
		if its.rules.Host != want.rules.Host || its.rules.Scope != want.rules.Scope {
			continue
		}
		var claims []claim
		for _, prefix := range prefixes(its.rules) {
			claims = append(claims, claim{owner: "the sls_domain " + other + " of this configuration", path: prefix})
		}
		for i, route := range want.rules.Routes {
			refuseOverlaps(claims, want.rules.Host, route.PathPrefix.ValueString(), path.Root("routes").AtListIndex(i).AtName("path_prefix"), diags)
		}
	}
	domains[key] = want
}

// claimsChange reports whether a change may meet claims of others that the
// domain did not meet before.
func claimsChange(want, before *desired) bool {
	old := expandRoot(before.rules, before.place)
	return want.rules.Host != before.rules.Host || !slices.Equal(want.root.GetGateways(), old.GetGateways()) ||
		!slices.Equal(prefixes(want.rules), prefixes(before.rules))
}

// offline reports whether an error says nothing but that the cluster can't be
// asked now. A plan is no worse for it: the apply asks again.
func offline(err error) bool {
	return errors.Is(err, kube.ErrUnknownConnection) || kube.IsTransient(err) || errors.Is(err, context.DeadlineExceeded)
}
