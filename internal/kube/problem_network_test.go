package kube

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// ask sends a request as the provider does, and returns its error.
func ask(ctx context.Context, t *testing.T, connection Connection) error {
	t.Helper()
	client, err := corev1.NewForConfig(connection.mustResolve(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Namespaces().Get(ctx, "default", metav1.GetOptions{})
	if err == nil {
		t.Fatal("the request succeeded")
	}
	return err
}

// serve answers every TLS connection with a certificate for example.com that
// ends at notAfter.
func serve(t *testing.T, notAfter time.Time, clientCAs *x509.CertPool) (address string, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: notAfter, DNSNames: []string{"example.com"},
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes are to fail
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	if clientCAs != nil {
		server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, clientCAs
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), toPEM(der)
}

func TestDiagnoseNetwork(t *testing.T) {
	valid := time.Now().Add(time.Hour)
	address, authority := serve(t, valid, nil)
	expired, expiredAuthority := serve(t, time.Now().Add(-time.Hour), nil)
	mutual, mutualAuthority := serve(t, valid, x509.NewCertPool())
	certificate, key := keyPair(t)

	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)

	closed := httptest.NewServer(http.NotFoundHandler())
	refused := closed.Listener.Addr().String()
	closed.Close()

	for name, test := range map[string]struct {
		connection Connection
		summary    string
		detail     string
	}{
		"unknown authority":  {Connection{Host: address, TLSServerName: "example.com"}, "the server's certificate is not trusted", "cluster_ca_certificate"},
		"another name":       {Connection{Host: address, CACertificate: authority}, "the server's certificate is for another name", "tls_server_name"},
		"expired":            {Connection{Host: expired, CACertificate: expiredAuthority, TLSServerName: "example.com"}, "the server's certificate is out of date", "clock"},
		"plain HTTP":         {Connection{Host: "https://" + plain.Listener.Addr().String()}, "the server does not speak TLS", "http://"},
		"client certificate": {Connection{Host: mutual, CACertificate: mutualAuthority, TLSServerName: "example.com", ClientCertificate: certificate, ClientKey: key}, "the server refused the TLS connection", "client certificate"},
		"refused":            {Connection{Host: refused}, "the server refuses connections", refused},
		"no such name":       {Connection{Host: "https://no-such-host.invalid"}, "the server's name is not found", "no-such-host.invalid"},
		"proxy away":         {Connection{Host: "https://api.example", ProxyURL: "http://" + refused}, "the proxy cannot be reached", "proxy_url"},
	} {
		t.Run(name, func(t *testing.T) {
			err := ask(t.Context(), t, test.connection)
			problem := Diagnose(err)
			if problem.Summary != test.summary {
				t.Fatalf("summary is %q, want %q, for %v", problem.Summary, test.summary, err)
			}
			if !strings.Contains(problem.Detail, test.detail) {
				t.Errorf("detail lacks %q:\n%s", test.detail, problem.Detail)
			}
		})
	}
}

// A silent network is not the same as a caller's time that is up, although Go
// calls both a context.DeadlineExceeded.
func TestDiagnoseTimeouts(t *testing.T) {
	dial := &url.Error{Op: "Get", URL: "https://user:secret@10.255.255.1:6443/api", Err: dialError(t)}
	if !errors.Is(dial, context.DeadlineExceeded) {
		t.Fatal("the premise of this test is gone")
	}
	problem := Diagnose(dial)
	if problem.Summary != "the server cannot be reached" || !strings.Contains(problem.Detail, "10.255.255.1:6443 did not answer in 10s") {
		t.Errorf("a dial that times out: %+v", problem)
	}
	if strings.Contains(problem.Detail, "secret") {
		t.Errorf("a password is in the detail:\n%s", problem.Detail)
	}

	for cause, summary := range map[error]string{
		io.ErrUnexpectedEOF:             "the server ended the connection",
		syscall.ECONNRESET:              "the server ended the connection",
		errors.New("something went by"): "the request got no answer",
	} {
		lost := &url.Error{Op: "Get", URL: "https://user:secret@api.example/api", Err: cause}
		problem := Diagnose(lost)
		if problem.Summary != summary || !strings.Contains(problem.Detail, "api.example") || strings.Contains(problem.Detail, "secret") {
			t.Errorf("%v: %+v", cause, problem)
		}
	}

	silent := listen(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if problem := Diagnose(ask(ctx, t, Connection{Host: "http://" + silent})); problem.Summary != "time is up" {
		t.Errorf("a caller's time that is up: %+v", problem)
	}
}

// dialError is what connecting gives when its time is up.
func dialError(t *testing.T) error {
	t.Helper()
	_, err := (&net.Dialer{Deadline: time.Now().Add(-time.Second)}).DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if err == nil {
		t.Fatal("connected in no time at all")
	}
	return err
}

// listen accepts connections, as far as the kernel does, and never answers.
func listen(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}
