package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
)

// askedFor begins the headers of a request to /fetch that go on with what it
// fetches.
const askedFor = "X-Fetch-"

// fetch asks another server, so that a test can see what the application sees
// from where it runs. No redirect is followed.
func fetch(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil || target.Host == "" {
		http.Error(w, "url: an absolute URL, please", http.StatusBadRequest)
		return
	}
	request, err := http.NewRequestWithContext(r.Context(), r.Method, target.String(), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	request.ContentLength = r.ContentLength
	for name, values := range r.Header {
		if name, ok := strings.CutPrefix(name, askedFor); ok {
			request.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	// Each time by a connection of its own, without a proxy.
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		w.Header().Set("X-Fetch-Error", err.Error())
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // the client has gone: nobody to tell
}
