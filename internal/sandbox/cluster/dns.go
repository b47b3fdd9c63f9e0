package cluster

import (
	_ "embed"
	"net/http"
	"net/url"
	"strings"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
)

//go:embed coredns.yaml
var coreDNS string

// dnsManifest is CoreDNS for one cluster.
func dnsManifest(p address.Plan, image string) string {
	return strings.NewReplacer(
		"${IMAGE}", image,
		"${CLUSTER_IP}", p.DNSServiceIP().String(),
		"${REGISTRY_IP}", address.RegistryIP,
		"${REGISTRY_HOST}", address.RegistryHost,
	).Replace(coreDNS)
}

// direct keeps requests to the cluster away from proxies of the environment.
func direct(*http.Request) (*url.URL, error) { return nil, nil }
