package component

import (
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

func TestRequiring(t *testing.T) {
	definition := func(name string) kube.Object {
		_, group, _ := strings.Cut(name, ".")
		return *decode(t, "{metadata: {name: "+name+"}, spec: {group: "+group+"}}")
	}
	all := []kube.Object{definition("services.serving.knative.dev"), definition("routes.serving.knative.dev"), definition("gateways.networking.istio.io")}
	for names, want := range map[string]string{
		"":                           "",
		"serving.knative.dev":        "services.serving.knative.dev routes.serving.knative.dev",
		"routes.serving.knative.dev": "routes.serving.knative.dev",
		"knative.dev":                "",
		"gateways.networking.istio.io serving.knative.dev": "services.serving.knative.dev routes.serving.knative.dev", // its own is looked at anyway
	} {
		own := definition("gateways.networking.istio.io")
		var got []string
		for _, found := range requiring(all, strings.Fields(names), []*kube.Object{&own}) {
			got = append(got, found.GetName())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("of %q there are %q", names, got)
		}
	}
}
