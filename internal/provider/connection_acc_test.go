package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// The errors of connecting, each brought about for real. A plan needs no
// cluster, so that it is the apply which fails.
func TestAccConnectionErrors(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	config := acctest.OnCluster(t).Config
	account := acctest.NewAccount(t, namespace)

	closed := httptest.NewServer(http.NotFoundHandler())
	refused := closed.URL
	closed.Close()

	direct := func(host, ca, token string) string {
		return fmt.Sprintf("provider \"sls\" {\n  host = %q\n  cluster_ca_certificate = %q\n  token = %q\n}\n", host, ca, token)
	}

	for name, test := range map[string]struct {
		provider  string
		namespace string
		says      []string
	}{
		"no configuration": {
			provider: `provider "sls" {}`,
			says:     []string{"no cluster is configured", "Set config_path"},
		},
		"missing file": {
			provider: acctest.ProviderBlockFor("/no/such/kubeconfig"),
			says:     []string{"a file is missing", "/no/such/kubeconfig"},
		},
		"unknown context": {
			provider: acctest.ProviderBlock(t, `config_context = "no-such-context"`),
			says:     []string{"the kubeconfig has no such context", "no-such-context"},
		},
		"refused credential": {
			provider: direct(config.Host, string(config.CAData), "wrong"),
			says:     []string{"the credential is refused (401)", "Get a fresh token"},
		},
		"forbidden": {
			provider: acctest.ProviderBlockFor(account.Kubeconfig),
			says:     []string{"(403)", account.User, `resources: ["`},
		},
		"another authority": {
			provider: direct(config.Host, selfSigned(t), "wrong"),
			says:     []string{"the server's certificate is not trusted"},
		},
		"another name": {
			provider: acctest.ProviderBlock(t, `tls_server_name = "no-such-name.invalid"`),
			says:     []string{"the server's certificate is for another name", "tls_server_name"},
		},
		"nothing listens": {
			provider: acctest.ProviderBlock(t, fmt.Sprintf("host = %q", refused)),
			says:     []string{"the server refuses connections", strings.TrimPrefix(refused, "http://")},
		},
		"no namespace": {
			// Who owns applications has no rights in a namespace that does not exist.
			provider:  acctest.ProviderBlockFor(acctest.Kubeconfig(t)),
			namespace: "sls-test-no-such-namespace",
			says:      []string{`the namespace "sls-test-no-such-namespace" does not exist`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if test.namespace == "" {
				test.namespace = namespace
			}
			began := time.Now()
			acctest.Test(t, resource.TestStep{
				Config: test.provider + acctest.Render(t, `
					resource "sls_application" "test" {
					  name      = "test"
					  namespace = {{quote .namespace}}
					  image     = "registry.invalid/test"
					}`, acctest.Values{"namespace": test.namespace}),
				ExpectError: acctest.ErrorSays(test.says...),
			})
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s to fail", took)
			}
		})
	}
}

// selfSigned makes a certificate of an authority that signed nothing.
func selfSigned(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
