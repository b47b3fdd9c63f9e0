package domain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// claim is what somebody has of a host: the paths that begin with a text, or
// one alone.
type claim struct {
	owner string
	path  string
	exact bool
}

// overlaps reports whether two routes for a host would decide about the same
// requests by their age. "/" beside longer prefixes does not: Istio takes what
// matches everything last, whoever it is from.
func (c claim) overlaps(prefix string) bool {
	switch {
	case prefix == "/" || c.path == "/":
		return c.path == prefix && !c.exact
	case c.path == prefix || strings.HasPrefix(c.path, prefix+"/"):
		return true
	}
	return !c.exact && strings.HasPrefix(prefix+"/", c.path)
}

// virtualServiceClaims returns what a VirtualService has of a host on one of the
// Gateways.
func virtualServiceClaims(object *kube.Object, host string, on []string) []claim {
	// Each new domain looks at all there are: few are decoded for it.
	listed, _, _ := unstructured.NestedFieldNoCopy(object.Object, "spec", "hosts")
	if hosts, _ := listed.([]any); !slices.Contains(hosts, any(host)) {
		return nil
	}
	owner := ownerOf(object)
	spec, err := routing.Decode(object)
	if err != nil {
		// A newer Istio's: what it claims can't be told, but that it is this host.
		return []claim{{owner: owner, path: "/"}}
	}
	if !slices.ContainsFunc(spec.GetGateways(), func(gateway string) bool {
		return slices.Contains(on, qualified(gateway, object.GetNamespace()))
	}) {
		return nil
	}
	var claims []claim
	for _, route := range spec.GetHttp() {
		if len(route.GetMatch()) == 0 {
			claims = append(claims, claim{owner: owner, path: "/"})
		}
		for _, match := range route.GetMatch() {
			claims = append(claims, pathClaim(owner, match.GetUri()))
		}
	}
	return claims
}

// qualified returns a Gateway's name with its namespace.
func qualified(gateway, namespace string) string {
	if strings.Contains(gateway, "/") {
		return gateway
	}
	return namespace + "/" + gateway
}

func pathClaim(owner string, path *networking.StringMatch) claim {
	switch path := path.GetMatchType().(type) {
	case *networking.StringMatch_Exact:
		return claim{owner, path.Exact, true}
	case *networking.StringMatch_Prefix:
		return claim{owner, path.Prefix, false}
	case *networking.StringMatch_Regex:
		return claim{owner, literalPrefix(path.Regex), false}
	}
	return claim{owner, "/", false}
}

// literalPrefix returns what every path that the expression matches begins with.
func literalPrefix(expression string) string {
	compiled, err := regexp.Compile(expression)
	if err != nil {
		return "/"
	}
	if prefix, _ := compiled.LiteralPrefix(); prefix != "" {
		return prefix
	}
	return "/"
}

// httpRouteClaims returns what a HTTPRoute of the Gateway API has of a host.
func httpRouteClaims(object *kube.Object, host string) []claim {
	hosts, _, _ := unstructured.NestedStringSlice(object.Object, "spec", "hostnames")
	if !slices.Contains(hosts, host) {
		return nil
	}
	owner := ownerOf(object)
	var claims []claim
	rules, _, _ := unstructured.NestedSlice(object.Object, "spec", "rules")
	for _, rule := range rules {
		fields, _ := rule.(map[string]any)
		matches, _, _ := unstructured.NestedSlice(fields, "matches")
		if len(matches) == 0 {
			claims = append(claims, claim{owner: owner, path: "/"})
		}
		for _, match := range matches {
			of, _ := match.(map[string]any)
			kind, _, _ := unstructured.NestedString(of, "path", "type")
			path, _, _ := unstructured.NestedString(of, "path", "value")
			switch {
			case kind == "Exact":
				claims = append(claims, claim{owner, path, true})
			case kind == "RegularExpression":
				claims = append(claims, claim{owner, literalPrefix(path), false})
			case path == "":
				claims = append(claims, claim{owner, "/", false})
			default:
				claims = append(claims, claim{owner, path, false})
			}
		}
	}
	return claims
}

// domainMappingClaims returns what a DomainMapping of Knative has of a host: its
// name is the host, and it has it whole.
func domainMappingClaims(object *kube.Object, host string) []claim {
	if object.GetName() != host {
		return nil
	}
	return []claim{{owner: ownerOf(object), path: "/"}}
}

// ownerOf names an object, and what stands behind it.
func ownerOf(object *kube.Object) string {
	owner := fmt.Sprintf("the %s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
	labels := object.GetLabels()
	switch {
	case labels[routing.RoleLabel] == routing.RoleDomain:
		return owner + ", which is an sls_domain"
	case labels["serving.knative.dev/domainMappingName"] != "":
		return fmt.Sprintf("%s, of the DomainMapping %s", owner, labels["serving.knative.dev/domainMappingName"])
	case labels["serving.knative.dev/route"] != "":
		return fmt.Sprintf("%s, which Knative has made for its Service %s", owner, labels["serving.knative.dev/route"])
	}
	for _, reference := range object.GetOwnerReferences() {
		return fmt.Sprintf("%s, of the %s %s", owner, reference.Kind, reference.Name)
	}
	return owner
}
