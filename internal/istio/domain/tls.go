package domain

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// errNoGateway says that the platform's own Gateway, after which a domain's is
// made, can't be found.
var errNoGateway = errors.New("the platform's Gateway does not exist")

// selector returns the labels of the gateway's pods, as the platform's own
// Gateway has them.
func selector(ctx context.Context, read read, at place) (map[string]string, error) {
	namespace, name, _ := strings.Cut(at.ingress.Gateway, "/")
	shared, err := read(ctx, routing.Gateways, namespace, name)
	if err != nil {
		return nil, fmt.Errorf("reading the platform's Gateway %s, whose pods serve HTTPS too: %w", at.ingress.Gateway, err)
	}
	if shared == nil {
		return nil, fmt.Errorf("%w: %s, which the provider's argument ingress.gateway names", errNoGateway, at.ingress.Gateway)
	}
	labels, _, err := unstructured.NestedStringMap(shared.Object, "spec", "selector")
	return labels, err
}

// observeTLS reads the domain's own Gateway and its certificate.
func (o *observed) observeTLS(ctx context.Context, read read, at place, importing bool) error {
	if o.rules.TLS == nil && !importing {
		return nil
	}
	gateway, err := read(ctx, routing.Gateways, at.namespace, at.gateway())
	if err != nil {
		return err
	}
	if importing {
		if gateway == nil || gateway.GetAnnotations()[domainMark] != at.namespace+"/"+at.name {
			return nil
		}
		o.rules.TLS = &TLS{Secret: types.StringValue(credential(gateway))}
	}
	d := &desired{place: at, rules: o.rules}
	if err := o.observeCertificate(ctx, read, d, importing); err != nil {
		return err
	}
	if o.rules.TLS.Issuer == nil && gateway != nil && credential(gateway) != "" {
		o.rules.TLS = &TLS{Secret: types.StringValue(credential(gateway))}
	}
	pods, err := selector(ctx, read, at)
	if err != nil && !errors.Is(err, errNoGateway) && !apierrors.IsForbidden(err) {
		return err
	}
	d.rules = o.rules
	want, err := d.ownGateway(pods)
	if err != nil {
		return err
	}
	paths := [][]string{{"spec", "servers"}}
	if pods != nil {
		paths = append(paths, []string{"spec", "selector"})
	}
	o.compare(gateway, want, paths...)
	return o.observeSecret(ctx, read, d)
}

// credential returns the Secret that a Gateway has its certificate from.
func credential(gateway *kube.Object) string {
	servers, _, _ := unstructured.NestedSlice(gateway.Object, "spec", "servers")
	for _, server := range servers {
		fields, _ := server.(map[string]any)
		if name, _, _ := unstructured.NestedString(fields, "tls", "credentialName"); name != "" {
			return name
		}
	}
	return ""
}

// observeCertificate reads cert-manager's Certificate.
func (o *observed) observeCertificate(ctx context.Context, read read, d *desired, importing bool) error {
	if o.rules.TLS.Issuer == nil && !importing {
		return nil
	}
	live, err := read(ctx, certificates, d.gatewayNamespace(), o.rules.Host)
	switch {
	case importing && (isUnserved(err) || apierrors.IsForbidden(err)):
		return nil
	case isUnserved(err):
		o.drift = append(o.drift, "cert-manager is gone from the cluster, and the Certificate with it")
		return nil
	case err != nil:
		return err
	case importing && (live == nil || !belongs(live, d.place)):
		return nil // it has a Secret of somebody's, then
	}
	if live != nil {
		issuer := &Issuer{}
		for field, into := range map[string]*types.String{"name": &issuer.Name, "kind": &issuer.Kind, "group": &issuer.Group} {
			text, _, _ := unstructured.NestedString(live.Object, "spec", "issuerRef", field)
			*into = types.StringValue(text)
		}
		o.rules.TLS = &TLS{Secret: types.StringNull(), Issuer: issuer}
	}
	want := (&desired{place: d.place, rules: o.rules}).certificate()
	o.compare(live, want, []string{"spec", "secretName"}, []string{"spec", "dnsNames"})
	o.issuing = issuing(live)
	return nil
}

// issuing says why cert-manager has not issued a certificate; it is empty when
// it has.
func issuing(certificate *kube.Object) string {
	if certificate == nil {
		return "The Certificate does not exist."
	}
	conditions, _, _ := unstructured.NestedSlice(certificate.Object, "status", "conditions")
	for _, condition := range conditions {
		fields, _ := condition.(map[string]any)
		if fields["type"] != "Ready" {
			continue
		}
		generation, stated := fields["observedGeneration"].(int64)
		switch {
		case stated && generation < certificate.GetGeneration():
			return "cert-manager has not looked at the Certificate's latest change yet."
		case fields["status"] == "True":
			return ""
		}
		return fmt.Sprintf("The certificate is not issued: %v: %v", fields["reason"], fields["message"])
	}
	return "cert-manager has not reported whether the certificate is issued."
}

// observeSecret tells how the certificate itself stands. Who may not read the
// Secret, does not learn it.
func (o *observed) observeSecret(ctx context.Context, read read, d *desired) error {
	secret, err := read(ctx, secrets, d.gatewayNamespace(), d.secret())
	switch {
	case apierrors.IsForbidden(err):
	case err != nil:
		return err
	case secret == nil && o.issuing != "":
		o.certificate = o.issuing
	case secret == nil:
		o.certificate = fmt.Sprintf("There is no Secret %s/%s.", d.gatewayNamespace(), d.secret())
	default:
		o.certificate = judge(secret, d.rules.Host, time.Now())
	}
	return nil
}

// valid is the certificate's status when all is well.
const valid = "valid"

// judge tells how a Secret serves as the host's certificate. It says no dates,
// so that what it says changes only when somebody has to do something.
func judge(secret *kube.Object, host string, now time.Time) string {
	where := fmt.Sprintf("the Secret %s/%s", secret.GetNamespace(), secret.GetName())
	data, _, _ := unstructured.NestedStringMap(secret.Object, "data")
	if data["tls.key"] == "" || data["tls.crt"] == "" {
		return fmt.Sprintf("There is no certificate and key (tls.crt, tls.key) in %s.", where)
	}
	text, err := base64.StdEncoding.DecodeString(data["tls.crt"])
	block, _ := pem.Decode(text)
	if err != nil || block == nil {
		return fmt.Sprintf("What %s has in tls.crt is no certificate in PEM form.", where)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	switch {
	case err != nil:
		return fmt.Sprintf("What %s has in tls.crt is no certificate: %s.", where, err)
	case certificate.VerifyHostname(host) != nil:
		return fmt.Sprintf("The certificate in %s is not for %s, but for %s.", where, host, strings.Join(certificate.DNSNames, ", "))
	case now.After(certificate.NotAfter):
		return fmt.Sprintf("The certificate in %s has expired.", where)
	case now.Before(certificate.NotBefore):
		return fmt.Sprintf("The certificate in %s is not valid yet.", where)
	}
	return valid
}

// isUnserved reports whether the API server does not serve the kind at all.
func isUnserved(err error) bool { return apierrors.IsNotFound(err) && !kube.IsObjectNotFound(err) }
