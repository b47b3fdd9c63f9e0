package manifest

import (
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

func TestPointer(t *testing.T) {
	for text, want := range map[string][]string{
		"/data/a.b": {"data", "a.b"}, "/metadata/annotations/a~1b": {"metadata", "annotations", "a/b"}, "/webhooks/*/x~0y": {"webhooks", "*", "x~y"},
	} {
		if got, err := Pointer(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "/", "data", "/a//b", "/a/"} {
		if _, err := Pointer(text); err == nil {
			t.Errorf("%q is taken for a pointer", text)
		}
	}
}

func TestMatch(t *testing.T) {
	patterns := Patterns{{"data", "a"}, {"webhooks", "*", "failurePolicy"}, {"spec", "template"}}
	for _, test := range []struct {
		path []string
		want bool
	}{
		{[]string{"f:data", "f:a"}, true},
		{[]string{"f:data", "f:b"}, false},
		{[]string{"f:data"}, false}, // more than the pattern has
		{[]string{"f:webhooks", `k:{"name":"x"}`, "f:failurePolicy"}, true},
		{[]string{"f:webhooks", `k:{"name":"x"}`, "f:rules"}, false},
		{[]string{"f:spec", "f:template", "f:spec", "f:x"}, true},
	} {
		if got := patterns.Match(test.path); got != test.want {
			t.Errorf("%v: %t", test.path, got)
		}
	}
}

func TestIgnoredOf(t *testing.T) {
	rules := WithBuiltIn(Ignored{
		{Kind: "ConfigMap", Name: "a", Paths: []string{"/data/x"}},
		{Kind: "ConfigMap", Namespace: "ns", Paths: []string{"/data/y"}},
		{Group: anyGroup("apps"), Kind: "Deployment", Paths: []string{"/spec/replicas"}},
	})
	for id, want := range map[ID]int{
		{Kind: "ConfigMap", Namespace: "ns", Name: "a"}:                2,
		{Kind: "ConfigMap", Namespace: "m", Name: "a"}:                 1,
		{Kind: "ConfigMap", Namespace: "ns", Name: "b"}:                1,
		{Kind: "ConfigMap", Namespace: "m", Name: "b"}:                 0,
		{Group: "apps", Kind: "Deployment"}:                            1,
		{Group: "extensions", Kind: "Deployment"}:                      0,
		{Group: "apiextensions.k8s.io", Kind: CRDs.Name}:               1,
		{Group: "elsewhere", Kind: "ValidatingWebhookConfiguration"}:   0,
		{Group: builtIn[5], Kind: "MutatingWebhookConfiguration"}:      len(webhookPaths),
		{Group: "apiregistration.k8s.io", Kind: "APIService"}:          1,
		{Group: "admissionregistration.k8s.io", Kind: "SomethingElse"}: 0,
	} {
		if got := len(rules.Of(id)); got != want {
			t.Errorf("%s: %d fields", id, got)
		}
	}
}

// The number of pods belongs to the autoscaler that the manifest brings.
func TestAutoscaled(t *testing.T) {
	const text = `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: ns}, spec: {replicas: 1}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, namespace: ns}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}}}
`
	ignored := rendered(t, text, Options{}).Ignored
	if got := ignored.Of(ID{Group: "apps", Kind: "Deployment", Namespace: "ns", Name: "a"}); !got.Match([]string{"f:spec", "f:replicas"}) {
		t.Errorf("the fields are %v", got)
	}
	if got := ignored.Of(ID{Group: "apps", Kind: "Deployment", Namespace: "ns", Name: "b"}); len(got) != 0 {
		t.Errorf("another Deployment's are %v", got)
	}
}

// What others have is left to them, and nothing else.
func TestYield(t *testing.T) {
	live := &kube.Object{Object: map[string]any{"data": map[string]any{"a": "theirs", "b": "theirs", "c": "ours"}}}
	live.SetManagedFields([]metav1.ManagedFieldsEntry{
		{Manager: "us", Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(`{"f:data":{"f:c":{}}}`)},
		{Manager: "them", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(`{"f:data":{"f:a":{},"f:b":{}}}`)},
	})
	wanted := &kube.Object{Object: map[string]any{"data": map[string]any{"a": "1", "b": "2", "c": "3"}}}
	Patterns{{"data", "a"}, {"data", "c"}}.Yield(wanted, live, "us")
	if want := map[string]any{"b": "2", "c": "3"}; !reflect.DeepEqual(wanted.Object["data"], want) {
		t.Errorf("left is %v", wanted.Object)
	}
}
