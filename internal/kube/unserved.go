package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// nameUnserved gives the API server's answer for a kind that it does not serve
// the words that it lacks. The answer is plain text, of which client-go's
// dynamic client makes an error that names nothing: neither what is missing,
// nor that it was an API server that said so.
type nameUnserved struct {
	base http.RoundTripper
}

// WrappedRoundTripper lets client-go find the transport inside.
func (n nameUnserved) WrappedRoundTripper() http.RoundTripper { return n.base }

// RoundTrip implements http.RoundTripper.
func (n nameUnserved) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := n.base.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusNotFound || !isPlainAnswerOfAPIServer(response) {
		return response, err
	}
	resource, ok := resourceInPath(request.URL.Path)
	if !ok {
		return response, nil
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	// No name: it is not the object that was not found.
	status := apierrors.NewGenericServerResponse(response.StatusCode, request.Method, resource, "", strings.TrimSpace(string(text)), 0, true).Status()
	status.APIVersion, status.Kind = "v1", "Status"
	body, err := json.Marshal(status)
	if err != nil {
		return nil, err
	}
	response.Header.Set("Content-Type", "application/json")
	response.Header.Del("Content-Length")
	response.ContentLength = int64(len(body))
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// isPlainAnswerOfAPIServer reports whether an API server answered, but not with
// a Status. An API server gives every request an audit ID; another web server,
// at a mistyped address, does not.
func isPlainAnswerOfAPIServer(response *http.Response) bool {
	mediaType, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return err == nil && mediaType == "text/plain" && response.Header.Get("Audit-Id") != ""
}

// resourceInPath returns the resource that a path of an API group is about:
// …/apis/GROUP/VERSION[/namespaces/NAMESPACE]/RESOURCE[/…].
func resourceInPath(path string) (schema.GroupResource, bool) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	apis := slices.Index(segments, "apis")
	if apis < 0 || len(segments) < apis+4 {
		return schema.GroupResource{}, false
	}
	group, rest := segments[apis+1], segments[apis+3:]
	if rest[0] == "namespaces" && len(rest) >= 3 {
		rest = rest[2:]
	}
	return schema.GroupResource{Group: group, Resource: rest[0]}, true
}
