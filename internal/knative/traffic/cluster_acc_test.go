package traffic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/terraform"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What these tests look at on the cluster, past the provider.

const (
	res      = "sls_revision_traffic.web"
	delegate = "sls-traffic-web"
)

// apps are two versions of one application, deployed one after the other with
// nothing but the version and the image changed.
const app = `
resource "sls_application" "web" {
  name      = "web"
  namespace = {{quote .namespace}}
  version   = {{quote .version}}
  image     = {{quote .image}}
  rollout   = "manual"
  scaling   = { max = 2 }
}
`

// appOf renders the application at a version: v1, v2 or v3.
func appOf(t testing.TB, namespace, version string) string {
	t.Helper()
	images := map[string]string{"v1": "HELLO_V1", "v2": "HELLO_V2", "v3": "HELLO_V3"}
	return acctest.Render(t, app, acctest.Values{"namespace": namespace, "version": version, "image": acctest.Image(t, images[version])})
}

// trafficOf renders the traffic resource with those lines in it.
func trafficOf(t testing.TB, namespace, lines string) string {
	t.Helper()
	return acctest.Render(t, `
resource "sls_revision_traffic" "web" {
  application = sls_application.web.name
  namespace   = {{quote .namespace}}
  drain       = "2s"
{{.lines}}
}
`, acctest.Values{"namespace": namespace, "lines": lines})
}

func client(t testing.TB, kind kube.Kind, namespace string) dynamic.ResourceInterface {
	t.Helper()
	return acctest.OnCluster(t).Dynamic.Resource(kind.GroupVersionResource).Namespace(namespace)
}

func object(t testing.TB, kind kube.Kind, namespace, name string) *kube.Object {
	t.Helper()
	found, err := client(t, kind, namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("reading the %s %s/%s: %s", kind.Name, namespace, name, err)
	}
	return found
}

// patchAs changes an object as another client does, under its manager's name.
func patchAs(t testing.TB, manager string, kind kube.Kind, namespace, name string, patch map[string]any) {
	t.Helper()
	body, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(t, kind, namespace).Patch(t.Context(), name, types.MergePatchType, body, metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		t.Fatalf("changing %s %s/%s as %s: %s", kind.Name, namespace, name, manager, err)
	}
}

// entry is what Knative has as one entry of a Service's traffic.
type entry struct {
	revision string
	percent  int64
	tag      string
}

// trafficIs checks the traffic of the Service web.
func trafficIs(t testing.TB, namespace string, check func(entries []entry) error) func(*terraform.State) error {
	return func(*terraform.State) error {
		list, _, _ := unstructured.NestedSlice(object(t, serving.Services, namespace, "web").Object, "spec", "traffic")
		var entries []entry
		for _, element := range list {
			fields, _ := element.(map[string]any)
			e := entry{}
			e.revision, _ = fields["revisionName"].(string)
			e.percent, _ = fields["percent"].(int64)
			e.tag, _ = fields["tag"].(string)
			entries = append(entries, e)
		}
		return check(entries)
	}
}

// domain makes a host that leads to the application web, as sls_domain does, and
// returns its address.
func domain(t testing.TB, namespace, prefix string) string {
	t.Helper()
	host := namespace + ".example.test"
	application := routing.Application{Namespace: namespace, Name: "web"}
	gateway := map[string]any{"host": "knative-local-gateway.istio-system.svc.cluster.local", "port": map[string]any{"number": 80}}
	routes := []any{
		map[string]any{"delegate": map[string]any{"name": routing.DelegateNameFor("web", prefix), "namespace": namespace}},
		map[string]any{
			"rewrite": map[string]any{"authority": routing.InternalHost("web", namespace, "cluster.local")},
			"route":   []any{map[string]any{"destination": gateway}},
		},
	}
	if prefix != "/" {
		for _, route := range routes {
			fields, _ := route.(map[string]any)
			fields["match"] = []any{
				map[string]any{"uri": map[string]any{"exact": prefix}}, map[string]any{"uri": map[string]any{"prefix": prefix + "/"}},
			}
		}
	}
	root := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": routing.VirtualServices.APIVersion(), "kind": routing.VirtualServices.Name,
		"metadata": map[string]any{"name": host, "namespace": namespace},
		"spec": map[string]any{
			"hosts": []any{host}, "gateways": []any{"knative-serving/knative-ingress-gateway"}, "http": routes,
		},
	}}
	root.SetLabels(routing.RootLabels(application))
	if _, err := client(t, routing.VirtualServices, namespace).Create(t.Context(), root, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return "http://" + host
}

// told is what the test image tells of itself.
type told struct {
	Version  string
	Revision string
	Path     string
}

// answers checks that a request through the gateway is answered by that version
// of the test image. It may take a moment until a first configuration reaches
// the gateway.
func answers(t testing.TB, address, version string, headers ...string) func(*terraform.State) error {
	return func(*terraform.State) error {
		acctest.GetUntil(t, address, func(answer acctest.Answer) error {
			var is told
			if err := json.Unmarshal([]byte(answer.Body), &is); err != nil {
				return err
			}
			if is.Version != version {
				return fmt.Errorf("it is %s, want %s", is.Version, version)
			}
			return nil
		}, headers...)
		return nil
	}
}

// missing waits until an object does not exist.
func missing(t testing.TB, kind kube.Kind, namespace, name string) {
	t.Helper()
	acctest.Eventually(t, 30*time.Second, func(ctx context.Context) error {
		if _, err := client(t, kind, namespace).Get(ctx, name, metav1.GetOptions{}); err == nil {
			return fmt.Errorf("the %s %s is still there", kind.Name, name)
		}
		return nil
	})
}

func replaceOnce(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in %q", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// hasPods waits until as many pods of a version run, or are not on their way out.
func hasPods(t testing.TB, namespace, version string, count int) {
	t.Helper()
	acctest.Eventually(t, 2*time.Minute, func(ctx context.Context) error {
		list, err := acctest.OnCluster(t).Core.Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: serving.VersionLabel + "=" + version})
		if err != nil {
			return err
		}
		running := 0
		for _, pod := range list.Items {
			if pod.DeletionTimestamp == nil {
				running++
			}
		}
		if running != count {
			return fmt.Errorf("%d pods of %s run, want %d", running, version, count)
		}
		return nil
	})
}

// user is a browser: it keeps the cookies that it gets.
type user struct {
	cookies string
	version string // that it had the last time
}

// visit returns the version that answers the user.
func (u *user) visit(t testing.TB, address string) string {
	t.Helper()
	var headers []string
	if u.cookies != "" {
		headers = []string{"Cookie", u.cookies}
	}
	answer := acctest.GetUntil(t, address+"/", acctest.OK, headers...)
	if set := answer.Header.Get("Set-Cookie"); set != "" {
		u.cookies, _, _ = strings.Cut(set, ";")
	}
	var is told
	if err := json.Unmarshal([]byte(answer.Body), &is); err != nil {
		t.Fatal(err)
	}
	return is.Version
}

// breakRule changes the first rule of the delegate, as a person does.
func breakRule(t testing.TB, namespace string) {
	t.Helper()
	list, _, _ := unstructured.NestedSlice(object(t, routing.VirtualServices, namespace, delegate).Object, "spec", "http")
	first, _ := list[0].(map[string]any)
	first["match"] = []any{map[string]any{"headers": map[string]any{"x-other": map[string]any{"exact": "yes"}}}}
	patchAs(t, "kubectl-edit", routing.VirtualServices, namespace, delegate, map[string]any{"spec": map[string]any{"http": list}})
}
