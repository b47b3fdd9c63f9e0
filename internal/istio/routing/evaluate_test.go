package routing_test

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"

	. "github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

// The same table that the gateway is asked by, for what is evaluated here: a
// probe's expectation must be the gateway's.
func TestMatchesAsTheGateway(t *testing.T) {
	asked := 0
	for _, p := range pages {
		if p.gatewayOnly {
			continue
		}
		for _, r := range p.rows {
			first, rest, _ := strings.Cut(r.request, "\n")
			method, target, _ := strings.Cut(first, " ")
			asked++
			text := strings.ReplaceAll(first+" HTTP/1.1\n"+rest, "\n", "\r\n") + "\r\n\r\n"
			request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
			if err != nil {
				t.Errorf("%q: %s", r.request, err)
				continue
			}
			got := "v1"
			for _, rule := range p.rules {
				if slices.ContainsFunc(rule.Matches, func(m Match) bool { return m.Matches(method, target, request.Header) }) {
					got = rule.Tag
					break
				}
			}
			if got != r.want {
				t.Errorf("%s: %q: got %s, want %s", p.name, r.request, got, r.want)
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d requests", asked)
	}
}
