package serving

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What Knative itself spares is what is called uncollectable here, and what the
// Service's traffic names while Knative's label lags behind.
func TestCollectable(t *testing.T) {
	for name, test := range map[string]struct {
		state         string
		latest        string
		noGC          string
		spec, current string // a revision that the traffic names
		want          bool
	}{
		"retired":                  {state: "reserve", latest: "b", spec: "b", current: "b", want: true},
		"routed to":                {state: "active", latest: "b", current: "a"},
		"not routed to yet":        {state: "pending", latest: "b"},
		"not labelled yet":         {latest: "b"},
		"latest ready":             {state: "reserve", latest: "a"},
		"kept":                     {state: "reserve", latest: "b", noGC: "true"},
		"kept, in capitals":        {state: "reserve", latest: "b", noGC: "TRUE"},
		"not kept":                 {state: "reserve", latest: "b", noGC: "false", want: true},
		"label behind the status":  {state: "reserve", latest: "b", current: "a"},
		"label behind the request": {state: "reserve", latest: "b", spec: "a"},
	} {
		t.Run(name, func(t *testing.T) {
			revision := &servingv1.Revision{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
			if test.state != "" {
				revision.Labels = map[string]string{"serving.knative.dev/routingState": test.state}
			}
			if test.noGC != "" {
				revision.Annotations = map[string]string{"serving.knative.dev/no-gc": test.noGC}
			}
			service := &servingv1.Service{}
			service.Status.LatestReadyRevisionName = test.latest
			service.Spec.Traffic = []servingv1.TrafficTarget{{RevisionName: test.spec}}
			service.Status.Traffic = []servingv1.TrafficTarget{{RevisionName: test.current}}
			if got := Collectable(revision, service); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// numbered is a revision of that generation of its template.
func numbered(name, generation string, created time.Time) *servingv1.Revision {
	return &servingv1.Revision{ObjectMeta: metav1.ObjectMeta{
		Name: name, CreationTimestamp: metav1.NewTime(created),
		Labels: map[string]string{"serving.knative.dev/configurationGeneration": generation},
	}}
}

func TestNewestFirst(t *testing.T) {
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	list := []*servingv1.Revision{
		numbered("old", "9", noon.Add(-time.Hour)),
		numbered("b", "2", noon),
		numbered("a", "2", noon),
		numbered("c", "10", noon), // not before 2, as text would have it
		numbered("new", "1", noon.Add(time.Second)),
	}
	slices.SortFunc(list, NewestFirst)
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	if want := []string{"new", "c", "a", "b", "old"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestImageDigest(t *testing.T) {
	named := func(name string, ports ...int32) corev1.Container {
		c := corev1.Container{Name: name}
		for _, port := range ports {
			c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: port})
		}
		return c
	}
	for name, test := range map[string]struct {
		containers []corev1.Container
		statuses   []servingv1.ContainerStatus
		want       string
	}{
		"not resolved":         {[]corev1.Container{named("user-container")}, nil, ""},
		"one":                  {[]corev1.Container{named("user-container")}, []servingv1.ContainerStatus{{Name: "user-container", ImageDigest: "own"}}, "own"},
		"one without a name":   {[]corev1.Container{named("")}, []servingv1.ContainerStatus{{Name: "user-container", ImageDigest: "own"}}, "own"},
		"beside a sidecar":     {[]corev1.Container{named("log"), named("web", 8080)}, []servingv1.ContainerStatus{{Name: "log", ImageDigest: "log"}, {Name: "web", ImageDigest: "own"}}, "own"},
		"sidecar's alone":      {[]corev1.Container{named("log"), named("web", 8080)}, []servingv1.ContainerStatus{{Name: "log", ImageDigest: "log"}, {Name: "web"}}, ""},
		"no container at all":  {nil, nil, ""},
		"statuses of a sequel": {[]corev1.Container{named("a", 1), named("b")}, []servingv1.ContainerStatus{{Name: "c"}, {Name: "d"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			revision := &servingv1.Revision{}
			revision.Spec.Containers = test.containers
			revision.Status.ContainerStatuses = test.statuses
			if got := ImageDigest(revision); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestMinScale(t *testing.T) {
	for text, want := range map[string]struct {
		pods int64
		set  bool
	}{"3": {3, true}, "0": {0, true}, "": {0, false}, "three": {0, false}} {
		revision := &servingv1.Revision{}
		revision.Annotations = map[string]string{"autoscaling.knative.dev/minScale": text} // the older spelling
		if pods, set := MinScale(revision); pods != want.pods || set != want.set {
			t.Errorf("%q: got %d, %t", text, pods, set)
		}
	}
	if _, set := MinScale(&servingv1.Revision{}); set {
		t.Error("set without an annotation")
	}
}

func TestGeneration(t *testing.T) {
	for text, want := range map[string]int64{"12": 12, "": 0, "x": 0} {
		revision := &servingv1.Revision{}
		revision.Labels = map[string]string{"serving.knative.dev/configurationGeneration": text}
		if got := Generation(revision); got != want {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestCurrentRevision(t *testing.T) {
	named := map[string]any{"template": map[string]any{"metadata": map[string]any{"name": "own"}}}
	latest := map[string]any{"latestCreatedRevisionName": "web-00001"}
	for name, test := range map[string]struct {
		object map[string]any
		want   string
	}{
		"named":   {map[string]any{"spec": named, "status": latest}, "own"},
		"unnamed": {map[string]any{"status": latest}, "web-00001"},
		"none":    {map[string]any{}, ""},
	} {
		if got := CurrentRevision(&kube.Object{Object: test.object}); got != test.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// What can't be decoded is an error that names the object.
func TestDecodeNamesTheObject(t *testing.T) {
	broken := &kube.Object{Object: map[string]any{
		"kind": "Service", "metadata": map[string]any{"namespace": "prod", "name": "web"}, "spec": "text",
	}}
	_, err := DecodeService(broken)
	if err == nil || err.Error()[:len("decoding Service prod/web: ")] != "decoding Service prod/web: " {
		t.Errorf("got %v", err)
	}
}
