package bench

import (
	"io"
	"net/http"
	"sync"
)

// States keeps states for Terraform's backend "http", by the path of their address. With
// its file, Terraform writes and compares the whole state after each resource, which for
// thousands is most of what it does; a backend gets the state now and then, as teams have
// it.
type States struct {
	mutex  sync.Mutex
	byPath map[string][]byte
}

// ServeHTTP answers Terraform. Nobody shares a state: there is no lock.
func (s *States) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	switch request.Method {
	case http.MethodGet:
		state := s.Get(request.URL.Path)
		if state == nil {
			http.NotFound(answer, request)
			return
		}
		_, _ = answer.Write(state)
	case http.MethodPost:
		state, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		s.Set(request.URL.Path, state)
	default:
		http.Error(answer, "states are read and written", http.StatusMethodNotAllowed)
	}
}

// Get returns a state as it was last written, or nil.
func (s *States) Get(path string) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.byPath[path]
}

// Set writes a state.
func (s *States) Set(path string, state []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.byPath == nil {
		s.byPath = map[string][]byte{}
	}
	s.byPath[path] = state
}
