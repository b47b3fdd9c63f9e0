package acctest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// answerTime is how long the platform may take until a request is answered as
// it should be: a cold start, or a route on its way to the gateway.
const answerTime = time.Minute

// Answer is what came back through the gateway.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

func (a Answer) String() string { return fmt.Sprintf("%d %q", a.Status, a.Body) }

// Get sends a request for address, such as an application's url, through the
// platform's gateway. headers are pairs of name and value.
func Get(t testing.TB, address string, headers ...string) Answer {
	t.Helper()
	answer, err := get(t.Context(), Gateway(t), address, headers)
	if err != nil {
		t.Fatalf("requesting %s: %s", address, err)
	}
	return answer
}

// GetUntil sends requests for address through the platform's gateway until
// accept returns nil for the answer, which it returns. It fails the test with
// accept's last error if that takes more than a minute.
func GetUntil(t testing.TB, address string, accept func(Answer) error, headers ...string) Answer {
	t.Helper()
	return getUntil(t, Gateway(t), address, accept, headers)
}

func getUntil(t testing.TB, base, address string, accept func(Answer) error, headers []string) Answer {
	t.Helper()
	var answer Answer
	Eventually(t, answerTime, func(ctx context.Context) error {
		var err error
		if answer, err = get(ctx, base, address, headers); err != nil {
			return err
		}
		if err := accept(answer); err != nil {
			return fmt.Errorf("%s answers %s: %w", address, answer, err)
		}
		return nil
	})
	return answer
}

// OK accepts the status 200.
func OK(answer Answer) error {
	if answer.Status != http.StatusOK {
		return fmt.Errorf("status is not %d", http.StatusOK)
	}
	return nil
}

// Gateway returns the URL of the platform's gateway, or skips the test.
func Gateway(t testing.TB) string {
	t.Helper()
	return variable(t, "SLS_GATEWAY", "the address of the platform's gateway, such as http://203.0.113.7")
}

// TLSGateway returns the address of the platform's gateway for TLS, as host:port.
func TLSGateway(t testing.TB) string {
	t.Helper()
	return variable(t, "SLS_GATEWAY_TLS", "the address of the platform's gateway for TLS, such as 203.0.113.7:443")
}

// client follows no redirect and keeps no connection: each request is one of a
// caller of its own.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       answerTime,
}

// get sends the request for address to the gateway, with the host of address.
func get(ctx context.Context, gateway, address string, headers []string) (Answer, error) {
	if len(headers)%2 != 0 {
		return Answer{}, fmt.Errorf("a header without a value: %v", headers)
	}
	target, err := url.Parse(address)
	if err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway+target.RequestURI(), nil)
	if err != nil {
		return Answer{}, err
	}
	request.Host = target.Host
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	body, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err == nil {
		err = closeErr
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}, err
}
