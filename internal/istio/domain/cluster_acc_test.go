package domain_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/terraform"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/dynamic"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
)

// told is what the test image tells of itself and of the request. What is empty
// is not compared.
type told struct {
	Version, Greeting, Path, Host string
	ForwardedHost                 string
	Headers                       map[string]string
}

// answers checks that an address answers through the gateway, as told.
func answers(t testing.TB, address string, want told, headers ...string) func(*terraform.State) error {
	return func(*terraform.State) error {
		acctest.GetUntil(t, address, func(answer acctest.Answer) error { return tells(answer, want) }, headers...)
		return nil
	}
}

func tells(answer acctest.Answer, want told) error {
	var got struct {
		Version, Greeting, Path, Host string
		Headers                       http.Header
	}
	if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
		return err
	}
	for _, compared := range [][2]string{
		{got.Version, want.Version},
		{got.Greeting, want.Greeting},
		{got.Path, want.Path},
		{got.Host, want.Host},
		{got.Headers.Get("X-Forwarded-Host"), want.ForwardedHost},
	} {
		if compared[1] != "" && compared[0] != compared[1] {
			return fmt.Errorf("it tells %q, want %q", compared[0], compared[1])
		}
	}
	for name, value := range want.Headers {
		if got.Headers.Get(name) != value {
			return fmt.Errorf("it got the header %s %q, want %q", name, got.Headers.Get(name), value)
		}
	}
	return nil
}

// answersNot waits until the gateway knows nothing of an address.
func answersNot(t testing.TB, address string) {
	t.Helper()
	acctest.GetUntil(t, address, func(answer acctest.Answer) error {
		if answer.Status != http.StatusNotFound {
			return fmt.Errorf("the status is not %d", http.StatusNotFound)
		}
		return nil
	})
}

// istio returns a client for a kind of Istio's networking group.
func istio(t testing.TB, resource, namespace string) dynamic.ResourceInterface {
	t.Helper()
	kind := schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: resource}
	return acctest.OnCluster(t).Dynamic.Resource(kind).Namespace(namespace)
}

func virtualService(t testing.TB, namespace, name string) *unstructured.Unstructured {
	t.Helper()
	found, err := istio(t, "virtualservices", namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("reading the VirtualService %s/%s: %s", namespace, name, err)
	}
	return found
}

// isGone checks that an object is not there.
func isGone(t testing.TB, client dynamic.ResourceInterface, name string) {
	t.Helper()
	if _, err := client.Get(t.Context(), name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("%s is still there: %v", name, err)
	}
}

// makeByHand creates an object as kubectl create does.
func makeByHand(t testing.TB, client dynamic.ResourceInterface, object map[string]any) {
	t.Helper()
	if _, err := client.Create(t.Context(), &unstructured.Unstructured{Object: object}, metav1.CreateOptions{FieldManager: "kubectl-create"}); err != nil {
		t.Fatal(err)
	}
}

// editByHand changes an object as kubectl edit does.
func editByHand(t testing.TB, client dynamic.ResourceInterface, name string, change func(object map[string]any)) {
	t.Helper()
	live, err := client.Get(t.Context(), name, metav1.GetOptions{})
	if err == nil {
		change(live.Object)
		_, err = client.Update(t.Context(), live, metav1.UpdateOptions{FieldManager: "kubectl-edit"})
	}
	if err != nil {
		t.Fatalf("changing %s: %s", name, err)
	}
}

// fields returns the object at a path of fields and of indices of lists.
func fields(t testing.TB, object any, path ...any) map[string]any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			of, _ := object.(map[string]any)
			object = of[step]
		case int:
			list, _ := object.([]any)
			if step >= len(list) {
				t.Fatalf("%v has no element %d", list, step)
			}
			object = list[step]
		}
	}
	found, ok := object.(map[string]any)
	if !ok {
		t.Fatalf("at %v is %v", path, object)
	}
	return found
}

// rootOf makes a VirtualService as a person writes one.
func rootOf(namespace, name, host, gateway string, http ...any) map[string]any {
	return map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec": map[string]any{
			"hosts": []any{host}, "gateways": []any{gateway}, "http": http,
		},
	}
}

// toApplication is a route to an application, below a path prefix or for all.
func toApplication(namespace, application, prefix string) map[string]any {
	route := map[string]any{
		"rewrite": map[string]any{"authority": application + "." + namespace + ".svc.cluster.local"},
		"route": []any{map[string]any{"destination": map[string]any{
			"host": "knative-local-gateway.istio-system.svc.cluster.local", "port": map[string]any{"number": int64(80)},
		}}},
	}
	if prefix != "" {
		route["match"] = []any{map[string]any{"uri": map[string]any{"prefix": prefix}}}
	}
	return route
}

const publicGateway = "knative-serving/knative-ingress-gateway"

// applications are cluster-local: they can be reached by domains alone.
const twoApplications = `
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
  image      = {{quote .image}}
  visibility = "cluster-local"
  env        = { TARGET = "cart" }
}
`

// config renders a configuration for a namespace and the host shop.NAMESPACE.example.com.
func config(t testing.TB, namespace, text string, more ...acctest.Values) string {
	t.Helper()
	all := acctest.Values{"namespace": namespace, "host": "shop." + namespace + ".example.com", "image": acctest.Image(t, "HELLO_V1")}
	for _, values := range more {
		maps.Copy(all, values)
	}
	return acctest.Render(t, text, all)
}

func replaceOnce(t testing.TB, text, old, with string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is not once in %q", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// answerTime is how long the gateway may take to learn of a change.
const answerTime = 20 * time.Second

// makeOldService makes a Service that is none of Knative's, at the host
// old.NAMESPACE.svc.cluster.local.
func makeOldService(t testing.TB, namespace string) {
	t.Helper()
	core := acctest.OnCluster(t).Core
	labels := map[string]string{"app": "old"}
	_, err := core.Pods(namespace).Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "old", Labels: labels},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "old", Image: acctest.Image(t, "HELLO_V2")}}},
	}, metav1.CreateOptions{})
	if err == nil {
		_, err = core.Services(namespace).Create(t.Context(), &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: "old"},
			Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}}},
		}, metav1.CreateOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
}
