package domain_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	networking "istio.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
)

const internalConfig = `
resource "sls_application" "web" {
  name       = "web"
  namespace  = {{quote .namespace}}
  image      = {{quote .image}}
  visibility = "cluster-local"
  env        = { TARGET = "web" }
}

resource "sls_application" "cart" {
  name       = "cart"
  namespace  = {{quote .namespace}}
  image      = {{quote .image2}}
  visibility = "cluster-local"
  env        = { TARGET = "cart" }
}

# A caller inside the cluster: it fetches what it is asked to.
resource "sls_application" "caller" {
  name      = "caller"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
}

resource "sls_domain" "shop" {
  host      = "web-api.{{.namespace}}.svc.cluster.local"
  namespace = {{quote .namespace}}
  scope     = "internal"
  routes    = [{ application = sls_application.web.name }]
}
`

// A caller inside the cluster resolves an internal domain, by its short name too,
// and gets the rules of the application's traffic; by the application's own name
// it does not. Nobody outside reaches either.
func TestAccDomainInternal(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "web-api." + namespace + ".svc.cluster.local"
	// What sls_revision_traffic writes: here, a rule that leads to the other application.
	makeDelegate(t, namespace, "web", &networking.HTTPRoute{
		Name:  "canary",
		Match: []*networking.HTTPMatchRequest{{Headers: map[string]*networking.StringMatch{"x-canary": {MatchType: &networking.StringMatch_Exact{Exact: "yes"}}}}},
		Route: toHost("cart." + namespace + ".svc.cluster.local"),
	})
	caller := fmt.Sprintf("http://caller.%s.%s/fetch?url=", namespace, acctest.Domain(t))
	inside := func(address string, want told, headers ...string) resource.TestCheckFunc {
		return answers(t, caller+url.QueryEscape(address), want, headers...)
	}
	step := resource.TestStep{
		Config: config(t, namespace, internalConfig, acctest.Values{"image2": acctest.Image(t, "HELLO_V2")}),
		Check: resource.ComposeTestCheckFunc(
			resource.TestCheckResourceAttr(shop, "dns_target", "knative-local-gateway.istio-system.svc.cluster.local"),
			resource.TestCheckResourceAttr(shop, "url", "http://"+host),
			inside("http://"+host+"/a", told{Greeting: "web", Path: "/a", ForwardedHost: host}),
			inside("http://"+host+"/", told{Greeting: "cart"}, "X-Fetch-X-Canary", "yes"),
			inside("http://web-api."+namespace+"/", told{Greeting: "cart"}, "X-Fetch-X-Canary", "yes"),
			inside("http://web-api."+namespace+".svc/", told{Greeting: "web"}),
			inside("http://web."+namespace+".svc.cluster.local/", told{Greeting: "web"}, "X-Fetch-X-Canary", "yes"),
			func(*terraform.State) error {
				answersNot(t, "http://"+host+"/")
				answersNot(t, "http://web."+namespace+"."+acctest.Domain(t)+"/")
				return nil
			},
		),
	}
	lost := resource.TestStep{Config: step.Config, Check: inside("http://"+host+"/", told{Greeting: "web"})}
	lost.PreConfig = func() {
		if err := acctest.OnCluster(t).Core.Services(namespace).Delete(t.Context(), "web-api", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	acctest.Test(t, step, lost)
}

// An internal domain does not take the name of what is there.
func TestAccDomainInternalTaken(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	makeOldService(t, namespace)
	const text = `
resource "sls_domain" "shop" {
  host      = "old.{{.namespace}}.svc.cluster.local"
  namespace = {{quote .namespace}}
  scope     = "internal"
  routes    = [{ application = "web" }]
}
`
	acctest.Test(t, resource.TestStep{
		Config:      config(t, namespace, text),
		ExpectError: acctest.ErrorSays("there is a Service", namespace+"/old already, which this domain did not make"),
	})
	isGone(t, istio(t, "virtualservices", namespace), "old."+namespace+".svc.cluster.local")
}

func toHost(host string) []*networking.HTTPRouteDestination {
	return []*networking.HTTPRouteDestination{{
		Destination: &networking.Destination{Host: "knative-local-gateway.istio-system.svc.cluster.local", Port: &networking.PortSelector{Number: 80}},
		Headers:     &networking.Headers{Request: &networking.Headers_HeaderOperations{Set: map[string]string{":authority": host}}},
	}}
}

// makeDelegate makes the VirtualService that sls_revision_traffic makes for an
// application.
func makeDelegate(t testing.TB, namespace, application string, routes ...*networking.HTTPRoute) {
	t.Helper()
	spec, err := routing.Fields(&networking.VirtualService{Http: routes})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]any{}
	for key, value := range routing.DelegateLabels(application) {
		labels[key] = value
	}
	makeByHand(t, istio(t, "virtualservices", namespace), map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
		"metadata": map[string]any{"namespace": namespace, "name": routing.DelegateName(application), "labels": labels},
		"spec":     spec,
	})
}

// A delegate that is there already is copied for a domain's prefix, its paths
// beneath it; the copy goes with the last domain that needs it.
func TestAccDomainCopiesRules(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	path := func(match *networking.StringMatch) *networking.HTTPRoute {
		return &networking.HTTPRoute{Name: "beta", Match: []*networking.HTTPMatchRequest{{Uri: match}}, Route: toHost("cart." + namespace + ".svc.cluster.local")}
	}
	makeDelegate(t, namespace, "web", path(&networking.StringMatch{MatchType: &networking.StringMatch_Prefix{Prefix: "/beta"}}))
	const domain = `
resource "sls_domain" "{{.name}}" {
  name      = {{quote .name}}
  host      = "{{.name}}.{{.host}}"
  namespace = {{quote .namespace}}
  routes    = [{ application = "web", path_prefix = "/shop", strip_prefix = {{.strip}} }]
}
`
	render := func(name string, strip bool) string {
		return config(t, namespace, domain, acctest.Values{"name": name, "strip": strip})
	}
	apps := config(t, namespace, twoApplications)
	both := resource.TestStep{Config: apps + render("one", true) + render("two", false), Check: resource.ComposeTestCheckFunc(
		answers(t, "http://one."+host+"/shop/beta/1", told{Greeting: "cart", Path: "/beta/1"}),
		answers(t, "http://two."+host+"/shop/beta/1", told{Greeting: "cart", Path: "/shop/beta/1"}),
		answers(t, "http://one."+host+"/shop/x", told{Greeting: "web", Path: "/x"}),
	)}
	one := resource.TestStep{Config: apps + render("one", true), Check: answers(t, "http://one."+host+"/shop/beta/1", told{Greeting: "cart"})}
	none := resource.TestStep{Config: apps}
	regex := resource.TestStep{
		PreConfig: func() {
			isGone(t, istio(t, "virtualservices", namespace), routing.DelegateNameFor("web", "/shop"))
			editByHand(t, istio(t, "virtualservices", namespace), routing.DelegateName("web"), func(object map[string]any) {
				fields(t, object, "spec", "http", 0, "match", 0)["uri"] = map[string]any{"regex": "/beta/[0-9]+"}
			})
		},
		Config:      apps + render("one", true),
		ExpectError: acctest.ErrorSays("routes[0].path_prefix", "don't fit under the path prefix", "beta"),
	}
	regex.ExpectError = acctest.ErrorSays("don't fit under the path prefix", "beta")
	acctest.Test(t, both, one, none, regex)
}

// WebSockets, HTTP/2 without TLS and large bodies pass.
func TestAccDomainProtocols(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	host := "shop." + namespace + ".example.com"
	// Knative's own proxies otherwise wait for the end of a body before they answer.
	both := replaceOnce(t, config(t, namespace, shopConfig), "  visibility =", "  template_annotations = { \"features.knative.dev/http-full-duplex\" = \"Enabled\" }\n  visibility =")
	acctest.Test(t, resource.TestStep{Config: both, Check: resource.ComposeTestCheckFunc(
		answers(t, "http://"+host+"/", told{Version: "v1"}),
		func(*terraform.State) error { return echoesBody(t.Context(), acctest.Gateway(t), host) },
		func(*terraform.State) error { return speaksHTTP2(t.Context(), acctest.Gateway(t), host) },
		func(*terraform.State) error { return echoesMessage(t, acctest.Gateway(t), host) },
	)})
}

func echoesBody(ctx context.Context, gateway, host string) error {
	sent := bytes.Repeat([]byte("0123456789"), 1<<20)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway+"/echo", bytes.NewReader(sent))
	if err != nil {
		return err
	}
	request.Host = host
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil || !bytes.Equal(got, sent) {
		return fmt.Errorf("of %d bytes, %d came back: %s, %w", len(sent), len(got), answer.Status, err)
	}
	return nil
}

func speaksHTTP2(ctx context.Context, gateway, host string) error {
	var only http.Protocols
	only.SetUnencryptedHTTP2(true)
	client := &http.Client{Transport: &http.Transport{Protocols: &only}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway+"/", nil)
	if err != nil {
		return err
	}
	request.Host = host
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.ProtoMajor != 2 || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("by HTTP/2, it answers %s by %s", answer.Status, answer.Proto)
	}
	return nil
}

// echoesMessage sends a message by WebSocket and reads it back.
func echoesMessage(t testing.TB, gateway, host string) error {
	connection, err := dial(t.Context(), strings.TrimPrefix(gateway, "http://"))
	if err != nil {
		return err
	}
	defer connection.Close()
	fmt.Fprintf(connection, "GET /ws HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", host)
	// A text frame of five bytes, masked with zeros.
	if _, err := connection.Write([]byte("\x81\x85\x00\x00\x00\x00hello")); err != nil {
		return err
	}
	var got []byte
	for !bytes.HasSuffix(got, []byte("\x81\x05hello")) {
		part := make([]byte, 1024)
		n, err := connection.Read(part)
		if err != nil {
			return fmt.Errorf("after %q: %w", got, err)
		}
		got = append(got, part[:n]...)
	}
	return nil
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return connection, connection.SetDeadline(time.Now().Add(answerTime))
}
