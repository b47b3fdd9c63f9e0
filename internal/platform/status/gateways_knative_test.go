package status

import (
	"slices"
	"strings"
	"testing"
)

// in returns the gateways in short, and the error's text.
func in(gateways []gateway, err error) ([]string, string) {
	var texts []string
	for _, g := range gateways {
		texts = append(texts, strings.Join([]string{g.kind.Group, g.namespace + "/" + g.name, g.service, g.visibility}, " "))
	}
	if err != nil {
		return nil, err.Error()
	}
	return texts, ""
}

func TestKnativesGateways(t *testing.T) {
	const istioGroup, apiGroup = "networking.istio.io ", "gateway.networking.k8s.io "
	istioDefaults := []string{
		istioGroup + "knative-serving/knative-ingress-gateway istio-system/istio-ingressgateway public",
		istioGroup + "knative-serving/knative-local-gateway istio-system/knative-local-gateway cluster-local",
	}
	for name, test := range map[string]struct {
		parse func(map[string]string) ([]gateway, error)
		data  map[string]string
		want  []string
		err   string
	}{
		"net-istio's defaults": {parse: parseNetIstio, data: map[string]string{"_example": "gateway.a.b: c"}, want: istioDefaults},
		"net-istio's lists": {parse: parseNetIstio, data: map[string]string{
			"external-gateways": "- {name: out, namespace: edge, service: out.edge.svc.cluster.local}\n" +
				"- {name: vip, namespace: edge, service: vip.edge.svc.cluster.local, labelSelector: {matchLabels: {a: b}}}\n",
		}, want: []string{
			istioGroup + "edge/out edge/out public", istioGroup + "edge/vip edge/vip public", istioDefaults[1],
		}},
		"net-istio without gateways": {parse: parseNetIstio, data: map[string]string{"external-gateways": "[]", "local-gateways": "[]"}},
		"net-istio's keys": {parse: parseNetIstio, data: map[string]string{
			"gateway.edge.out": "out.edge.svc.cluster.local", "local-gateway.inside": "inside.edge.svc.cluster.local", "gateway.": "x",
		}, want: []string{
			istioGroup + "edge/out edge/out public", istioGroup + "knative-serving/inside edge/inside cluster-local",
		}},
		"net-istio's broken list":     {parse: parseNetIstio, data: map[string]string{"local-gateways": "name: x"}, err: "local-gateways"},
		"net-gateway-api's defaults":  {parse: parseNetGatewayAPI, want: []string{apiGroup + "istio-system/knative-gateway istio-system/istio-ingressgateway public", apiGroup + "istio-system/knative-local-gateway istio-system/knative-local-gateway cluster-local"}},
		"net-gateway-api's own":       {parse: parseNetGatewayAPI, data: map[string]string{"external-gateways": "- {class: c, gateway: edge/out, service: edge/envoy}", "local-gateways": "- {class: c, gateway: edge/in}"}, want: []string{apiGroup + "edge/out edge/envoy public", apiGroup + "edge/in  cluster-local"}},
		"net-gateway-api's bare name": {parse: parseNetGatewayAPI, data: map[string]string{"external-gateways": "- {class: c, gateway: out}"}, err: `"out" is not of the form namespace/name`},
		"net-gateway-api's broken":    {parse: parseNetGatewayAPI, data: map[string]string{"local-gateways": "{"}, err: "local-gateways"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := in(test.parse(test.data))
			if !slices.Equal(got, test.want) || (test.err == "") != (err == "") || !strings.Contains(err, test.err) {
				t.Errorf("got\n%s\nerror %q", strings.Join(got, "\n"), err)
			}
		})
	}
}

func TestServiceOfHost(t *testing.T) {
	for host, want := range map[string]string{
		"a.b.svc.cluster.local": "b/a", "a.b.svc.cluster.local.": "b/a", "a.b": "b/a", "a": "", "": "",
	} {
		if got := serviceOfHost(host); got != want {
			t.Errorf("serviceOfHost(%q) = %q, want %q", host, got, want)
		}
	}
}
