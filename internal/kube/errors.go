package kube

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"golang.org/x/net/http2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// IsObjectNotFound reports whether the server knows the kind and has no object
// of that name. A kind that the server does not serve also answers 404, but is
// no proof that an object is gone: a state that forgot its objects because a
// CRD was away for a moment would orphan them.
func IsObjectNotFound(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	if details == nil || details.Name == "" {
		return false
	}
	for _, cause := range details.Causes {
		if cause.Type == metav1.CauseTypeUnexpectedServerResponse {
			return false
		}
	}
	return true
}

// IsTransient reports whether the same request may well succeed a moment later:
// the server is away, overloaded or behind. Whether the caller's own time is
// over, the caller looks first: a time limit on connecting can't be told from it
// by the error.
func IsTransient(err error) bool {
	var (
		operation   *net.OpError
		stream      http2.StreamError
		certificate *tls.CertificateVerificationError
		credential  *CredentialError
		network     net.Error
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &certificate), errors.As(err, &credential):
		return false // also in a *url.Error, which counts as a net.Error
	case errors.As(err, &operation):
		return operation.Op != "remote error" // a TLS alert
	case errors.Is(err, context.DeadlineExceeded):
		return false
	}
	return apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err) ||
		errors.As(err, &network) || errors.As(err, &stream) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
