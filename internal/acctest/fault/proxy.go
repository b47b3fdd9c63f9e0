// Package fault stands between the provider and an API server, and spoils what goes between them as a test asks: the
// HTTP by itself, the network by toxiproxy, which stands before it.
//
//	provider ── toxiproxy ── Proxy ── API server
//
// Everything happens at a request, the n-th of a run or the first after a write, and so it can be repeated: nothing
// goes by the clock.
package fault

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Request is what a fault may go by.
type Request struct {
	Write    bool
	Watch    bool
	Resource string // as in the path: services, or services/status
	Name     string // empty for a list or a watch
}

// newRequest reads a request as the API server does.
func newRequest(r *http.Request) Request {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		parts = parts[3:]
	default:
		parts = nil // /version
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		parts = parts[2:]
	}
	request := Request{
		Write: !slices.Contains([]string{http.MethodGet, http.MethodHead}, r.Method) && r.URL.Query().Get("dryRun") == "",
		Watch: r.URL.Query().Get("watch") != "",
	}
	if len(parts) > 0 {
		request.Resource = parts[0]
	}
	if len(parts) > 1 {
		request.Name = parts[1]
	}
	if len(parts) > 2 {
		request.Resource += "/" + strings.Join(parts[2:], "/")
	}
	return request
}

// Plan says when a fault strikes, and for how long.
type Plan struct {
	Fault Fault
	// Skip is how many requests go through before.
	Skip int
	// AfterWrite counts from the first write that was answered, instead of from
	// the first request: the time of a wait.
	AfterWrite bool
	// Times is how many requests it strikes; 0: all until it is lifted.
	Times int
}

// Proxy passes requests on to an API server, but for those that a fault strikes.
// It is safe for concurrent use.
type Proxy struct {
	network  *network
	upstream *httputil.ReverseProxy
	pki      *pki

	mu       sync.Mutex
	plan     *Plan
	requests []logged // of the run
	counted  int      // of them, those that the plan counts
	written  bool     // a write of the run was answered
	struck   int
}

// Start starts a proxy before the API server that a kubeconfig names, for the
// rest of the test. Kubeconfig makes one that leads to it.
func Start(t testing.TB, kubeconfig string) *Proxy {
	t.Helper()
	loaded, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatalf("reading the kubeconfig: %s", err)
	}
	cluster := loaded.Clusters[loaded.Contexts[loaded.CurrentContext].Cluster]
	target, err := url.Parse(cluster.Server)
	if err != nil {
		t.Fatalf("the kubeconfig's server: %s", err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(cluster.CertificateAuthorityData)

	p := &Proxy{}
	p.upstream = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: authorities, ServerName: cluster.TLSServerName},
			ForceAttemptHTTP2: true,
		},
		FlushInterval: -1, // a watch's events are not held back
		// What the proxy can't reach, the provider can't either; it is told by
		// the connection, not by an answer of the proxy's.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	if p.pki, err = newPKI(); err != nil {
		t.Fatalf("making the proxy's certificates: %s", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:   p,
		TLSConfig: &tls.Config{GetCertificate: p.pki.certificate, NextProtos: []string{"h2", "http/1.1"}},
		ErrorLog:  discard, // broken connections are what it is for
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.ServeTLS(listener, "", "")
	}()
	t.Cleanup(func() { _ = server.Close(); <-served })
	p.network = newNetwork(t, listener.Addr().String())
	return p
}

// Kubeconfig writes a kubeconfig like the given one that leads through the proxy.
func (p *Proxy) Kubeconfig(t testing.TB, like, path string) {
	t.Helper()
	config, err := clientcmd.LoadFromFile(like)
	if err != nil {
		t.Fatal(err)
	}
	config.Clusters[config.Contexts[config.CurrentContext].Cluster] = &clientcmdapi.Cluster{
		Server: "https://" + p.network.address, CertificateAuthorityData: p.pki.authority,
	}
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
}

// Begin begins a run of Terraform: requests are counted anew, and the plan holds
// for it. Without a plan all requests go through.
func (p *Proxy) Begin(plan *Plan) error {
	if err := p.End(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.requests, p.counted, p.written, p.struck = plan, nil, 0, false, 0
	if plan != nil && plan.Fault.atStart != nil {
		p.struck++
		return plan.Fault.atStart(p)
	}
	return nil
}

// End lifts the fault.
func (p *Proxy) End() error {
	p.mu.Lock()
	p.plan = nil
	p.mu.Unlock()
	p.pki.use(p.pki.good)
	return p.network.heal()
}

// Log are the requests since Begin.
func (p *Proxy) Log() Log {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// Log are the requests of a run, in their order.
type Log []logged

type logged struct {
	Request
	afterWrite bool
}

// Chances is how many of the requests a fault could strike; afterWrite counts
// those of the wait alone.
func (l Log) Chances(f Fault, afterWrite bool) int {
	n := 0
	for _, request := range l {
		if (!afterWrite || request.afterWrite) && (f.about == nil || f.about(request.Request)) {
			n++
		}
	}
	return n
}

// Struck is how many of them the fault has struck.
func (p *Proxy) Struck() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.struck
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := newRequest(r)
	if strike := p.strikes(request); strike != nil {
		strike(w, r, p)
	} else {
		p.pass(w, r)
	}
	if request.Write {
		p.mu.Lock()
		p.written = true
		p.mu.Unlock()
	}
}

// pass passes the request on.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) { p.upstream.ServeHTTP(w, r) }

// strikes returns what to do to the request, or nil.
func (p *Proxy) strikes(request Request) strike {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, logged{request, p.written})
	plan := p.plan
	if plan == nil || plan.Fault.strike == nil || (plan.AfterWrite && !p.written) {
		return nil
	}
	if plan.Fault.about != nil && !plan.Fault.about(request) {
		return nil
	}
	p.counted++
	if p.counted <= plan.Skip || (plan.Times > 0 && p.struck >= plan.Times) {
		return nil
	}
	p.struck++
	return plan.Fault.strike
}

// WholeRun reports whether the fault can only be there from a run's first request
// to its end.
func (f Fault) WholeRun() bool { return f.atStart != nil }

// String names the plan, for whoever repeats it.
func (p *Plan) String() string {
	if p.Fault.WholeRun() {
		return p.Fault.Name + " during the whole run"
	}
	from := "request"
	if p.AfterWrite {
		from = "request after the first write"
	}
	long := "for good"
	if p.Times > 0 {
		long = fmt.Sprintf("%d times", p.Times)
	}
	return fmt.Sprintf("%s from the %s %d on, %s", p.Fault.Name, from, p.Skip+1, long)
}
