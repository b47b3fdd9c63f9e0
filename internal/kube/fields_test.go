package kube

import (
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFieldPaths(t *testing.T) {
	const fields = `{"f:metadata":{"f:labels":{".":{},"f:a.b/c":{}}},"f:spec":{"f:list":{"k:{\"name\":\"x\"}":{".":{},"f:image":{}},"k:{\"name\":\"y\"}":{".":{}}},"f:set":{"v:\"z\"":{}}}}`
	var names []string
	for _, path := range FieldPaths([]byte(fields)) {
		names = append(names, FieldName(path))
	}
	want := []string{".metadata.labels.a.b/c", `.spec.list[name="x"].image`, `.spec.list[name="y"]`, `.spec.set[="z"]`}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("the fields are %q", names)
	}
	if paths := FieldPaths(nil); paths != nil {
		t.Errorf("of no fields there are %q", paths)
	}
}

func TestAppliedFieldsAndOwners(t *testing.T) {
	object := &Object{Object: map[string]any{}}
	object.SetManagedFields([]metav1.ManagedFieldsEntry{
		{Manager: "us", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:b":{}}}`)},
		{Manager: "us", Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:a":{}}}`)},
		{Manager: "autoscaler", Operation: metav1.ManagedFieldsOperationUpdate, Subresource: "scale", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:replicas":{}}}`)},
		{Manager: "them", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:list":{"k:{\"name\":\"x\"}":{"f:image":{}}}}}`)},
	})
	if fields := string(AppliedFields(object, "us")); fields != `{"f:spec":{"f:a":{}}}` {
		t.Errorf("applied are %s", fields)
	}
	if fields := AppliedFields(object, "nobody"); fields != nil {
		t.Errorf("nobody has applied %s", fields)
	}
	for path, want := range map[string]string{
		"f:spec f:replicas":                       "autoscaler",
		`f:spec f:list`:                           "them",
		`f:spec f:list k:{"name":"x"} f:image`:    "them",
		`f:spec f:list k:{"name":"y"} f:image`:    "",
		"f:spec f:a":                              "",
		"f:spec":                                  "autoscaler them",
		`f:spec f:list k:{"name":"x"} f:image f:`: "",
	} {
		if got := strings.Join(FieldOwners(object, "us", strings.Fields(path)), " "); got != want {
			t.Errorf("%s belongs to %q", path, got)
		}
	}
}
