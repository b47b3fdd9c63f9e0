package routing_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	networking "istio.io/api/networking/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	. "github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// publicGateway is where hosts are opened.
const publicGateway = "knative-serving/knative-ingress-gateway"

// site is a platform's gateway in front of an application named web with the
// revisions v1, v2 and v3, each with a tag of its name.
type site struct {
	cluster   *acctest.Cluster
	namespace string
	gateway   string // host:port
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{cluster: acctest.OnCluster(t), namespace: acctest.Namespace(t)}
	base, err := url.Parse(acctest.Gateway(t))
	if err != nil {
		t.Fatal(err)
	}
	s.gateway = base.Host
	var traffic []any
	for i, version := range []string{"v1", "v2", "v3"} {
		traffic = append(traffic, map[string]any{"tag": version, "revisionName": "web-" + version, "percent": int64(100 * (1 - min(i, 1)))})
		s.deploy(t, version, traffic)
	}
	return s
}

// deploy makes the revision of that name the newest, and waits for it.
func (s *site) deploy(t *testing.T, version string, traffic []any) {
	t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": serving.Services.APIVersion(), "kind": serving.Services.Name,
		"metadata": map[string]any{"name": "web", "namespace": s.namespace},
		"spec": map[string]any{
			"traffic": traffic,
			"template": map[string]any{
				// Cold starts are not what is tested here.
				"metadata": map[string]any{"name": "web-" + version, "annotations": map[string]any{"autoscaling.knative.dev/min-scale": "1"}},
				"spec":     map[string]any{"containers": []any{map[string]any{"name": "user-container", "image": acctest.Image(t, "HELLO_"+strings.ToUpper(version))}}},
			},
		},
	}}
	services := s.cluster.Dynamic.Resource(serving.Services.GroupVersionResource).Namespace(s.namespace)
	if _, err := services.Apply(t.Context(), "web", object, metav1.ApplyOptions{FieldManager: "sls-acctest"}); err != nil {
		t.Fatalf("deploying %s: %s", version, err)
	}
	acctest.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		live, err := services.Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		service, err := serving.DecodeService(live)
		if err != nil {
			return err
		}
		if state := serving.Assess(service, "web-"+version); state.Phase != serving.Ready {
			return fmt.Errorf("%s is not ready: %s", version, state)
		}
		return nil
	})
}

// delegate is the site's application with everybody on v1.
func (s *site) delegate() Delegate {
	return Delegate{
		Application:   Application{s.namespace, "web"},
		ClusterDomain: "cluster.local",
		Gateway:       Gateway{"knative-local-gateway.istio-system.svc.cluster.local", 80},
		Targets:       []Target{{"v1", 100, "v1"}, {"v2", 0, "v2"}, {"v3", 0, "v3"}},
		VersionHeader: "x-served",
	}
}

// open makes a host of the delegate, beneath the prefix, and waits until the
// gateway has it. A host without a delegate yet answers 404: these roots have no
// fallback.
func (s *site) open(t *testing.T, name, prefix string, d Delegate) (host string) {
	t.Helper()
	if problems := d.Validate(); len(problems) > 0 {
		t.Fatalf("%s: %v", name, problems)
	}
	spec, err := Rebase(d.Spec(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	host = name + "." + s.namespace + ".example.com"
	root := &networking.VirtualService{
		Hosts: []string{host}, Gateways: []string{publicGateway},
		Http: []*networking.HTTPRoute{{
			Match: PrefixMatches(prefix), Rewrite: StripRewrite(prefix),
			Delegate: &networking.Delegate{Name: "delegate-" + name, Namespace: s.namespace},
		}},
	}
	s.apply(t, "delegate-"+name, spec)
	s.apply(t, host, root)
	acctest.Eventually(t, time.Minute, func(context.Context) error {
		response, err := s.send(host, "GET "+prefix)
		if err != nil {
			return err
		}
		if response.status != http.StatusOK {
			return fmt.Errorf("%s answers %d", host, response.status)
		}
		return nil
	})
	return host
}

func (s *site) apply(t *testing.T, name string, spec *networking.VirtualService) {
	t.Helper()
	fields, err := Fields(spec)
	if err != nil {
		t.Fatal(err)
	}
	object := &kube.Object{Object: map[string]any{
		"apiVersion": VirtualServices.APIVersion(), "kind": VirtualServices.Name,
		"metadata": map[string]any{"name": name, "namespace": s.namespace}, "spec": fields,
	}}
	live, err := s.cluster.Dynamic.Resource(VirtualServices.GroupVersionResource).Namespace(s.namespace).
		Apply(t.Context(), name, object, metav1.ApplyOptions{FieldManager: "sls-acctest"})
	if err != nil {
		t.Fatalf("applying the VirtualService %s: %s", name, err)
	}
	// The API server keeps what was sent, or every plan would show drift.
	if kept, err := Decode(live); err != nil || !Equal(kept, spec) {
		t.Fatalf("the VirtualService %s was kept as %v, %v", name, kept, err)
	}
}

// reply is what came back.
type reply struct {
	status  int
	version string // that the application itself says it is
	served  string // that the version header says it is
	path    string // that the application has seen
	cookies []string
	headers http.Header // that the application has seen
}

// send sends a request as it is written: a line with method and path, and lines
// of headers. Nothing in between tidies it up.
func (s *site) send(host, request string) (reply, error) {
	conn, err := net.DialTimeout("tcp", s.gateway, 10*time.Second)
	if err != nil {
		return reply{}, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return reply{}, err
	}
	first, rest, _ := strings.Cut(request, "\n")
	lines := []string{first + " HTTP/1.1", "Host: " + host, "Connection: close"}
	if rest != "" {
		lines = append(lines, strings.Split(rest, "\n")...)
	}
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		return reply{}, err
	}
	method, _, _ := strings.Cut(first, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return reply{}, err
	}
	return read(response)
}

func read(response *http.Response) (reply, error) {
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, err
	}
	var told struct {
		Path    string
		Headers http.Header
	}
	// A refusal of the gateway's own is no JSON, and says nothing of these.
	_ = json.Unmarshal(body, &told)
	return reply{
		status: response.StatusCode, version: response.Header.Get("X-Hello-Version"), served: response.Header.Get("X-Served"),
		path: told.Path, cookies: response.Header.Values("Set-Cookie"), headers: told.Headers,
	}, nil
}

// String is the version that answered, or the status if it was none.
func (r reply) String() string {
	if r.version != "" {
		return r.version
	}
	return fmt.Sprint(r.status)
}
