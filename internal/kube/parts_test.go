package kube

import (
	"reflect"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
)

// shared is an object into whose lists others have written.
const shared = `{
  "apiVersion": "v1", "kind": "Test",
  "metadata": {
    "managedFields": [
      {"manager": "us", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:spec":{"f:volumes":{"k:{\"name\":\"ours\"}":{".":{},"f:name":{},"f:emptyDir":{}}}}}},
      {"manager": "kim", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:spec":{"f:containers":{},"f:volumes":{"k:{\"name\":\"theirs\"}":{".":{},"f:name":{},"f:emptyDir":{".":{},"f:medium":{}}}},"f:zones":{"v:\"a\"":{}},"f:gone":{}}}},
      {"manager": "lee", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:spec":{"f:containers":{},"f:labels":{"f:a.b/c":{}}}}},
      {"manager": "controller", "operation": "Update", "subresource": "status", "apiVersion": "v1", "fieldsType": "FieldsV1",
       "fieldsV1": {"f:spec":{"f:labels":{"f:x":{}}}}}
    ]
  },
  "spec": {
    "containers": [{"name": "app"}],
    "volumes": [{"name": "ours", "emptyDir": {}}, {"name": "theirs", "emptyDir": {"medium": "Memory"}}],
    "zones": ["b", "a"],
    "labels": {"a.b/c": "d", "x": "y"}
  }
}`

func TestPartsOfOthers(t *testing.T) {
	t.Parallel()
	object := &Object{}
	if err := object.UnmarshalJSON([]byte(shared)); err != nil {
		t.Fatal(err)
	}
	want := []Part{
		{[]string{"f:containers"}, []any{map[string]any{"name": "app"}}},
		{[]string{"f:labels", "f:a.b/c"}, "d"},
		{[]string{"f:volumes", `k:{"name":"theirs"}`, "f:emptyDir", "f:medium"}, "Memory"},
		{[]string{"f:volumes", `k:{"name":"theirs"}`, "f:name"}, "theirs"},
		{[]string{"f:zones", `v:"a"`}, "a"},
	}
	got := PartsOfOthers(object, "us", "spec")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if none := PartsOfOthers(object, "us", "status"); none != nil {
		t.Errorf("of nothing there is %v", none)
	}

	spec := runtime.DeepCopyJSON(object.Object)["spec"].(map[string]any) //nolint:errcheck // a panic says as much in a test
	for _, part := range got {
		part.Remove(spec)
		if value, there := part.Within(spec); there {
			t.Errorf("%v is still there: %v", part.Path, value)
		}
	}
	left := map[string]any{
		"volumes": []any{map[string]any{"name": "ours", "emptyDir": map[string]any{}}, map[string]any{"emptyDir": map[string]any{}}},
		"zones":   []any{"b"},
		"labels":  map[string]any{"x": "y"},
	}
	if !reflect.DeepEqual(spec, left) {
		t.Errorf("left is %v", spec)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	object := map[string]any{"spec": map[string]any{
		"volumes": []any{map[string]any{"name": "a]b", "labels": map[string]any{"x.y/z": "1"}}},
		"ports":   []any{map[string]any{"port": int64(80), "protocol": "TCP"}},
		"zones":   []any{"a"},
	}}
	for field, want := range map[string][]string{
		`.spec.volumes[name="a]b"].labels.x.y/z`:   {"f:spec", "f:volumes", `k:{"name":"a]b"}`, "f:labels", "f:x.y/z"},
		`.spec.ports[port=80,protocol="TCP"].name`: {"f:spec", "f:ports", `k:{"port":80,"protocol":"TCP"}`, "f:name"},
		`.spec.zones[="a"]`:                        {"f:spec", "f:zones", `v:"a"`},
		`.spec.zones[0]`:                           {"f:spec", "f:zones", "i:0"},
		`.spec.volumes`:                            {"f:spec", "f:volumes"},
	} {
		if got := steps(field, object); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}
