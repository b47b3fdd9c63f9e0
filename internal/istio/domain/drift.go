package domain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"

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
		a, b := at(live.GetHttp(), i), at(want.GetHttp(), i)
		if !proto.Equal(a, b) {
			name := b.GetName()
			if b == nil {
				name = a.GetName()
			}
			tell(fmt.Sprintf("http[%d] (%s)", i, name), a, b)
		}
	}
	if len(found) == 0 {
		found = []string{"the VirtualService has fields that a domain has none of"}
	}
	return found
}

func at(routes []*networking.HTTPRoute, i int) *networking.HTTPRoute {
	if i < len(routes) {
		return routes[i]
	}
	return nil
}

// shown is a value as JSON, but not a page of it.
func shown(value any) string {
	if route, ok := value.(*networking.HTTPRoute); ok && route == nil {
		return "missing"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	const most = 400
	if len(text) > most {
		return strings.ToValidUTF8(string(text[:most]), "") + "…"
	}
	return string(text)
}
