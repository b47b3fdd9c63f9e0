package kube

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"

	"golang.org/x/net/http2"
)

// diagnoseNetwork explains a request that got no answer.
func diagnoseNetwork(err error) (Problem, bool) {
	server := serverOf(err)
	for _, diagnose := range []func(error, string) (Problem, bool){
		diagnoseProxy, diagnoseCertificate, diagnoseTLS, diagnoseDial, diagnoseLostConnection,
	} {
		if problem, ok := diagnose(err, server); ok {
			return problem, true
		}
	}
	return Problem{}, false
}

// serverOf returns the host and port that a failed request was for. The rest of
// the URL is of no use to the reader, and may hold a user name and password.
func serverOf(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		if parsed, parseErr := url.Parse(failed.URL); parseErr == nil && parsed.Host != "" {
			return parsed.Host
		}
	}
	return "the API server"
}

func diagnoseProxy(err error, server string) (Problem, bool) {
	var operation *net.OpError
	if !errors.As(err, &operation) || operation.Op != "proxyconnect" {
		return Problem{}, false
	}
	return Problem{
		Summary: "the proxy cannot be reached",
		Detail: paragraphs(fmt.Sprintf("The proxy on the way to %s: %s", server, operation.Err),
			"Check proxy_url (KUBE_PROXY_URL, or the kubeconfig's proxy-url), or HTTPS_PROXY and NO_PROXY"),
	}, true
}

func diagnoseCertificate(err error, server string) (Problem, bool) {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &authority):
		return Problem{
			Summary: "the server's certificate is not trusted",
			Detail: paragraphs(fmt.Sprintf("%s shows a certificate that is not signed by the expected authority: %s", server, authority),
				"Set cluster_ca_certificate to this cluster's CA certificate, or get a fresh kubeconfig: "+
					"the cluster may have been made anew under the same address. Make sure that the address is your cluster's"),
		}, true
	case errors.As(err, &hostname):
		return Problem{
			Summary: "the server's certificate is for another name",
			Detail: paragraphs(fmt.Sprintf("%s: %s", server, hostname),
				"Use one of the certificate's names as host, or set tls_server_name to one, as for a tunnel"),
		}, true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Problem{
			Summary: "the server's certificate is out of date",
			Detail: paragraphs(fmt.Sprintf("%s: %s", server, invalid),
				"Compare this machine's clock with the dates, and renew the API server's certificate"),
		}, true
	case errors.As(err, &invalid):
		return Problem{
			Summary: "the server's certificate is not valid",
			Detail:  paragraphs(fmt.Sprintf("%s: %s", server, invalid), "Set cluster_ca_certificate to this cluster's CA certificate"),
		}, true
	}
	return Problem{}, false
}

func diagnoseTLS(err error, server string) (Problem, bool) {
	var (
		operation *net.OpError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &operation) && operation.Op == "remote error": // a TLS alert
		return Problem{
			Summary: "the server refused the TLS connection",
			Detail: paragraphs(fmt.Sprintf("%s: %s", server, operation.Err),
				"If you use a client certificate, it may have expired or be another cluster's: get a fresh one"),
		}, true
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return Problem{
			Summary: "the server does not speak TLS",
			Detail: paragraphs(fmt.Sprintf("%s answers in plain HTTP", server),
				"Check host and its port. A server without TLS, such as kubectl proxy, needs http:// in host"),
		}, true
	}
	return Problem{}, false
}

func diagnoseDial(err error, server string) (Problem, bool) {
	var (
		name      *net.DNSError
		operation *net.OpError
	)
	const reach = "Check the address and that the cluster is up. Is it reached by a VPN, a tunnel or a proxy (proxy_url)?"
	switch {
	case errors.As(err, &name):
		return Problem{
			Summary: "the server's name is not found",
			Detail:  paragraphs(fmt.Sprintf("%q cannot be resolved: %s", name.Name, name.Err), reach),
		}, true
	case errors.Is(err, syscall.ECONNREFUSED):
		return Problem{
			Summary: "the server refuses connections",
			Detail: paragraphs(fmt.Sprintf("Nothing listens at %s", server),
				"Check the address and the port, and that the cluster is up"),
		}, true
	case errors.As(err, &operation) && operation.Op == "dial":
		what := fmt.Sprintf("No connection to %s: %s", server, operation.Err)
		if operation.Timeout() {
			what = fmt.Sprintf("%s did not answer in %s", server, dialTimeout)
		}
		return Problem{Summary: "the server cannot be reached", Detail: paragraphs(what, reach)}, true
	}
	return Problem{}, false
}

// diagnoseLostConnection explains a connection that was made and then failed.
func diagnoseLostConnection(err error, server string) (Problem, bool) {
	var (
		stream http2.StreamError
		failed *url.Error
		lost   *noAnswerError
	)
	const restarting = "The API server may be restarting, or a proxy on the way have ended the connection. Apply again"
	switch isRequest := errors.As(err, &failed); {
	case !isRequest && (errors.As(err, &stream) || errors.Is(err, io.ErrUnexpectedEOF)):
		return Problem{
			Summary: "the server ended the connection",
			Detail:  paragraphs(fmt.Sprintf("%s ended the connection in the midst of an answer: %s", server, err), restarting),
		}, true
	case !isRequest && errors.As(err, &lost):
		return Problem{
			Summary: "the server does not answer",
			Detail:  paragraphs(fmt.Sprintf("%s began an answer and did not end it: %s", server, lost), "Check the way to it: a proxy, a VPN, a load balancer. Then apply again"),
		}, true
	case !isRequest:
		return Problem{}, false
	}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(failed.Err, context.DeadlineExceeded), errors.Is(failed.Err, context.Canceled):
		return Problem{}, false
	case errors.As(failed.Err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return Problem{
			Summary: "the server does not answer",
			Detail: paragraphs(fmt.Sprintf("%s accepted the connection and then said nothing: %s", server, failed.Err),
				"Check that the address is an API server's and not only a load balancer without one behind it"),
		}, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &stream):
		return Problem{
			Summary: "the server ended the connection",
			Detail: paragraphs(fmt.Sprintf("%s ended the connection without an answer: %s", server, failed.Err),
				"The API server may be restarting, or the address be another service's. Try again, and check the address if that does not help"),
		}, true
	}
	return Problem{
		Summary: "the request got no answer",
		Detail:  paragraphs(fmt.Sprintf("%s: %s", server, failed.Err), "Try again, and check the address and the credential if that does not help"),
	}, true
}
