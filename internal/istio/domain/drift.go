package domain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// differences says in words how a VirtualService differs from what was wanted;
// it is nil where both mean the same.
func differences(live, want *networking.VirtualService) []string {
	if routing.Equal(live, want) {
		return nil
	}
	var found []string
	tell := func(what string, live, want any) {
		found = append(found, fmt.Sprintf("the VirtualService's %s: it is %s, and should be %s", what, shown(live), shown(want)))
	}
	if !slices.Equal(live.GetHosts(), want.GetHosts()) {
		tell("hosts", live.GetHosts(), want.GetHosts())
	}
	if !slices.Equal(live.GetGateways(), want.GetGateways()) {
		tell("gateways", live.GetGateways(), want.GetGateways())
	}
	for i := range max(len(live.GetHttp()), len(want.GetHttp())) {
		is, should := routeAt(live.GetHttp(), i), routeAt(want.GetHttp(), i)
		if proto.Equal(is, should) {
			continue
		}
		name := cmp.Or(should.GetName(), is.GetName())
		if is == nil || should == nil {
			tell(fmt.Sprintf("http[%d] (%s)", i, name), routeFields(is), routeFields(should))
			continue
		}
		differing(routeFields(is), routeFields(should), func(field string, is, should any) {
			tell(fmt.Sprintf("http[%d] (%s), %s", i, name, field), is, should)
		})
	}
	if len(found) == 0 {
		found = []string{"the VirtualService has fields that a domain has none of"}
	}
	return found
}

func routeAt(routes []*networking.HTTPRoute, i int) *networking.HTTPRoute {
	if i < len(routes) {
		return routes[i]
	}
	return nil
}

// routeFields returns a route as the API has it; nil for none.
func routeFields(route *networking.HTTPRoute) map[string]any {
	if route == nil {
		return nil
	}
	of, err := fields(route)
	if err != nil {
		return nil // of a message that was decoded a moment ago
	}
	return of
}

// differing calls tell for each field in which two objects differ.
func differing(is, should map[string]any, tell func(field string, is, should any)) {
	for _, field := range slices.Sorted(maps.Keys(merge(is, should))) {
		if !equality.Semantic.DeepEqual(is[field], should[field]) {
			tell(field, is[field], should[field])
		}
	}
}

func merge(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// shown is a value as JSON, but not a page of it.
func shown(value any) string {
	text, err := json.Marshal(value)
	switch {
	case err != nil:
		return fmt.Sprint(value)
	case string(text) == "null":
		return "missing"
	}
	const most = 400
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "…"
	}
	return string(text)
}
