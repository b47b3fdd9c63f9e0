package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/address"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/cgroup"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/confine"
	"github.com/sls-platform/terraform-provider-sls/internal/sandbox/network"
)

// Command is the sandbox's hidden subcommand that calls Serve.
const Command = "registry"

// program names the process in its cgroup.
const program = "registry"

// identity answers with the registry's folder, so that one sandbox does not
// take another's registry for its own.
const identity = "/sandbox"

// Serve serves the registry in dir until ctx ends.
func Serve(ctx context.Context, dir string) error {
	s, err := openStore(dir)
	if err != nil {
		return fmt.Errorf("registry in %s: %w", dir, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/v2/", s)
	mux.HandleFunc(identity, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, dir) })
	server := &http.Server{Addr: address.RegistryEndpoint, Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func room(dir string) confine.Room { return confine.Room{Cgroup: address.RegistryCgroup, Dir: dir} }

// Log is the registry's log.
func Log(dir string) string { return filepath.Join(dir, "registry.log") }

// Up has the registry running on its address.
func Up(ctx context.Context, h cgroup.Hierarchies, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := network.RegistryUp(); err != nil {
		return err
	}
	if err := h.Create(address.RegistryCgroup); err != nil {
		return err
	}
	switch owner, err := Owner(ctx); {
	case err == nil && owner == dir:
		return nil
	case err == nil:
		return fmt.Errorf("%s is served from %s, another sandbox's folder: end that one with its own `down --all`, or use its folder", address.RegistryEndpoint, owner)
	}
	// One that runs but does not answer would be in the way.
	if err := room(dir).Stop(ctx, h, program); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p := confine.Program{Name: program, Path: self, Args: []string{Command, dir}, Log: Log(dir)}
	if _, err := room(dir).Ensure(ctx, h, p); err != nil {
		return err
	}
	return await(ctx, h, dir)
}

func await(ctx context.Context, h cgroup.Hierarchies, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := Owner(ctx); err == nil {
			return nil
		}
		pids, err := room(dir).Processes(h, program)
		if err != nil {
			return err
		}
		if len(pids) == 0 {
			return fmt.Errorf("the registry ended as soon as it was started: see %s", Log(dir))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the registry does not answer at %s: see %s", address.RegistryEndpoint, Log(dir))
		case <-tick.C:
		}
	}
}

// Owner asks the registry for its folder.
func Owner(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address.RegistryEndpoint+identity, nil)
	if err != nil {
		return "", err
	}
	answer, err := client().Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var text [4096]byte
	n, _ := answer.Body.Read(text[:])
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", address.RegistryEndpoint, answer.Status)
	}
	return string(text[:n]), nil
}

// Down ends the registry and takes its address away. Its images stay in dir.
func Down(ctx context.Context, h cgroup.Hierarchies) error {
	if err := h.Kill(ctx, address.RegistryCgroup); err != nil {
		return fmt.Errorf("ending the registry: %w", err)
	}
	if err := h.Remove(ctx, address.RegistryCgroup); err != nil {
		return err
	}
	return network.RegistryDown()
}

// client reaches the registry under its name, which the host's resolver
// doesn't know, and past any proxy of the environment.
func client() *http.Client { return &http.Client{Transport: dialer(address.RegistryEndpoint)} }

func dialer(endpoint string) http.RoundTripper {
	var d net.Dialer
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr == address.Registry {
				addr = endpoint
			}
			return d.DialContext(ctx, network, addr)
		},
		MaxIdleConnsPerHost: 8,
	}
}
