package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// answerTime bounds a request other than a watch. An API server gives up after a
// minute by itself (--request-timeout); what takes longer has been lost on the
// way, by a load balancer, a webhook's proxy or a dead server, and is answered
// never. Without a bound a plan, which has no time limit of its own, would hang.
const answerTime = 70 * time.Second

// noAnswerError says that a request was sent, and answered not at all or in part.
type noAnswerError struct{ limit time.Duration }

func (e *noAnswerError) Error() string   { return fmt.Sprintf("no answer within %s", e.limit) }
func (e *noAnswerError) Timeout() bool   { return true }
func (e *noAnswerError) Temporary() bool { return true }

// boundAnswers ends requests that are not answered in time.
type boundAnswers struct {
	base  http.RoundTripper
	limit time.Duration
}

// WrappedRoundTripper lets client-go find the transport inside.
func (b boundAnswers) WrappedRoundTripper() http.RoundTripper { return b.base }

// RoundTrip implements http.RoundTripper.
func (b boundAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Query().Get("watch") != "" {
		return b.base.RoundTrip(request)
	}
	lost := &noAnswerError{b.limit}
	ctx, cancel := context.WithTimeoutCause(request.Context(), b.limit, lost)
	response, err := b.base.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, causeOf(ctx, err, lost)
	}
	response.Body = &boundBody{ReadCloser: response.Body, ctx: ctx, cancel: cancel, lost: lost}
	return response, nil
}

// causeOf is lost for an error that comes of the time that is over.
func causeOf(ctx context.Context, err error, lost *noAnswerError) error {
	if err != nil && !errors.Is(err, io.EOF) && errors.Is(context.Cause(ctx), lost) {
		return lost
	}
	return err
}

// boundBody is an answer's body, which has to come in time too.
type boundBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelFunc
	lost   *noAnswerError
}

func (b *boundBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	return n, causeOf(b.ctx, err, b.lost)
}

func (b *boundBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
