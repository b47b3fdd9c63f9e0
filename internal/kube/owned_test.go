package kube

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// owned is an object as an API server sends it, with four managers' fields.
const owned = `{
  "apiVersion": "serving.knative.dev/v1", "kind": "Service",
  "metadata": {
    "name": "web", "namespace": "shop",
    "labels": {"team": "a", "tier": "gold"},
    "annotations": {"example.com/owner": "sre", "serving.knative.dev/creator": "kim"},
    "managedFields": [
      {"manager": "sls-application", "operation": "Apply", "apiVersion": "serving.knative.dev/v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:metadata":{"f:labels":{"f:team":{}}},"f:spec":{"f:template":{"f:metadata":{"f:name":{}},"f:spec":{".":{},"f:containers":{},"f:gone":{}}}}}},
      {"manager": "sls-application", "operation": "Update", "apiVersion": "serving.knative.dev/v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:metadata":{"f:labels":{"f:tier":{}}}}},
      {"manager": "kubectl-annotate", "operation": "Update", "apiVersion": "serving.knative.dev/v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:metadata":{"f:annotations":{".":{},"f:example.com/owner":{}}}}},
      {"manager": "kn", "operation": "Update", "apiVersion": "serving.knative.dev/v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:spec":{"f:template":{"f:spec":{"f:containers":{},"f:nodeSelector":{"f:kubernetes.io/os":{}}}}}}},
      {"manager": "controller", "operation": "Update", "apiVersion": "serving.knative.dev/v1", "fieldsType": "FieldsV1", "subresource": "status",
       "fieldsV1": {"f:status":{"f:url":{}},"f:metadata":{"f:labels":{"f:team":{}}}}}
    ]
  },
  "spec": {"template": {
    "metadata": {"name": "web-1", "annotations": {"autoscaling.knative.dev/min-scale": "1"}},
    "spec": {"containers": [{"name": "user-container", "image": "a", "ports": [{"containerPort": 8080}]}], "timeoutSeconds": 300, "nodeSelector": {"kubernetes.io/os": "linux"}}
  }},
  "status": {"url": "http://web"}
}`

func ownedObject(t *testing.T) *Object {
	t.Helper()
	object := &Object{}
	if err := object.UnmarshalJSON([]byte(owned)); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestOwned(t *testing.T) {
	t.Parallel()
	object := ownedObject(t)
	want := map[string]any{
		"metadata": map[string]any{"labels": map[string]any{"team": "a"}},
		"spec": map[string]any{"template": map[string]any{
			"metadata": map[string]any{"name": "web-1"},
			"spec": map[string]any{"containers": []any{map[string]any{
				"name": "user-container", "image": "a", "ports": []any{map[string]any{"containerPort": int64(8080)}},
			}}},
		}},
	}
	if got := Owned(object, "sls-application"); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, other := range []string{"kn", "controller", "nobody"} { // who own nothing by an apply
		if got := Owned(object, other); got != nil {
			t.Errorf("%s owns %v", other, got)
		}
	}
}

func TestOwnersOf(t *testing.T) {
	t.Parallel()
	object := ownedObject(t)
	containers := []string{"spec", "template", "spec", "containers"}
	for _, test := range []struct {
		except string
		path   []string
		want   []string
	}{
		{"sls-application", containers, []string{"kn"}},
		{"kn", containers, []string{"sls-application"}},
		{"", []string{"spec", "template"}, []string{"sls-application", "kn"}},
		{"", []string{"metadata", "annotations", "example.com/owner"}, []string{"kubectl-annotate"}},
		{"", []string{"metadata", "annotations", "serving.knative.dev/creator"}, nil},
		{"", []string{"metadata", "labels", "team"}, []string{"sls-application"}}, // a status write owns no label
		{"", []string{"spec", "traffic"}, nil},
	} {
		if got := OwnersOf(object, test.except, test.path...); !slices.Equal(got, test.want) {
			t.Errorf("%v without %q belongs to %v, want %v", test.path, test.except, got, test.want)
		}
	}
}

func TestFieldPath(t *testing.T) {
	t.Parallel()
	object := ownedObject(t).Object
	for field, want := range map[string][]string{
		".metadata.labels.team":                             {"metadata", "labels", "team"},
		".metadata.annotations.example.com/owner":           {"metadata", "annotations", "example.com/owner"},
		".spec.template.spec.containers":                    {"spec", "template", "spec", "containers"},
		".spec.template.spec.nodeSelector.kubernetes.io/os": {"spec", "template", "spec", "nodeSelector", "kubernetes.io/os"},
		`.spec.template.spec.containers[name="app"].image`:  {"spec", "template", "spec", "containers"},
		".spec.template.metadata.annotations":               {"spec", "template", "metadata", "annotations"},
		".spec.absent.field":                                {"spec", "absent", "field"},
		".metadata.name":                                    {"metadata", "name"},
		".metadata.namespace":                               {"metadata", "namespace"}, // not "name" and a rest
		".spec.template.spec.containersX":                   {"spec", "template", "spec", "containersX"},
		"":                                                  nil,
	} {
		if got, _ := fieldPath(field, object); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

// Of two keys that fit, the longer one is meant: the shorter is no map.
func TestFieldPathTakesTheLongestKey(t *testing.T) {
	t.Parallel()
	data := map[string]any{"data": map[string]any{"a": "", "a.b": "", "a.b.c": "", "a.b.cd": ""}}
	for range 20 { // maps come in any order
		if got, _ := fieldPath(".data.a.b.c", data); !slices.Equal(got, []string{"data", "a.b.c"}) {
			t.Fatalf("got %q", got)
		}
	}
}

// applyConflict is a refusal as an API server words it.
func applyConflict(fields ...string) error {
	var causes []metav1.StatusCause
	for _, field := range fields {
		causes = append(causes, metav1.StatusCause{
			Type: metav1.CauseTypeFieldManagerConflict, Field: field, Message: `conflict with "kn" using serving.knative.dev/v1`,
		})
	}
	return apierrors.NewApplyConflict(causes, "Apply failed with conflicts")
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	live := ownedObject(t)
	wanted := &Object{Object: map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{"example.com/owner": "us"}},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"nodeSelector": map[string]any{"kubernetes.io/os": "windows", "kubernetes.io/arch": "arm64"}, "containers": []any{},
		}}},
	}}
	containers, _, err := unstructured.NestedFieldNoCopy(live.Object, "spec", "template", "spec", "containers")
	if err != nil {
		t.Fatal(err)
	}
	err = fmt.Errorf("writing: %w", applyConflict(
		".metadata.annotations.example.com/owner", ".spec.template.spec.containers",
		".spec.template.spec.nodeSelector.kubernetes.io/os", ".spec.template.spec.nodeSelector.kubernetes.io/arch"))
	got := Conflicts(err, live, wanted, "sls-application")
	want := []Conflict{
		{".metadata.annotations.example.com/owner", []string{"kubectl-annotate"}, "sre", "us"},
		{".spec.template.spec.containers", []string{"kn"}, containers, []any{}},
		{".spec.template.spec.nodeSelector.kubernetes.io/os", []string{"kn"}, "linux", "windows"},
		{".spec.template.spec.nodeSelector.kubernetes.io/arch", nil, nil, "arm64"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	text := (&ConflictError{Object: "Service shop/web", Conflicts: want}).Error()
	for _, part := range []string{
		"Service shop/web", `kubectl-annotate: it is "sre", this configuration wants "us"`,
		`it is [{"image":"a","name":"user-container","ports":[{"containerPort":8080}]}], this configuration wants []`,
		`it is not set, this configuration wants "arm64"`,
	} {
		if !contains(text, part) {
			t.Errorf("the error does not say %q:\n%s", part, text)
		}
	}
	for name, other := range map[string]error{"nothing": nil, "a stale object": stale(), "another error": fmt.Errorf("no")} {
		if got := Conflicts(other, live, wanted, "sls-application"); got != nil {
			t.Errorf("%s is the conflicts %v", name, got)
		}
	}
}

// stale is the refusal of a write with an old resourceVersion.
func stale() error {
	return apierrors.NewConflict(schema.GroupResource{Group: "serving.knative.dev", Resource: "services"}, "web",
		fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
}

func TestIsStale(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"nothing":               {nil, false},
		"an old version":        {stale(), true},
		"wrapped":               {fmt.Errorf("writing: %w", stale()), true},
		"fields of others":      {applyConflict(".spec.a"), false},
		"our words for that":    {&ConflictError{}, false},
		"an object of a name":   {apierrors.NewAlreadyExists(schema.GroupResource{Resource: "services"}, "web"), false},
		"an object that is not": {apierrors.NewNotFound(schema.GroupResource{Resource: "services"}, "web"), false},
	} {
		if got := IsStale(test.err); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
