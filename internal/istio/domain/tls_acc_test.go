package domain_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const tlsConfig = `
resource "sls_application" "web" {
  name       = "web"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  visibility = "cluster-local"
}

resource "sls_domain" "shop" {
  host           = {{quote .host}}
  namespace      = {{quote .namespace}}
  routes         = [{ application = sls_application.web.name }]
  tls            = { secret = {{quote .secret}} }
  https_redirect = true
}
`

// A domain has a certificate and a Gateway of its own; what comes by HTTP is led
// to HTTPS, but for the proof that a certificate authority asks for.
func TestAccDomainTLS(t *testing.T) {
	t.Parallel()
	gateway := acctest.TLSGateway(t)
	namespace, elsewhere := acctest.Namespace(t), acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	trusted := makeCertificate(t, namespace, host)
	// Who owns applications may not read the gateway's private keys, from which
	// certificate_status is.
	acctest.Owner(t).Allow(t, "istio-system", rbacv1.PolicyRule{
		APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{namespace, namespace + "-missing", "other"}, Verbs: []string{"get"},
	})
	values := acctest.Values{"secret": namespace}
	url := "https://" + host + "/"

	secured := resource.TestStep{Config: config(t, namespace, tlsConfig, values), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(shop, "url", "https://"+host),
		resource.TestCheckResourceAttr(shop, "certificate_status", "valid"),
		resource.TestCheckResourceAttr(shop, "ready", "true"),
		func(*terraform.State) error {
			acctest.Eventually(t, answerTime, func(ctx context.Context) error {
				answer, err := getTLS(ctx, gateway, url, trusted)
				if err != nil {
					return err
				}
				return tells(answer, told{Version: "v1", ForwardedHost: host})
			})
			acctest.GetUntil(t, "http://"+host+"/a", func(answer acctest.Answer) error {
				if answer.Header.Get("Location") != "https://"+host+"/a" {
					return fmt.Errorf("it leads to %q", answer.Header.Get("Location"))
				}
				return nil
			})
			return answers(t, "http://"+host+"/.well-known/acme-challenge/token", told{Version: "v1"})(nil)
		},
	)}
	imported := resource.TestStep{
		ResourceName: shop, ImportState: true, ImportStateId: namespace + "/" + host,
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	second := resource.TestStep{
		Config: secured.Config + config(t, namespace, `
resource "sls_domain" "second" {
  host      = {{quote .host}}
  namespace = {{quote .elsewhere}}
  routes    = [{ application = "web", path_prefix = "/second" }]
  tls       = { secret = "other" }
}
`, acctest.Values{"elsewhere": elsewhere}),
		ExpectError: acctest.ErrorSays("Another Gateway serves HTTPS for the host", "set gateways = [", namespace+"/shop-"+namespace+"-example-com-"),
	}
	missing := resource.TestStep{Config: config(t, namespace, tlsConfig, acctest.Values{"secret": namespace + "-missing"}), Check: resource.ComposeTestCheckFunc(
		resource.TestMatchResourceAttr(shop, "certificate_status", acctest.ErrorSays("There is no Secret istio-system/"+namespace+"-missing")),
	)}
	plain := resource.TestStep{Config: config(t, namespace, shopConfig), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckNoResourceAttr(shop, "certificate_status"),
		func(*terraform.State) error {
			if left, err := istio(t, "gateways", namespace).List(t.Context(), metav1.ListOptions{}); err != nil || len(left.Items) > 0 {
				return fmt.Errorf("the domain's Gateway is still there: %v, %w", left, err)
			}
			return answers(t, "http://"+host+"/", told{Version: "v1"})(nil)
		},
	)}
	acctest.Test(t, secured, imported, second, missing, plain)
}

// Without cert-manager, an issuer is an error that says so, and nothing is made.
func TestAccDomainWithoutCertManager(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	roles, err := acctest.ExampleRoles("application-owner.yaml")
	if err != nil {
		t.Fatal(err)
	}
	acctest.Owner(t).Allow(t, "istio-system", roles["sls-application-owner-certificates"].Rules...)
	acctest.Test(t, resource.TestStep{
		Config: config(t, namespace, `
resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = "web" }]
  tls       = { issuer = { name = "acme" } }
}
`),
		ExpectError: acctest.ErrorSays("cert-manager is not installed on the cluster", "certificates.cert-manager.io"),
	})
	for _, kind := range []string{"virtualservices", "gateways"} {
		isGone(t, istio(t, kind, namespace), "shop."+namespace+".example.com")
	}
}

// makeCertificate makes a Secret where the gateway looks for it, with a
// certificate for the host, and returns who trusts it.
func makeCertificate(t *testing.T, name, host string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	secrets := acctest.OnCluster(t).Core.Secrets("istio-system")
	if _, err := secrets.Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{"tls.crt": certificate, "tls.key": pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := secrets.Delete(context.WithoutCancel(t.Context()), name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return pool
}

// getTLS asks an address by way of the gateway.
func getTLS(ctx context.Context, gateway, url string, trusted *x509.CertPool) (acctest.Answer, error) {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: trusted},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, gateway)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return acctest.Answer{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return acctest.Answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return acctest.Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}, err
}
