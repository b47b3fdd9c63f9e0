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
	"strings"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestIsObjectNotFound(t *testing.T) {
	t.Parallel()
	services := schema.GroupResource{Group: "serving.knative.dev", Resource: "services"}
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":                      {nil, false},
		"no such object":               {apierrors.NewNotFound(services, "web"), true},
		"wrapped":                      {fmt.Errorf("reading: %w", apierrors.NewNotFound(services, "web")), true},
		"no such kind, as text":        {apierrors.NewGenericServerResponse(http.StatusNotFound, "GET", services, "web", "404 page not found", 0, true), false},
		"no such kind, without a name": {apierrors.NewGenericServerResponse(http.StatusNotFound, "GET", services, "", "404 page not found", 0, true), false},
		"a 404 of no object":           {&apierrors.StatusError{ErrStatus: metav1.Status{Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound}}, false},
		"a 404 without a name":         {apierrors.NewNotFound(services, ""), false},
		"gone":                         {apierrors.NewResourceExpired("gone"), false},
		"forbidden":                    {apierrors.NewForbidden(services, "web", errors.New("no")), false},
		"no status":                    {errors.New("services \"web\" not found"), false},
	} {
		if got := IsObjectNotFound(test.err); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// An object that is not there is no error; a kind that is not served is, also
// through client-go.
func TestFindTellsAMissingObjectFromAMissingKind(t *testing.T) {
	t.Parallel()
	api := startAPI(t)
	c := api.open(t)
	if object, err := c.Find(t.Context(), things, "shop", "absent"); object != nil || err != nil {
		t.Errorf("a missing object gives %v, %v", object, err)
	}
	unserved := things
	unserved.Resource = "unserved"
	unserved.Group = "else.example.com"
	if object, err := c.Find(t.Context(), unserved, "shop", "absent"); object != nil || !apierrors.IsNotFound(err) {
		t.Errorf("a missing kind gives %v, %v", object, err)
	}
}

func TestIsTransient(t *testing.T) {
	t.Parallel()
	services := schema.GroupResource{Group: "serving.knative.dev", Resource: "services"}
	request := func(err error) error { return &url.Error{Op: "Get", URL: "https://api", Err: err} }
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":               {nil, false},
		"interrupted":           {request(context.Canceled), false},
		"the caller's time":     {request(context.DeadlineExceeded), false},
		"refused connection":    {request(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), true},
		"dial timeout":          {request(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), true},
		"reset":                 {request(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}), true},
		"cut off":               {request(io.EOF), true},
		"cut off in an answer":  {io.ErrUnexpectedEOF, true},
		"HTTP/2 gave up":        {request(errors.New("http2: client connection lost")), true},
		"untrusted certificate": {request(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), false},
		"TLS alert":             {request(&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}), false},
		"no credential":         {request(&CredentialError{Err: errors.New("exit status 1")}), false},
		"429":                   {apierrors.NewTooManyRequests("slow down", 1), true},
		"500":                   {apierrors.NewInternalError(errors.New("etcd")), true},
		"502 of a proxy":        {apierrors.NewGenericServerResponse(http.StatusBadGateway, "GET", services, "web", "Bad Gateway", 0, true), true},
		"503":                   {apierrors.NewServiceUnavailable("away"), true},
		"504":                   {apierrors.NewTimeoutError("slow", 1), true},
		"server timeout":        {apierrors.NewServerTimeout(services, "get", 1), true},
		"401":                   {apierrors.NewUnauthorized("who?"), false},
		"403":                   {apierrors.NewForbidden(services, "web", errors.New("no")), false},
		"404":                   {apierrors.NewNotFound(services, "web"), false},
		"409":                   {apierrors.NewConflict(services, "web", errors.New("changed")), false},
	} {
		if got := IsTransient(test.err); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// The error of a connection that nobody answers is the net package's own, and
// counts as context.DeadlineExceeded.
func TestADialTimeoutIsTransient(t *testing.T) {
	t.Parallel()
	dialer := &net.Dialer{Deadline: time.Now().Add(-time.Second)}
	_, err := dialer.DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if !errors.Is(err, context.DeadlineExceeded) || !IsTransient(&url.Error{Op: "Get", URL: "https://api", Err: err}) {
		t.Errorf("%v is not", err)
	}
}
