package component_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const address = "sls_platform_component.widgets"

// bare is the cluster of a test, on which nothing but Kubernetes runs.
type bare struct {
	kubeconfig string
}

// newBare boots a cluster for a test and those within it: definitions and
// webhooks are a whole cluster's.
func newBare(t *testing.T) *bare {
	t.Helper()
	return &bare{kubeconfig: acctest.BareCluster(t, 2)}
}

// widgets renders a small release: a definition and an object of its kind, a
// namespace, a workload and a webhook that asks it.
func widgets(t *testing.T, name string, values acctest.Values) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "widgets.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := acctest.Values{
		"name": name, "image": acctest.Image(t, "HELLO_V1"), "bundle": bundle(t), "replicas": 1, "greeting": "hello",
		"versions": []string{"v1"}, "job": false, "selector": name,
	}
	for key, value := range values {
		all[key] = value
	}
	return acctest.Render(t, string(text), all)
}

// inline returns the configuration of a component with an inline manifest.
func inline(t *testing.T, name, manifest, arguments string) string {
	t.Helper()
	return acctest.Render(t, `
resource "sls_platform_component" "widgets" {
  name     = {{quote .name}}
  manifest = {{quote .manifest}}
  {{.arguments}}
}
`, acctest.Values{"name": name, "manifest": manifest, "arguments": arguments})
}

// bundle returns a certificate authority, as a webhook has one.
func bundle(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "widgets"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encoded}))
}
