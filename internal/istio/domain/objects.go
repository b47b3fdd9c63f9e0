package domain

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

const (
	group = serving.Group
	// createStamp is the annotation of a VirtualService whose creation is not
	// finished: the hash of what was wanted.
	createStamp = group + "/create"
	// domainMark is the annotation of what belongs to a domain, beside its
	// VirtualService: that one's namespace and name.
	domainMark = group + "/domain"
)

// Kinds of Kubernetes and cert-manager.
var (
	services     = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "services"}, Name: "Service"}
	secrets      = kube.Kind{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, Name: "Secret"}
	certificates = kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificates"},
		Name:                 "Certificate",
	}
)

// hosts returns the hosts of the VirtualService: a Service may be asked by
// shorter names, and the Host header then has those.
func hosts(r *Rules, at place) []string {
	if name, namespace, ok := serviceOf(r, at); ok {
		short := name + "." + namespace
		return []string{r.Host, short, short + ".svc"}
	}
	return []string{r.Host}
}

// serviceOf returns the name and namespace of the Service that makes an internal
// domain's host resolve in the cluster; ok is false for a host of another form.
func serviceOf(r *Rules, at place) (name, namespace string, ok bool) {
	rest, ok := strings.CutSuffix(r.Host, ".svc."+at.ingress.ClusterDomain)
	if !ok || r.Scope != scopeInternal {
		return "", "", false
	}
	name, namespace, ok = strings.Cut(rest, ".")
	return name, namespace, ok && !strings.Contains(namespace, ".")
}

// gateways returns the Gateways that the VirtualService is on.
func gateways(r *Rules, at place) []string {
	all := r.Gateways
	if len(all) == 0 {
		all = []string{sharedGateway(r, at)}
	}
	if r.TLS != nil {
		all = append(all[:len(all):len(all)], at.namespace+"/"+at.gateway())
	}
	return all
}

// gateway returns the name of the domain's own Gateway: Istio wants a label where
// a host has dots.
func (p place) gateway() string {
	if len(validation.IsDNS1123Label(p.name)) == 0 {
		return p.name
	}
	sum := sha256.Sum256([]byte(p.name))
	const most = validation.DNS1123LabelMaxLength - 1 - 8
	label := strings.ReplaceAll(p.name, ".", "-")
	return strings.TrimRight(label[:min(len(label), most)], "-") + "-" + hex.EncodeToString(sum[:4])
}

func sharedGateway(r *Rules, at place) string {
	if r.Scope == scopeInternal {
		return at.ingress.LocalGateway
	}
	return at.ingress.Gateway
}

// desired is what a configuration wants of the cluster. What is nil is not
// wanted.
type desired struct {
	place
	rules       *Rules
	labels      map[string]string
	annotations map[string]string
	root        *networking.VirtualService
}

func expand(r *Rules, at place, labels, annotations map[string]string) *desired {
	return &desired{place: at, rules: r, labels: labels, annotations: annotations, root: expandRoot(r, at)}
}

// hash stands for all that is wanted.
func (d *desired) hash() (string, error) {
	root, err := d.virtualService("")
	if err != nil {
		return "", err
	}
	gateway, err := d.ownGateway(nil)
	if err != nil {
		return "", err
	}
	return lifecycle.Stamp([]any{root, gateway, d.certificate(), d.service()})
}

// virtualService returns the VirtualService to apply.
func (d *desired) virtualService(stamp string) (*kube.Object, error) {
	spec, err := routing.Fields(d.root)
	if err != nil {
		return nil, err
	}
	annotations := d.annotations
	if stamp != "" {
		annotations = merged(annotations, map[string]string{createStamp: stamp})
	}
	return object(routing.VirtualServices, d.namespace, d.name, merged(d.labels, routing.RootLabels(applications(d.rules, d.place)...)), annotations, spec), nil
}

// ownGateway returns the Gateway that serves HTTPS to apply, by the pods that the
// selector finds; nil without TLS.
func (d *desired) ownGateway(selector map[string]string) (*kube.Object, error) {
	if d.rules.TLS == nil {
		return nil, nil
	}
	spec, err := fields(&networking.Gateway{
		Selector: selector,
		Servers: []*networking.Server{{
			Name:  "https",
			Port:  &networking.Port{Number: httpsPort, Name: "https", Protocol: "HTTPS"},
			Hosts: []string{"*/" + d.rules.Host},
			Tls:   &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_SIMPLE, CredentialName: d.secret()},
		}},
	})
	if err != nil {
		return nil, err
	}
	return d.part(routing.Gateways, d.namespace, d.gateway(), spec), nil
}

const httpsPort = 443

// secret returns the name of the Secret with the certificate. That of an issuer
// is named like the host, of which there is one Gateway for HTTPS.
func (d *desired) secret() string {
	return cmp.Or(d.rules.TLS.Secret.ValueString(), d.rules.Host)
}

// certificate returns cert-manager's Certificate to apply; nil without an issuer.
func (d *desired) certificate() *kube.Object {
	if d.rules.TLS == nil || d.rules.TLS.Issuer == nil {
		return nil
	}
	issuer := d.rules.TLS.Issuer
	return d.part(certificates, d.gatewayNamespace(), d.rules.Host, map[string]any{
		"secretName": d.secret(),
		"dnsNames":   []any{d.rules.Host},
		"issuerRef": map[string]any{
			"name": issuer.Name.ValueString(), "kind": issuer.Kind.ValueString(), "group": issuer.Group.ValueString(),
		},
	})
}

// service returns the Service to apply that makes the host resolve; nil for a
// host that is not of a Service's form.
func (d *desired) service() *kube.Object {
	name, namespace, ok := serviceOf(d.rules, d.place)
	if !ok {
		return nil
	}
	return d.part(services, namespace, name, map[string]any{
		"type":         "ExternalName",
		"externalName": d.ingress.LocalGatewayHost,
	})
}

// gatewayNamespace returns the namespace of the gateway's pods, from which they
// read certificates.
func (p place) gatewayNamespace() string {
	namespace, _, _ := strings.Cut(p.ingress.GatewayService, "/")
	return namespace
}

// part returns an object that belongs to the domain.
func (d *desired) part(kind kube.Kind, namespace, name string, spec map[string]any) *kube.Object {
	return object(kind, namespace, name,
		merged(d.labels, map[string]string{routing.RoleLabel: routing.RoleDomain}),
		merged(d.annotations, map[string]string{domainMark: d.namespace + "/" + d.name}), spec)
}

func object(kind kube.Kind, namespace, name string, labels, annotations map[string]string, spec map[string]any) *kube.Object {
	return &kube.Object{Object: map[string]any{
		"apiVersion": kind.APIVersion(),
		"kind":       kind.Name,
		"metadata": map[string]any{
			"namespace":   namespace,
			"name":        name,
			"labels":      lifecycle.Unstructured(labels),
			"annotations": lifecycle.Unstructured(annotations),
		},
		"spec": spec,
	}}
}

func decodeJSON(text []byte) (map[string]any, error) {
	var decoded map[string]any
	if err := utiljson.Unmarshal(text, &decoded); err != nil {
		return nil, fmt.Errorf("decoding what was encoded: %w", err)
	}
	return decoded, nil
}
