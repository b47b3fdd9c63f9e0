package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Answer is what the program tells about itself and the request.
type Answer struct {
	Version  string      `json:"version"`
	Revision string      `json:"revision"`
	Pod      string      `json:"pod"`
	Greeting string      `json:"greeting,omitempty"`
	Protocol string      `json:"protocol"`
	Method   string      `json:"method"`
	Host     string      `json:"host"`
	Path     string      `json:"path"`
	Query    string      `json:"query,omitempty"`
	Headers  http.Header `json:"headers"`
}

func (s settings) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.tell)
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/bytes", supply)
	mux.HandleFunc("/ws", echoMessages)
	mux.HandleFunc("/fetch", fetch)
	return s.misbehave(mux)
}

// misbehave delays and refuses as the settings and the request ask.
func (s settings) misbehave(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Hello-Version", version)
		w.Header().Set("X-Hello-Revision", s.revision)
		if s.neverReady {
			http.Error(w, "never ready, as told", http.StatusServiceUnavailable)
			return
		}
		delay := s.delay
		if text := r.URL.Query().Get("sleep"); text != "" {
			d, err := time.ParseDuration(text)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			delay = d
		}
		select {
		case <-time.After(delay):
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

func (s settings) tell(w http.ResponseWriter, r *http.Request) {
	status := http.StatusOK
	if text := r.URL.Query().Get("status"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 200 || n > 599 {
			http.Error(w, "status: a number from 200 to 599, please", http.StatusBadRequest)
			return
		}
		status = n
	}
	pod, _ := os.Hostname() // empty says it as well
	a := Answer{
		Version: version, Revision: s.revision, Pod: pod, Greeting: s.greeting, Protocol: r.Proto,
		Method: r.Method, Host: r.Host, Path: r.URL.Path, Query: r.URL.RawQuery, Headers: r.Header,
	}
	if r.URL.Query().Get("format") == "text" || strings.HasPrefix(r.Header.Get("Accept"), "text/plain") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, "hello version=%s revision=%s host=%s path=%s greeting=%q\n", a.Version, a.Revision, a.Host, a.Path, a.Greeting)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // the client has gone: nobody to tell
}

// echo streams: a body of any size passes through.
func echo(w http.ResponseWriter, r *http.Request) {
	// Without it, HTTP/1.1 reads the whole body before the first write.
	_ = http.NewResponseController(w).EnableFullDuplex()
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.Copy(w, r.Body)
}

// maxBytes keeps a slip of the finger from filling a disk.
const maxBytes = 1 << 30

func supply(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.URL.Query().Get("n"), 10, 64)
	if err != nil || n < 0 || n > maxBytes {
		http.Error(w, fmt.Sprintf("n: a number from 0 to %d, please", maxBytes), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	_, _ = io.CopyN(w, letters{}, n)
}

// letters is an endless supply.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a' + byte(i%26)
	}
	return len(p), nil
}
