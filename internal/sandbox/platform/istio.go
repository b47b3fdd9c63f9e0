package platform

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/apply"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/build"
)

const istioNamespace = "istio-system"

// istiodEnv switches off what needs Istio's own filters: Envoy is the one
// that its project releases, without them. Gateways are ours, not made on
// demand from Istio's image of a proxy.
var istiodEnv = map[string]any{
	"PILOT_ENABLE_ALPN_FILTER":                       "false",
	"PILOT_ENABLE_METADATA_EXCHANGE":                 "false",
	"PILOT_ENABLE_TELEMETRY_LABEL":                   "false",
	"PILOT_ENDPOINT_TELEMETRY_LABEL":                 "false",
	"PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
	"ENABLE_LEADER_ELECTION":                         "false", // there is one
}

func istiodValues() map[string]any {
	return map[string]any{
		"autoscaleEnabled": false,
		"env":              istiodEnv,
		"resources":        map[string]any{"requests": map[string]any{"cpu": "10m", "memory": "128Mi"}},
		"telemetry":        map[string]any{"enabled": false},
		"meshConfig": map[string]any{
			"enableAutoMtls":        false,
			"enablePrometheusMerge": false,
			"accessLogFile":         "/dev/stdout",
			"ingressControllerMode": "OFF",
		},
		"global": map[string]any{"defaultPodDisruptionBudget": map[string]any{"enabled": false}},
	}
}

// gatewayAccount is the service account of the gateway's pods, which its
// certificate names.
const gatewayAccount = "istio-ingressgateway"

// Keys are those by which istiod and the gateway know one another, in PEM form.
type Keys struct {
	CA, CAKey, Gateway, GatewayKey []byte
}

// GatewayIdentity returns the namespace and the service account of the gateway.
func GatewayIdentity() (namespace, account string) { return istioNamespace, gatewayAccount }

// istiod is the authority's own key, under the names that istiod looks for.
func (k Keys) istiod() []*unstructured.Unstructured {
	return []*unstructured.Unstructured{secret("cacerts", map[string][]byte{
		"ca-cert.pem": k.CA, "ca-key.pem": k.CAKey, "root-cert.pem": k.CA, "cert-chain.pem": k.CA,
	})}
}

// ingressGateway is what the gateway shows istiod.
func (k Keys) ingressGateway() []*unstructured.Unstructured {
	return []*unstructured.Unstructured{secret("istio-ingressgateway-identity", map[string][]byte{
		"root-cert.pem": k.CA, "cert-chain.pem": k.Gateway, "key.pem": k.GatewayKey,
	})}
}

func secret(name string, files map[string][]byte) *unstructured.Unstructured {
	data := map[string]any{}
	for name, content := range files {
		data[name] = base64.StdEncoding.EncodeToString(content)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"namespace": istioNamespace, "name": name}, "data": data,
	}}
}

// istioBase is what istiod needs to be there.
func istioBase(manifests string) ([]*unstructured.Unstructured, error) {
	// helm's user makes it.
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": istioNamespace},
	}}
	all, err := render(filepath.Join(manifests, build.IstioBase), "istio-base", map[string]any{})
	return append([]*unstructured.Unstructured{namespace}, all...), err
}

// istiod is the control plane.
func istiod(manifests string) ([]*unstructured.Unstructured, error) {
	return render(filepath.Join(manifests, build.IstioDiscovery), "istiod", istiodValues())
}

// render renders a chart as `helm install` would.
func render(dir, release string, values map[string]any) ([]*unstructured.Unstructured, error) {
	chart, err := loader.Load(dir)
	if err != nil {
		return nil, err
	}
	// As the release of charts does it.
	chart.Metadata.Version, chart.Metadata.AppVersion = build.Istio, build.Istio
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = chartutil.KubeVersion{Version: build.Kubernetes, Major: "1", Minor: "35"}
	input, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Name: release, Namespace: istioNamespace, IsInstall: true}, capabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, input)
	if err != nil {
		return nil, err
	}
	var all []*unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if path.Ext(name) != ".yaml" {
			continue // the notes
		}
		objects, err := apply.DecodeText(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, objects...)
	}
	return all, adaptDeployments(all)
}

var (
	//go:embed gateway.yaml
	gateway string
	//go:embed gateways.yaml
	gateways string
)

// ingressGateway is Istio's ingress gateway.
func ingressGateway(string) ([]*unstructured.Unstructured, error) {
	return apply.DecodeText(strings.NewReplacer(
		"${ENVOY_IMAGE}", envoyImage,
		"${ISTIO_VERSION}", build.Istio,
		"${HTTP_NODE_PORT}", fmt.Sprint(address.GatewayNodePort),
		"${TLS_NODE_PORT}", fmt.Sprint(address.GatewayTLSNodePort),
	).Replace(gateway))
}
