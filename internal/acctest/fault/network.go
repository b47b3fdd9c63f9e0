package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// network is a toxiproxy with one proxy in it.
type network struct {
	api     string // URL of what it is told by
	address string // where it listens for the provider
}

const proxyName = "apiserver"

// newNetwork starts a toxiproxy before an address, for the rest of the test.
func newNetwork(t testing.TB, upstream string) *network {
	t.Helper()
	api := freeAddress(t)
	n := &network{api: "http://" + api}
	command := exec.Command(acctest.ClientProgram(t, "toxiproxy"), api)
	// It ends with its input, however the test ends.
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	command.Stderr = &log
	if err := command.Start(); err != nil {
		t.Fatalf("starting toxiproxy: %s", err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = command.Wait()
	})
	var created struct{ Listen string }
	var last error
	err = wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 30*time.Second, true, func(context.Context) (bool, error) {
		last = n.call(http.MethodPost, "/proxies", map[string]any{
			"name": proxyName, "listen": "127.0.0.1:0", "upstream": upstream, "enabled": true,
		}, &created)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("toxiproxy does not begin: %s: %v\n%s", err, last, log.String())
	}
	n.address = created.Listen
	return n
}

// call sends toxiproxy a request of its API.
func (n *network) call(method, path string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, n.api+path, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("toxiproxy: %s %s: %d %s", method, path, response.StatusCode, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// heal takes all toxics away, and lets connections in again.
func (n *network) heal() error { return n.call(http.MethodPost, "/reset", nil, nil) }

// add adds a toxic to what goes to the provider.
func (n *network) add(kind string, attributes map[string]any) error {
	return n.call(http.MethodPost, "/proxies/"+proxyName+"/toxics",
		map[string]any{"name": kind, "type": kind, "stream": "downstream", "toxicity": 1, "attributes": attributes}, nil)
}

// toxic spoils the network for a whole run.
func toxic(kind string, attributes map[string]any) func(*Proxy) error {
	return func(p *Proxy) error { return p.network.add(kind, attributes) }
}

// spoil spoils the network at a request, of which nothing more is heard.
func spoil(kind string, attributes map[string]any) strike {
	return func(w http.ResponseWriter, r *http.Request, p *Proxy) {
		// The second request that it strikes finds the toxic there already.
		_ = p.network.add(kind, attributes)
		p.pass(w, r)
	}
}

// down closes the port and every connection.
func down(w http.ResponseWriter, r *http.Request, p *Proxy) {
	_ = p.network.call(http.MethodPost, "/proxies/"+proxyName, map[string]any{"enabled": false}, nil)
	p.pass(w, r)
}

// freeAddress returns an address that nobody listens at.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
