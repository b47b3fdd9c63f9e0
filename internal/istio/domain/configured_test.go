package domain

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

// here is where the tests' domains are.
var here = place{namespace: "prod", name: "shop", ingress: lifecycle.Ingress{
	Gateway:          "knative-serving/knative-ingress-gateway",
	GatewayService:   "istio-system/istio-ingressgateway",
	LocalGateway:     "knative-serving/knative-local-gateway",
	LocalGatewayHost: "knative-local-gateway.istio-system.svc.cluster.local",
	LocalGatewayPort: 80,
	ClusterDomain:    "cluster.local",
}}

type document = plantest.Document

// everyAttribute is a configuration that sets all that can be set. Of tls, one
// part excludes the other.
func everyAttribute(t testing.TB) document {
	t.Helper()
	return plantest.Read(t, "testdata/every_attribute.json")
}

// rulesOf returns what a configuration is planned as, decoded.
func rulesOf(t testing.TB, d document) *Rules {
	t.Helper()
	var m Model
	diags := d.Plan(t, schemaOnce()).Get(t.Context(), &m)
	r := decode(t.Context(), &m, &diags)
	mustNot(t, diags)
	return r
}

// Whatever is added to the schema must be added to the tests.
func TestEveryAttributeIsConfigured(t *testing.T) {
	issuer := document{"tls": map[string]any{"issuer": map[string]any{"name": "a", "kind": "b", "group": "c"}}}
	for _, name := range plantest.Missing(schemaOnce(), notOnTheObject, everyAttribute(t), issuer) {
		t.Errorf("testdata/every_attribute.json does not set %s", name)
	}
}

// notOnTheObject are attributes that no object says anything of.
var notOnTheObject = []string{"adopt", "force_conflicts", "wait"}

func mustNot(t testing.TB, diags diag.Diagnostics) {
	t.Helper()
	if diags.HasError() {
		t.Fatal(diags)
	}
}
