package component

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// What is noted is read again as it was.
func TestInventoryRoundTrip(t *testing.T) {
	group := "apps"
	before := &inventory{
		component: "x", phase: complete,
		about: about{
			Version: "1.0", Digest: "abc", Inputs: "def", Settings: []byte(`{"source":"a"}`),
			Ignored: manifest.Ignored{{Group: &group, Kind: "Deployment", Name: "a", Paths: []string{"/spec/replicas"}}},
		},
		entries: []entry{
			{ID: manifest.ID{Group: "apps", Kind: "Deployment", Namespace: "ns", Name: "a"}, Version: "v1", Resource: "deployments", Digest: "sha256:1", Fields: "2", Adopted: true},
			{ID: manifest.ID{Kind: "Namespace", Name: "ns"}, Version: "v1", Resource: "namespaces", Pending: true},
			{ID: manifest.ID{Group: "batch", Kind: "Job", Namespace: "ns", Name: "a"}, Version: "v1", Resource: "jobs", Done: true},
		},
		fields: map[string][]byte{"apps/Deployment ns/a": []byte(`{"f:spec":{}}`)},
	}
	object, err := before.encode("a message")
	if err != nil {
		t.Fatal(err)
	}
	if object.GetName() != "sls-component-x" || object.GetNamespace() != "kube-system" || object.GetLabels()[manifest.Label] != "x" {
		t.Errorf("it is %s/%s with the labels %v", object.GetNamespace(), object.GetName(), object.GetLabels())
	}
	after, err := decodeInventory("x", object)
	if err != nil {
		t.Fatal(err)
	}
	after.live = nil
	if !reflect.DeepEqual(before, after) {
		t.Errorf("it was\n%+v\nand is\n%+v", before, after)
	}
}

// An inventory of somebody else's making is no reason to crash, nor to forget
// the component's objects.
func TestBrokenInventory(t *testing.T) {
	for name, data := range map[string]map[string]any{
		"empty": {}, "no JSON": {"objects": "x", "about": "{}"}, "another kind": {"objects": "{}", "about": "{}"},
	} {
		_, err := decodeInventory("x", &kube.Object{Object: map[string]any{"data": data}})
		if p := problemOf(err); err == nil || !strings.Contains(p.Detail, "kube-system/sls-component-x") {
			t.Errorf("%s: %v", name, err)
		}
	}
	object := &kube.Object{Object: map[string]any{"data": map[string]any{"objects": "[]", "about": "{}"}, "binaryData": map[string]any{"fields": "eA=="}}}
	if _, err := decodeInventory("x", object); err == nil {
		t.Error("fields that can't be unpacked are no error")
	}
}

// Large releases fit into a ConfigMap, of which the API server takes 1 MiB:
// Istio's and Knative's definitions have some ten thousand fields.
func TestInventoryIsSmall(t *testing.T) {
	i := &inventory{component: "x", phase: complete, fields: map[string][]byte{}}
	for d := range 40 {
		id := manifest.ID{Group: manifest.CRDs.Group, Kind: manifest.CRDs.Name, Name: fmt.Sprintf("things%d.example.com", d)}
		i.entries = append(i.entries, entry{ID: id, Version: "v1", Resource: "customresourcedefinitions", Digest: "sha256:0123456789abcdef", Fields: "0123456789abcdef"})
		var fields strings.Builder
		fields.WriteString(`{"f:spec":{`)
		for f := range 3000 {
			fmt.Fprintf(&fields, `"f:property%d":{"f:description":{},"f:type":{}},`, f*d)
		}
		fields.WriteString(`"f:x":{}}}`)
		i.fields[id.String()] = []byte(fields.String())
	}
	object, err := i.encode("")
	if err != nil {
		t.Fatal(err)
	}
	text, err := object.MarshalJSON()
	if err != nil || len(text) > 900<<10 {
		t.Errorf("it has %d bytes, %v", len(text), err)
	}
}
