package domain

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

func TestJudge(t *testing.T) {
	now := time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certificate := func(host string, from, to time.Duration) string {
		template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: now.Add(from), NotAfter: now.Add(to)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	for name, test := range map[string]struct{ crt, key, says string }{
		"valid":        {certificate("shop.example.com", -time.Hour, time.Hour), "key", valid},
		"a wildcard":   {certificate("*.example.com", -time.Hour, time.Hour), "key", valid},
		"other host":   {certificate("www.example.com", -time.Hour, time.Hour), "key", "is not for shop.example.com, but for www.example.com"},
		"expired":      {certificate("shop.example.com", -time.Hour, -time.Minute), "key", "has expired"},
		"too early":    {certificate("shop.example.com", time.Minute, time.Hour), "key", "is not valid yet"},
		"no key":       {certificate("shop.example.com", -time.Hour, time.Hour), "", "There is no certificate and key"},
		"nothing":      {"", "key", "There is no certificate and key"},
		"no PEM":       {"certificate", "key", "is no certificate in PEM form"},
		"no certified": {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), "key", "is no certificate"},
	} {
		data, err := json.Marshal(map[string]any{"data": map[string]string{
			"tls.crt": base64.StdEncoding.EncodeToString([]byte(test.crt)), "tls.key": base64.StdEncoding.EncodeToString([]byte(test.key)),
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := judge(objectOf(t, "Secret", string(data)), "shop.example.com", now); !strings.Contains(got, test.says) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestIssuing(t *testing.T) {
	for text, says := range map[string]string{
		`{}`: "has not reported",
		`{"status": {"conditions": [{"type": "Issuing", "status": "True"}]}}`:                                                       "has not reported",
		`{"status": {"conditions": [{"type": "Ready", "status": "True"}]}}`:                                                         "",
		`{"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Pending", "message": "waiting for DNS"}]}}`:     "Pending: waiting for DNS",
		`{"metadata": {"generation": 2}, "status": {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}}`: "latest change",
		`{"metadata": {"generation": 2}, "status": {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 2}]}}`: "",
	} {
		o := objectOf(t, "Certificate", text)
		text, err := json.Marshal(o.Object) // with whole numbers, as the server's
		if err != nil {
			t.Fatal(err)
		}
		fields, err := decodeJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := issuing(&kube.Object{Object: fields}); (says == "") != (got == "") || !strings.Contains(got, says) {
			t.Errorf("%s: %q", text, got)
		}
	}
	if issuing(nil) == "" {
		t.Error("a Certificate that does not exist is issued")
	}
}

func TestAddress(t *testing.T) {
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "services"}, "x", errors.New("no"))
	for name, test := range map[string]struct {
		service string // JSON, or empty for none
		err     error
		rules   Rules
		dns     string
		says    string
	}{
		"an address":         {`{"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}`, nil, Rules{}, "192.0.2.1", ""},
		"a host name":        {`{"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}`, nil, Rules{}, "lb.example.com", ""},
		"none yet":           {`{"spec": {"type": "LoadBalancer"}}`, nil, Rules{}, "", "has no address of a load balancer yet"},
		"none ever":          {`{"spec": {"type": "NodePort"}}`, nil, Rules{}, "", "its type is NodePort"},
		"no Service":         {"", nil, Rules{}, "", "ingress.gateway_service"},
		"no permission":      {"", forbidden, Rules{}, "", "no permission"},
		"Gateways of choice": {`{"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}`, nil, Rules{Gateways: []string{"a/b"}}, "", "Gateways of its own choice"},
		"internal":           {"", forbidden, Rules{Scope: scopeInternal}, here.ingress.LocalGatewayHost, ""},
	} {
		o := &observed{rules: &test.rules}
		err := o.observeAddress(t.Context(), func(_ context.Context, kind kube.Kind, namespace, name string) (*kube.Object, error) {
			if kind != services || namespace+"/"+name != here.ingress.GatewayService {
				t.Errorf("%s %s/%s is read", kind.Name, namespace, name)
			}
			if test.service == "" {
				return nil, test.err
			}
			return objectOf(t, "Service", test.service), test.err
		}, here)
		if err != nil || o.dns != test.dns || !strings.Contains(o.dnsMessage, test.says) || (test.says == "") != (o.dnsMessage == "") {
			t.Errorf("%s: %q, %q, %v", name, o.dns, o.dnsMessage, err)
		}
	}
}

// Names of Gateways are labels, and those of two domains never the same.
func TestGatewayName(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"shop", "shop.example.com", "shop-example.com", "shop-example-com", strings.Repeat("a.", 100) + "com", strings.Repeat("a.", 101) + "com"} {
		got := place{name: name}.gateway()
		if len(got) > 63 || strings.Contains(got, ".") || seen[got] != "" {
			t.Errorf("%s is named %s, as %q is", name, got, seen[got])
		}
		seen[got] = name
	}
}

// What an analysis of Istio says, where it is switched on, is the domain's problem.
func TestAnalysis(t *testing.T) {
	o := &observed{root: objectOf(t, "VirtualService", `{"status": {"validationMessages": [
		{"level": "WARNING", "type": {"code": "IST0000"}},
		{"level": "ERROR", "type": {"code": "IST0101", "name": "ReferencedResourceNotFound"}, "documentationUrl": "https://istio.io"}]}}`)}
	if got := o.problem(); !strings.Contains(got, "IST0101 ReferencedResourceNotFound") {
		t.Errorf("got %q", got)
	}
	o = &observed{root: objectOf(t, "VirtualService", `{}`)}
	if got := o.problem(); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
