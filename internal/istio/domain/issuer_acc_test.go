package domain_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// cert-manager makes the certificate of a domain that names an issuer: an apply
// with wait ends when the host can answer with it, an issuer that isn't there is told, and
// without tls the Certificate goes again.
//
// It brings kinds to the cluster that other tests need to be without: its
// cluster is its own.
func TestAccDomainIssuer(t *testing.T) {
	if !acctest.OwnsCluster() {
		t.Skip("it installs cert-manager, on a cluster of its own: make testacc-alone")
	}
	acctest.CertManager(t)
	acctest.Kubectl(t, `{"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "selfsigned"}, "spec": {"selfSigned": {}}}`, "apply", "-f", "-")
	gateway := acctest.TLSGateway(t)
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	certificates := kube.Kind{
		GroupVersionResource: schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificates"},
		Name:                 "Certificate",
	}
	withIssuer := func(name string) string {
		return config(t, namespace, `
resource "sls_application" "web" {
  name       = "web"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  visibility = "cluster-local"
}

resource "sls_domain" "shop" {
  host      = {{quote .host}}
  namespace = {{quote .namespace}}
  routes    = [{ application = sls_application.web.name }]
  tls       = { issuer = { name = {{quote .issuer}} } }
  wait      = true
  timeouts  = { update = "20s" }
}
`, acctest.Values{"issuer": name})
	}

	issued := resource.TestStep{Config: withIssuer("selfsigned"), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(shop, "certificate_status", "valid"),
		resource.TestCheckResourceAttr(shop, "ready", "true"),
		func(*terraform.State) error {
			live := acctest.Object(t, certificates, "istio-system", host)
			name, _, _ := unstructured.NestedString(live.Object, "spec", "secretName")
			secret, err := acctest.OnCluster(t).Core.Secrets("istio-system").Get(t.Context(), name, metav1.GetOptions{})
			if err != nil {
				return fmt.Errorf("cert-manager's Secret: %w", err)
			}
			trusted := x509.NewCertPool()
			if !trusted.AppendCertsFromPEM(secret.Data["tls.crt"]) {
				return fmt.Errorf("no certificate in Secret %s", name)
			}
			acctest.Eventually(t, answerTime, func(ctx context.Context) error {
				answer, err := getTLS(ctx, gateway, "https://"+host+"/", trusted)
				if err != nil {
					return err
				}
				return tells(answer, told{Version: "v1", ForwardedHost: host})
			})
			return nil
		},
	)}
	imported := resource.TestStep{
		ResourceName: shop, ImportState: true, ImportStateId: namespace + "/" + host,
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: []string{"timeouts", "wait"},
	}
	unknown := resource.TestStep{Config: withIssuer("nobody"), ExpectError: acctest.ErrorSays("the certificate is not issued", "IncorrectIssuer", "The time to wait is over")}
	plain := resource.TestStep{Config: config(t, namespace, shopConfig), Check: func(*terraform.State) error {
		_, err := acctest.Client(t, certificates, "istio-system").Get(t.Context(), host, metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("the Certificate is still there: %w", err)
		}
		return nil
	}}
	acctest.Test(t, issued, imported, unknown, resource.TestStep{Config: withIssuer("selfsigned"), Check: resource.TestCheckResourceAttr(shop, "certificate_status", "valid")}, plain)
}
