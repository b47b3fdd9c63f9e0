package external_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

const soa = "sls_external_service.soa"

const soaConfig = `
resource "sls_external_service" "soa" {
  name      = "soa"
  namespace = {{quote .namespace}}
  host      = {{quote .host}}
  endpoints = [{ address = {{quote .address}} }]
  ports     = [{ number = {{.port}}, protocol = {{quote .protocol}} }]
  timeout   = "2s"
{{.more}}
}

# A caller inside the cluster: it fetches what it is asked to.
resource "sls_application" "caller" {
  name      = "caller"
  namespace = {{quote .namespace}}
  image     = {{quote .image}}
  scaling   = { min = 1 }
}
`

// server is a service outside the cluster, on the tests' machine.
type server struct {
	*httptest.Server
	address string
	port    int

	mu       sync.Mutex
	requests []*http.Request
	status   int
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	status := s.status
	s.mu.Unlock()
	if text := r.URL.Query().Get("sleep"); text != "" {
		pause, err := time.ParseDuration(text)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
			return
		}
	}
	w.WriteHeader(status)
	answer := map[string]any{"host": r.Host, "path": r.URL.Path, "tls": r.TLS != nil}
	if r.TLS != nil {
		answer["sni"] = r.TLS.ServerName
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		return // the client has gone
	}
}

func (s *server) answerWith(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// outside starts a service where the cluster's pods can reach it: at the address
// from which this machine reaches the cluster.
func outside(t *testing.T, secure bool) *server {
	t.Helper()
	gateway, err := url.Parse(acctest.Gateway(t))
	if err != nil {
		t.Fatal(err)
	}
	probe, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", gateway.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer probe.Close()
	address, _, err := net.SplitHostPort(probe.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: address, status: http.StatusOK}
	s.Server = httptest.NewUnstartedServer(s)
	s.Listener = listener
	if secure {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	_, port, _ := strings.Cut(listener.Addr().String(), ":")
	if s.port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	return s
}

func config(t *testing.T, namespace string, s *server, protocol string, more ...string) string {
	t.Helper()
	return acctest.Render(t, soaConfig, acctest.Values{
		"namespace": namespace, "host": hostOf(namespace), "address": s.address, "port": s.port, "protocol": protocol,
		"image": acctest.Image(t, "HELLO_V1"), "more": strings.Join(more, "\n"),
	})
}

func hostOf(namespace string) string { return "soa." + namespace + ".example.com" }

// told is what the service tells of a request.
type told struct {
	Host, Path, SNI string
	TLS             bool
}

// inside checks what a caller inside the cluster is told.
func inside(t *testing.T, namespace, address string, want told) resource.TestCheckFunc {
	return func(*terraform.State) error {
		acctest.GetUntil(t, fetching(t, namespace, address), func(answer acctest.Answer) error {
			var got told
			if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
				return err
			}
			if got != want {
				return fmt.Errorf("it is told %+v, want %+v", got, want)
			}
			return nil
		})
		return nil
	}
}

// fetching is the address of the caller when it fetches another.
func fetching(t *testing.T, namespace, address string) string {
	t.Helper()
	return fmt.Sprintf("http://caller.%s.%s/fetch?url=%s", namespace, acctest.Domain(t), url.QueryEscape(address))
}

func status(code int) func(acctest.Answer) error {
	return func(answer acctest.Answer) error {
		if answer.Status != code {
			return fmt.Errorf("the status is not %d", code)
		}
		return nil
	}
}

func istio(t *testing.T, resource, namespace string) dynamic.ResourceInterface {
	t.Helper()
	kind := schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: resource}
	return acctest.OnCluster(t).Dynamic.Resource(kind).Namespace(namespace)
}

// A pod without a sidecar asks a service outside by its stable name, in any of the
// name's forms; the service sees its own host; a request that takes too long is
// ended. The service moves to TLS and callers don't notice.
func TestAccExternalService(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	plain, secure := outside(t, false), outside(t, true)
	stable := "http://soa." + namespace + ".svc.cluster.local"
	host := hostOf(namespace)

	created := resource.TestStep{Config: config(t, namespace, plain, "http"), Check: resource.ComposeTestCheckFunc(
		resource.TestCheckResourceAttr(soa, "url", stable),
		resource.TestCheckResourceAttr(soa, "resolution", "static"),
		resource.TestCheckResourceAttr(soa, "drift.#", "0"),
		inside(t, namespace, stable+"/a", told{Host: host, Path: "/a"}),
		inside(t, namespace, "http://soa."+namespace+"/b", told{Host: host, Path: "/b"}),
		inside(t, namespace, "http://soa."+namespace+".svc/c", told{Host: host, Path: "/c"}),
		func(*terraform.State) error {
			acctest.GetUntil(t, fetching(t, namespace, stable+"/?sleep=10s"), status(http.StatusGatewayTimeout))
			return nil
		},
	)}
	again := resource.TestStep{Config: created.Config}
	again.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	imported := resource.TestStep{
		ResourceName: soa, ImportState: true, ImportStateId: namespace + "/soa",
		ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	secured := resource.TestStep{
		Config: config(t, namespace, secure, "https", `  tls = { sni = "sni.example.com", insecure_skip_verify = true }`),
		Check:  inside(t, namespace, stable+"/d", told{Host: host, Path: "/d", TLS: true, SNI: "sni.example.com"}),
	}
	secured.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(soa, plancheck.ResourceActionUpdate)}
	acctest.Test(t, created, again, imported, secured, imported)
	for _, kind := range []string{"serviceentries", "destinationrules", "virtualservices"} {
		if _, err := istio(t, kind, namespace).Get(t.Context(), "soa", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("of the %s, one is left: %v", kind, err)
		}
	}
	if _, err := acctest.OnCluster(t).Core.Services(namespace).Get(t.Context(), "soa", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the Service is left: %v", err)
	}
}

// A service that fails is not asked for a while; one that is busy is not asked more.
func TestAccExternalServiceBreaksTheCircuit(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	s := outside(t, false)
	stable := "http://soa." + namespace + ".svc.cluster.local/"
	busy := resource.TestStep{
		Config: config(t, namespace, s, "http", "  connection_pool = { max_connections = 1, max_pending_requests = 1 }"),
		Check: func(*terraform.State) error {
			acctest.GetUntil(t, fetching(t, namespace, stable), acctest.OK)
			return refusesSome(t, fetching(t, namespace, stable+"?sleep=1s"))
		},
	}
	failing := resource.TestStep{
		Config: config(t, namespace, s, "http", `  outlier_detection = { consecutive_5xx = 3, interval = "500ms", base_ejection_time = "1m", max_ejection_percent = 100 }`),
		Check: func(*terraform.State) error {
			acctest.GetUntil(t, fetching(t, namespace, stable), acctest.OK)
			s.answerWith(http.StatusInternalServerError)
			acctest.GetUntil(t, fetching(t, namespace, stable), status(http.StatusServiceUnavailable))
			s.answerWith(http.StatusOK)
			if answer := acctest.Get(t, fetching(t, namespace, stable)); answer.Status != http.StatusServiceUnavailable {
				t.Errorf("the service is asked again already: %s", answer)
			}
			return nil
		},
	}
	acctest.Test(t, busy, failing)
}

// refusesSome sends requests at the same time, of which the gateway must refuse
// some and pass some on.
func refusesSome(t *testing.T, address string) error {
	counts := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			answer := acctest.Get(t, address)
			mu.Lock()
			defer mu.Unlock()
			counts[answer.Status]++
		})
	}
	all.Wait()
	if counts[http.StatusOK] == 0 || counts[http.StatusServiceUnavailable] == 0 {
		return fmt.Errorf("the answers' statuses are %v, want some of 200 and of 503", counts)
	}
	return nil
}

// What is edited shows and is refused by its owner's name; what is deleted is
// made again; what is there already is not taken over.
func TestAccExternalServiceOfOthers(t *testing.T) {
	t.Parallel()
	namespace := acctest.Namespace(t)
	s := outside(t, false)
	taken := resource.TestStep{Config: config(t, namespace, s, "http"), ExpectError: acctest.ErrorSays("There is a Service of that name already", `id = "`+namespace+`/soa"`)}
	taken.PreConfig = func() {
		_, err := acctest.OnCluster(t).Core.Services(namespace).Create(t.Context(), &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "soa"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	created := resource.TestStep{Config: config(t, namespace, s, "http")}
	created.PreConfig = func() {
		if _, err := istio(t, "serviceentries", namespace).Get(t.Context(), "soa", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("the refused service left a ServiceEntry: %v", err)
		}
		if err := acctest.OnCluster(t).Core.Services(namespace).Delete(t.Context(), "soa", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	edited := resource.TestStep{Config: config(t, namespace, s, "http"), ExpectError: acctest.ErrorSays(".spec.http", "kubectl-edit", "force_conflicts")}
	edited.PreConfig = func() {
		client := istio(t, "virtualservices", namespace)
		live, err := client.Get(t.Context(), "soa", metav1.GetOptions{})
		if err == nil {
			spec, _ := live.Object["spec"].(map[string]any)
			routes, _ := spec["http"].([]any)
			route, _ := routes[0].(map[string]any)
			route["timeout"] = "7s"
			_, err = client.Update(t.Context(), live, metav1.UpdateOptions{FieldManager: "kubectl-edit"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	forced := resource.TestStep{Config: config(t, namespace, s, "http", "  force_conflicts = true")}
	lost := resource.TestStep{
		Config: config(t, namespace, s, "http"),
		Check:  inside(t, namespace, "http://soa."+namespace+".svc.cluster.local/", told{Host: hostOf(namespace), Path: "/"}),
	}
	lost.PreConfig = func() {
		if err := istio(t, "virtualservices", namespace).Delete(context.WithoutCancel(t.Context()), "soa", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	lost.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(soa, plancheck.ResourceActionUpdate)}
	acctest.Test(t, taken, created, edited, forced, lost)
}
