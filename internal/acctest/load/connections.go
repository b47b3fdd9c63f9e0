package load

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// connections sends every request to the gateway, on a connection of its own
// or on one that is kept, and with its target's cookies.
type connections struct {
	kept, fresh *http.Transport
	targets     []Target
}

func newConnections(gateway string, targets []Target) (*connections, error) {
	address, err := url.Parse(gateway)
	if err != nil {
		return nil, err
	}
	if address.Host == "" {
		return nil, fmt.Errorf("the gateway is a URL such as http://203.0.113.7, not %q", gateway)
	}
	host := address.Host
	if address.Port() == "" {
		host = net.JoinHostPort(address.Hostname(), map[string]string{"https": "443"}[address.Scheme])
		if address.Scheme != "https" {
			host = net.JoinHostPort(address.Hostname(), "80")
		}
	}
	for i, target := range targets {
		parsed, err := url.Parse(target.URL)
		if err != nil {
			return nil, err
		}
		if parsed.Host == "" || parsed.Fragment != "" {
			return nil, fmt.Errorf("target %d: a URL with a host and without a fragment, please: %q", i, target.URL)
		}
	}
	transport := func(keep bool) *http.Transport {
		dialer := &net.Dialer{Timeout: 10 * time.Second}
		return &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, host)
			},
			DisableKeepAlives:   !keep,
			MaxIdleConnsPerHost: 1000, // few would make most connections new ones
		}
	}
	return &connections{kept: transport(true), fresh: transport(false), targets: targets}, nil
}

// RoundTrip implements http.RoundTripper.
func (c *connections) RoundTrip(request *http.Request) (*http.Response, error) {
	mark, err := parseMark(request.URL.Fragment)
	if err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	request.Header.Del("X-Vegeta-Seq")
	jar := c.targets[mark.target].Jar
	if jar != nil {
		for _, cookie := range jar.Cookies(request.URL) {
			request.AddCookie(cookie)
		}
	}
	transport := c.kept
	if mark.fresh {
		transport = c.fresh
	}
	response, err := transport.RoundTrip(request)
	if err == nil && jar != nil {
		jar.SetCookies(request.URL, response.Cookies())
	}
	return response, err
}

func (c *connections) close() {
	c.kept.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}
