package status

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// here is a provider with its defaults.
var here = place{
	veleroNamespace: "velero",
	ingress: lifecycle.Ingress{
		Gateway: "knative-serving/knative-ingress-gateway", GatewayService: "istio-system/istio-ingressgateway",
		LocalGateway: "knative-serving/knative-local-gateway", LocalGatewayHost: "knative-local-gateway.istio-system.svc.cluster.local",
	},
}

// workload is the manifest of a Deployment with one available pod; more are
// further labels, in YAML's short form.
func workload(namespace, name, image, more string) string {
	return fmt.Sprintf(`
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: %s, name: %s, labels: {%s}}
spec: {replicas: 1, template: {spec: {containers: [{name: main, image: %q}]}}}
status: {availableReplicas: 1, conditions: [{type: Available, status: "True"}]}
`, namespace, name, more, image)
}

// object is the manifest of an object without anything that is looked at.
func object(apiVersion, kind, namespace, name string) string {
	return fmt.Sprintf("\n---\n{apiVersion: %s, kind: %s, metadata: {namespace: %q, name: %q}}\n", apiVersion, kind, namespace, name)
}

func configMap(namespace, name, data string) string {
	return fmt.Sprintf("\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {namespace: %s, name: %s}, data: %s}\n", namespace, name, data)
}

// behind is the manifest of a Service and its endpoints.
func behind(namespace, name string, ready bool) string {
	return object("v1", "Service", namespace, name) + fmt.Sprintf(`
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: %s, name: %s-abc, labels: {kubernetes.io/service-name: %s}}
endpoints: [{addresses: [10.0.0.1], conditions: {ready: %t}}]
`, namespace, name, name, ready)
}

// Parts of a platform as its projects' releases make it.
var (
	knative = func(version string) string {
		label := fmt.Sprintf("app.kubernetes.io/version: %q", version)
		var all string
		for _, name := range knativeWorkloads {
			all += workload(knativeNamespace, name, "gcr.io/knative-releases/knative.dev/serving/cmd/"+name+"@sha256:ab", label)
		}
		return all + configMap(knativeNamespace, "config-network", "{}") + configMap(knativeNamespace, "config-features", "{}")
	}
	netIstio = workload(knativeNamespace, "net-istio-controller", "gcr.io/net-istio@sha256:cd", `app.kubernetes.io/version: "1.23.0", networking.knative.dev/ingress-provider: istio`) +
		configMap(knativeNamespace, "config-istio", "{}")
	pilot    = workload("istio-system", "istiod", "docker.io/istio/pilot:1.30.2-distroless", "app: istiod")
	gateways = object("networking.istio.io/v1", "Gateway", knativeNamespace, "knative-ingress-gateway") +
		object("networking.istio.io/v1", "Gateway", knativeNamespace, "knative-local-gateway") +
		behind("istio-system", "istio-ingressgateway", true) + behind("istio-system", "knative-local-gateway", true)
	gatewayCRD = `
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gateways.gateway.networking.k8s.io, annotations: {gateway.networking.k8s.io/bundle-version: v1.4.1}}
`
	backups  = workload("velero", "velero", "velero/velero:v1.18.3", "component: velero")
	complete = knative("1.23.0") + netIstio + pilot + gateways + gatewayCRD + backups
)

// read observes and judges, as the data source does.
func read(t *testing.T, f *fake) *Model {
	t.Helper()
	found, err := observe(t.Context(), f, here)
	if err != nil {
		t.Fatal(err)
	}
	compatible, problems := judge(table(t), found.products)
	found.problems = append(problems, found.problems...)
	return flatten(found, compatible)
}

func versions(kubernetes, knative, istio, gatewayAPI, velero string) Versions {
	return Versions{
		Kubernetes: lifecycle.NullIfEmpty(kubernetes), KnativeServing: lifecycle.NullIfEmpty(knative), Istio: lifecycle.NullIfEmpty(istio),
		GatewayAPI: lifecycle.NullIfEmpty(gatewayAPI), Velero: lifecycle.NullIfEmpty(velero),
	}
}

func TestObserve(t *testing.T) {
	const classGateway = `{ingress-class: gateway-api.ingress.networking.knative.dev}`
	yes, no, unknown := types.BoolValue(true), types.BoolValue(false), types.BoolNull()
	for name, test := range map[string]struct {
		cluster    *fake
		versions   Versions
		compatible types.Bool
		components []string // with "!" those that are not ready
		gateways   []string // with "!" those that are not ready, "?" of which that is unknown
		problems   []string
	}{
		"complete": {
			cluster(t, "v1.35.4", complete), versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"istio", "knative-serving", "net-istio", "velero"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			nil,
		},
		"bare": {
			cluster(t, "v1.35.4"), versions("1.35.4", "", "", "", ""), unknown, nil, nil,
			[]string{"Knative Serving is not installed", "Istio is not installed"},
		},
		"bare, and no kinds of others'": {
			func() *fake {
				f := cluster(t, "v1.35.4")
				f.unserved["networking.istio.io"] = true
				return f
			}(), versions("1.35.4", "", "", "", ""), unknown, nil, nil,
			[]string{"Knative Serving is not installed", "Istio is not installed"},
		},
		"Kubernetes too old": {
			cluster(t, "v1.33.1", complete), versions("1.33.1", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), no,
			[]string{"istio", "knative-serving", "net-istio", "velero"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"Knative Serving 1.23.0 does not go with Kubernetes 1.33.1"},
		},
		"not from releases": {
			cluster(t, "v1.35.4", knative("devel"), netIstio, gateways,
				workload("istio-system", "istiod", "registry/istio/pilot@sha256:ef", `app: istiod, app.kubernetes.io/version: "1.0.0"`)),
			versions("1.35.4", "", "", "", ""), unknown,
			[]string{"istio", "knative-serving", "net-istio"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"The version of Knative Serving is unknown: neither the label", "The version of Istio is unknown: neither the tag"},
		},
		"while being upgraded": {
			cluster(t, "v1.35.4", strings.Replace(knative("1.23.0"), `"1.23.0"`, `"1.22.1"`, 1), netIstio, gateways, pilot,
				workload("istio-system", "istiod-1-31", "docker.io/istio/pilot:1.31.0", "app: istiod")),
			versions("1.35.4", "1.22.1", "1.30.2", "", ""), yes,
			[]string{"istio", "knative-serving", "net-istio"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"Knative Serving runs in more than one version: 1.22.1, 1.23.0", "Istio runs in more than one version: 1.30.2, 1.31.0"},
		},
		"by the label, where the image tells nothing": {
			cluster(t, "v1.35.4", workload("istio-system", "istiod", "mirror/pilot@sha256:ab", `app: istiod, app.kubernetes.io/version: "1.30.1"`)),
			versions("1.35.4", "", "1.30.1", "", ""), yes,
			[]string{"istio"},
			[]string{"!knative-serving/knative-ingress-gateway", "!knative-serving/knative-local-gateway"},
			[]string{"Knative Serving is not installed", "public gateway knative-serving/knative-ingress-gateway is not ready: there is no Gateway", "cluster-local gateway"},
		},
		"by the label, where the tags in a mirror are those of Go modules": {
			cluster(t, "v1.35.4", strings.ReplaceAll(knative("1.23.0"), "@sha256:ab", ":v0.50.0")), versions("1.35.4", "1.23.0", "", "", ""), yes,
			[]string{"knative-serving"},
			nil,
			[]string{"Istio is not installed", "config-istio"},
		},
		"Istio's control plane elsewhere": {
			cluster(t, "v1.35.4", knative("1.23.0"), netIstio, gateways, object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "virtualservices.networking.istio.io")),
			versions("1.35.4", "1.23.0", "", "", ""), unknown,
			[]string{"knative-serving", "net-istio"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"Its control plane runs elsewhere"},
		},
		"by the Gateway API": {
			cluster(t, "v1.35.4", strings.Replace(knative("1.23.0"), "config-network}, data: {}", "config-network}, data: "+classGateway, 1), pilot, gateways, gatewayCRD,
				workload(knativeNamespace, "net-gateway-api-controller", "x@sha256:ab", "networking.knative.dev/ingress-provider: net-gateway-api"),
				configMap(knativeNamespace, "config-gateway", "{}"), `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {namespace: istio-system, name: knative-gateway}
status: {conditions: [{type: Accepted, status: "True"}, {type: Programmed, status: "True"}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {namespace: istio-system, name: knative-local-gateway}
status: {conditions: [{type: Programmed, status: "False", reason: Invalid, message: no such class}]}
`),
			versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", ""), yes,
			[]string{"istio", "knative-serving", "net-gateway-api"},
			[]string{
				"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway",
				"istio-system/knative-gateway", "!istio-system/knative-local-gateway",
			},
			[]string{"istio-system/knative-local-gateway is not ready: Invalid: no such class"},
		},
		"an ingress class without its controller": {
			cluster(t, "v1.35.4", knative("1.23.0"), pilot, gateways), versions("1.35.4", "1.23.0", "1.30.2", "", ""), yes,
			[]string{"istio", "knative-serving"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"The ingress class is istio.ingress.networking.knative.dev, but the namespace knative-serving has no ConfigMap config-istio"},
		},
		"broken": {
			func() *fake {
				f := cluster(t, "v1.35.4", complete)
				f.objects = slices.DeleteFunc(f.objects, func(o kube.Object) bool {
					return o.GetKind() == "Deployment" && o.GetName() == "webhook" || o.GetKind() == "Service" && o.GetName() == "knative-local-gateway" ||
						o.GetKind() == "ConfigMap" && o.GetName() == "config-features"
				})
				for _, o := range f.objects {
					if o.GetKind() == "EndpointSlice" {
						o.Object["endpoints"] = []any{map[string]any{"conditions": map[string]any{"ready": false}}}
					}
					if o.GetKind() == "Deployment" && o.GetName() == "istiod" {
						o.Object["status"] = map[string]any{}
					}
				}
				return f
			}(), versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"!istio", "!knative-serving", "net-istio", "velero"},
			[]string{"!knative-serving/knative-ingress-gateway", "!knative-serving/knative-local-gateway"},
			[]string{
				"The component knative-serving is not ready: there is no Deployment webhook.",
				"There is no ConfigMap config-features",
				"The component istio is not ready: Deployment istio-system/istiod: 0 of 1 pods are available.",
				"no pod behind its Service istio-system/istio-ingressgateway is ready",
				"there is no Service knative-local-gateway in the namespace istio-system",
			},
		},
		"settings that Knative can't read": {
			cluster(t, "v1.35.4", strings.Replace(complete, "config-network}, data: {}", `config-network}, data: {domain-template: "{{.Host}}"}`, 1)),
			versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"istio", "knative-serving", "net-istio", "velero"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"Knative can't read the ConfigMap config-network"},
		},
		"versions that nobody can read": {
			cluster(t, "latest", strings.Replace(gatewayCRD, "v1.4.1", "main", 1)), versions("", "", "", "", ""), unknown, nil, nil,
			[]string{`the API server calls itself "latest"`, "Knative Serving is not installed", "Istio is not installed", `gateways.gateway.networking.k8s.io is "main"`},
		},
		"one namespace hidden": {
			cluster(t, "v1.35.4", complete).forbid("list deployments.apps *", "get customresourcedefinitions.apiextensions.k8s.io *"),
			versions("1.35.4", "", "", "", "1.18.3"), unknown,
			[]string{"velero"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{
				"list deployments in the namespace knative-serving", "list deployments in all namespaces: the version and the health of Istio",
				"get the CustomResourceDefinition gateways.gateway.networking.k8s.io",
			},
		},
		"Istio listed in its namespace": {
			cluster(t, "v1.35.4", complete).forbid("list deployments.apps "), versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"istio", "knative-serving", "net-istio", "velero"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			nil,
		},
		"Istio in a namespace that may not be listed": {
			cluster(t, "v1.35.4", knative("1.23.0"), netIstio, gateways, strings.Replace(pilot, "istio-system", "mesh", 1)).forbid("list deployments.apps "),
			versions("1.35.4", "1.23.0", "", "", ""), unknown,
			[]string{"knative-serving", "net-istio"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{"list deployments in all namespaces: the version and the health of Istio are unknown"},
		},
		"istiod without its CRDs": {
			func() *fake {
				f := cluster(t, "v1.35.4", pilot)
				f.unserved["networking.istio.io"] = true
				return f
			}(), versions("1.35.4", "", "1.30.2", "", ""), yes,
			[]string{"istio"},
			[]string{"!knative-serving/knative-ingress-gateway", "!knative-serving/knative-local-gateway"},
			[]string{"Knative Serving is not installed", "there is no Gateway knative-ingress-gateway", "there is no Gateway knative-local-gateway"},
		},
		"gateways hidden": {
			cluster(t, "v1.35.4", complete).forbid("get gateways.networking.istio.io *", "get configmaps knative-serving"),
			versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"istio", "knative-serving", "net-istio", "velero"},
			[]string{"?knative-serving/knative-ingress-gateway", "?knative-serving/knative-local-gateway"},
			[]string{
				"get the ConfigMap config-network", "get the ConfigMap config-features",
				"get the Gateway knative-ingress-gateway in the namespace knative-serving", "get the Gateway knative-local-gateway",
			},
		},
		"what is behind the gateways hidden": {
			cluster(t, "v1.35.4", complete).forbid("list endpointslices.discovery.k8s.io istio-system"),
			versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"istio", "knative-serving", "net-istio", "velero"},
			[]string{"?knative-serving/knative-ingress-gateway", "?knative-serving/knative-local-gateway"},
			[]string{"list endpointslices in the namespace istio-system", "list endpointslices"},
		},
		"all hidden": {
			cluster(t, "v1.35.4", complete).forbid("/version", "list deployments.apps *", "get deployments.apps *", "get configmaps *", "list configmaps *",
				"get customresourcedefinitions.apiextensions.k8s.io *", "get gateways.networking.istio.io *"),
			versions("", "", "", "", ""), unknown, nil,
			[]string{"?knative-serving/knative-ingress-gateway", "?knative-serving/knative-local-gateway"},
			[]string{
				"version of Kubernetes", "list deployments in the namespace knative-serving", "config-network", "config-features",
				"health of Istio", "gateways.gateway", "get the Deployment velero", "knative-ingress-gateway", "knative-local-gateway",
				"which components this provider installed",
			},
		},
		"installed by this provider": {
			cluster(t, "v1.35.4", complete,
				"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: kube-system, name: sls-component-cert-manager, labels: {sls-platform.github.io/component: cert-manager}}, data: {phase: complete}}\n---\n"+
					"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: kube-system, name: sls-component-istio, labels: {sls-platform.github.io/component: istio}}, data: {phase: complete, version: 1.0.0}}\n---\n"+
					"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: kube-system, name: sls-component-crds, labels: {sls-platform.github.io/component: crds}}, data: {phase: applying}}\n---\n"+
					"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: kube-system, name: sls-component-velero, labels: {sls-platform.github.io/component: velero}}, data: {phase: creating, message: no room}}",
				strings.Replace(workload("cert-manager", "cert-manager", "jetstack/controller:v1.19.2", "sls-platform.github.io/component: cert-manager"), `"True"`, `"False"`, 1)),
			versions("1.35.4", "1.23.0", "1.30.2", "1.4.1", "1.18.3"), yes,
			[]string{"!cert-manager", "!crds", "istio", "knative-serving", "net-istio", "!velero"},
			[]string{"knative-serving/knative-ingress-gateway", "knative-serving/knative-local-gateway"},
			[]string{
				"The component cert-manager is not ready", "The component crds is not ready: its apply is under way or did not end",
				"The component velero is not ready: no room",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := read(t, test.cluster)
			if got.Versions != test.versions {
				t.Errorf("versions: got %v", got.Versions)
			}
			if !got.Compatible.Equal(test.compatible) {
				t.Errorf("compatible: got %s", got.Compatible)
			}
			says(t, got.Problems, test.problems)
			var components []string
			for _, name := range slices.Sorted(maps.Keys(got.Components)) {
				components = append(components, mark(got.Components[name].Ready)+name)
			}
			slices.SortFunc(components, func(a, b string) int { return strings.Compare(strings.TrimLeft(a, "!"), strings.TrimLeft(b, "!")) })
			if !slices.Equal(components, test.components) {
				t.Errorf("components: got %v, want %v", components, test.components)
			}
			var gateways []string
			for _, g := range got.Gateways {
				gateways = append(gateways, mark(g.Ready)+g.Namespace.ValueString()+"/"+g.Name.ValueString())
				if g.Message.IsNull() == g.Ready.Equal(no) {
					t.Errorf("%s is ready: %s, with the message %s", g.Name, g.Ready, g.Message)
				}
			}
			if !slices.Equal(gateways, test.gateways) {
				t.Errorf("gateways: got %v, want %v", gateways, test.gateways)
			}
		})
	}
}

// What a component is known to be says more than that this provider installed it.
func TestObserveComponents(t *testing.T) {
	got := read(t, cluster(t, "v1.35.4", complete,
		"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: kube-system, name: sls-component-istio, labels: {sls-platform.github.io/component: istio}}, data: {phase: complete, version: 1.0.0}}\n---\n"+
			"{apiVersion: v1, kind: ConfigMap, metadata: {namespace: kube-system, name: sls-component-cert-manager, labels: {sls-platform.github.io/component: cert-manager}}, data: {phase: complete}}",
		workload("cert-manager", "cert-manager", "jetstack/controller:v1.19.2", "sls-platform.github.io/component: cert-manager")))
	for name, want := range map[string]string{
		"knative-serving": "1.23.0", "net-istio": "1.23.0", "istio": "1.30.2", "velero": "1.18.3", "cert-manager": "1.19.2",
	} {
		if c := got.Components[name]; c.Version.ValueString() != want || !c.Ready.ValueBool() || !c.Message.IsNull() {
			t.Errorf("%s is %+v, want version %s", name, c, want)
		}
	}
}

func mark(ready types.Bool) string {
	switch {
	case ready.IsNull():
		return "?"
	case !ready.ValueBool():
		return "!"
	}
	return ""
}

// Settings have Knative's defaults where they are not set, and net-istio's
// gateways are also those of the provider's defaults.
func TestObserveSettings(t *testing.T) {
	got := read(t, cluster(t, "v1.35.4", strings.Replace(complete, "config-features}, data: {}",
		"config-features}, data: {kubernetes.podspec-affinity: Enabled, multi-container: disabled, secure-pod-defaults: allowrootbounded}", 1)))
	if want := "istio.ingress.networking.knative.dev"; got.IngressClass.ValueString() != want {
		t.Errorf("the ingress class is %s", got.IngressClass)
	}
	for key, want := range map[string]string{
		"kubernetes.podspec-affinity": "enabled", "kubernetes.podspec-tolerations": "disabled",
		"multi-container": "disabled", "kubernetes.podspec-volumes-emptydir": "enabled", "secure-pod-defaults": "allowrootbounded",
	} {
		if got.FeatureFlags[key] != want {
			t.Errorf("%s is %q, want %q", key, got.FeatureFlags[key], want)
		}
	}
	for i, visibility := range []string{"public", "cluster-local"} {
		g := got.Gateways[i]
		if !slices.Equal(g.UsedBy, []string{"knative", "provider"}) || g.Visibility.ValueString() != visibility || g.Kind.ValueString() != "Gateway.networking.istio.io" {
			t.Errorf("gateway %d is %+v", i, g)
		}
	}
	if g := read(t, cluster(t, "v1.35.4")); g.FeatureFlags != nil || !g.IngressClass.IsNull() || g.Problems == nil || g.Gateways == nil || g.Components == nil {
		t.Errorf("without Knative: %+v", g)
	}
}

// A cluster that does not answer is an error, whichever request it is of.
func TestObserveErrors(t *testing.T) {
	lost := errors.New("connection lost")
	for after := range 30 {
		f := &failing{fake: cluster(t, "v1.35.4", complete), after: after, err: lost}
		_, err := observe(t.Context(), f, here)
		if f.requests <= after {
			if err != nil {
				t.Errorf("without a failure: %s", err)
			}
			return
		}
		if !errors.Is(err, lost) {
			t.Errorf("request %d failed, and the error is %v", after+1, err)
		}
	}
	t.Error("it makes more requests than a platform has parts")
}
