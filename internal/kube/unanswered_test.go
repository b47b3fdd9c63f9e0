package kube

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// A request that is not answered, or only begun to be, ends; a watch goes on.
func TestUnanswered(t *testing.T) {
	const limit = 200 * time.Millisecond
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.RawQuery, "watch"):
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(2 * limit):
			case <-r.Context().Done():
				return
			}
			_, _ = io.WriteString(w, "event")
			return
		case r.URL.Path == "/quick":
			_, _ = io.WriteString(w, "answer")
			return
		case r.URL.Path == "/half":
			_, _ = io.WriteString(w, "ans")
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	client := &http.Client{Transport: boundAnswers{server.Client().Transport, limit}}
	for path, want := range map[string]string{"/quick": "answer", "/watching?watch=true": "event", "/never": "", "/half": ""} {
		response, err := client.Get(server.URL + path)
		var text []byte
		if err == nil {
			text, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		var lost *noAnswerError
		switch {
		case want != "" && (err != nil || string(text) != want):
			t.Errorf("%s: %q, %v", path, text, err)
		case want == "" && !errors.As(err, &lost):
			t.Errorf("%s: no answer, and yet %q, %v", path, text, err)
		case want == "":
			wrapped := &url.Error{Op: "Get", URL: server.URL, Err: lost}
			if problem := Diagnose(wrapped); problem.Summary != "the server does not answer" || !IsTransient(wrapped) {
				t.Errorf("it is told as %+v, and passes: %t", problem, IsTransient(wrapped))
			}
		}
	}
}

// An answer that broke off is told as that, and passes.
func TestBrokenOff(t *testing.T) {
	for _, err := range []error{http2.StreamError{StreamID: 3, Code: http2.ErrCodeInternal}, io.ErrUnexpectedEOF} {
		body := fmt.Errorf("unexpected error when reading response body: %w", err)
		for _, err := range []error{body, &url.Error{Op: "Get", URL: "https://user:secret@api.example/x", Err: err}} {
			problem := Diagnose(err)
			if problem.Summary != "the server ended the connection" || strings.Contains(problem.Detail, "secret") || !IsTransient(err) {
				t.Errorf("%v is told as %+v, and passes: %t", err, problem, IsTransient(err))
			}
		}
	}
}
