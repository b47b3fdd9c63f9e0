package acctest

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Predecessor is a resource of another provider, which manages objects of any kind. It
// writes them as that provider does, and has them in a state of the same shape; the
// provider itself is not needed.
type Predecessor struct {
	Provider string // as in hashicorp/kubernetes
	Type     string // of its resources, such as kubernetes_manifest
	// Manager is what the configuration names the field manager; empty is the
	// provider's default.
	Manager string
	// ServerSide is what kubectl_manifest may do, and kubernetes_manifest always does.
	ServerSide bool
}

// Predecessors are the resources that objects come from by moved blocks, by what the
// test calls them.
var Predecessors = map[string]Predecessor{
	"kubernetes_manifest":                    {Provider: "hashicorp/kubernetes", Type: "kubernetes_manifest", ServerSide: true},
	"kubernetes_manifest of another manager": {Provider: "hashicorp/kubernetes", Type: "kubernetes_manifest", ServerSide: true, Manager: "shop-team"},
	"kubectl_manifest of gavinbunney":        {Provider: "gavinbunney/kubectl", Type: "kubectl_manifest"},
	"kubectl_manifest, server-side":          {Provider: "alekc/kubectl", Type: "kubectl_manifest", ServerSide: true, Manager: "shop-team"},
}

// Make writes an object that is not there yet, as the provider does.
func (p Predecessor) Make(t testing.TB, kind kube.Kind, object map[string]any) {
	t.Helper()
	config := rest.CopyConfig(OnCluster(t).Config)
	// Both providers say that they are this. The API server makes a field manager of
	// it where a write names none.
	config.UserAgent = "HashiCorp/1.0 Terraform/1.11.4"
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	body := &kube.Object{Object: object}
	on := client.Resource(kind.GroupVersionResource).Namespace(body.GetNamespace())
	if p.ServerSide {
		_, err = on.Patch(t.Context(), body.GetName(), types.ApplyPatchType, marshal(t, object), metav1.PatchOptions{FieldManager: p.manager()})
	} else {
		body = body.DeepCopy()
		annotations := map[string]string{"kubectl.kubernetes.io/last-applied-configuration": string(marshal(t, object))}
		maps.Copy(annotations, body.GetAnnotations())
		body.SetAnnotations(annotations)
		_, err = on.Create(t.Context(), body, metav1.CreateOptions{})
	}
	if err != nil {
		t.Fatalf("making the %s %s/%s: %s", kind.Name, body.GetNamespace(), body.GetName(), err)
	}
}

// manager is the field manager that the provider's writes name.
func (p Predecessor) manager() string {
	switch {
	case p.Manager != "":
		return p.Manager
	case p.Type == "kubernetes_manifest":
		return "Terraform"
	}
	return "kubectl"
}

// Holds puts objects, as Make has got them, into the state, each under a name.
func (p Predecessor) Holds(t testing.TB, tf *Terraform, objects map[string]map[string]any) {
	t.Helper()
	_, name, _ := strings.Cut(p.Provider, "/")
	program, err := build("./internal/acctest/predecessor", name)
	if err != nil {
		t.Fatalf("building a provider: %s", err)
	}
	tf.override(t, p.Provider, program)
	resources := []any{}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		resources = append(resources, map[string]any{
			"mode": "managed", "type": p.Type, "name": name,
			"provider":  fmt.Sprintf("provider[%q]", "registry.terraform.io/"+p.Provider),
			"instances": []any{map[string]any{"schema_version": 1, "attributes": p.attributes(t, objects[name]), "sensitive_attributes": []any{}}},
		})
	}
	writeFile(t, filepath.Join(tf.dir, "terraform.tfstate"), string(marshal(t, map[string]any{
		"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "00000000-0000-0000-0000-000000000000", "outputs": map[string]any{},
		"resources": resources, "check_results": nil,
	})))
}

// attributes are the state of an object's resource.
func (p Predecessor) attributes(t testing.TB, object map[string]any) map[string]any {
	t.Helper()
	if p.Type == "kubernetes_manifest" {
		managers := []any{}
		if p.Manager != "" {
			managers = append(managers, map[string]any{"name": p.Manager, "force_conflicts": nil})
		}
		typed := map[string]any{"value": object, "type": typeOf(object)}
		return map[string]any{"manifest": typed, "object": typed, "wait_for": nil, "computed_fields": nil, "field_manager": managers}
	}
	body, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	of := &kube.Object{Object: object}
	attributes := map[string]any{
		"id":          fmt.Sprintf("/apis/%s/namespaces/%s/%ss/%s", of.GetAPIVersion(), of.GetNamespace(), strings.ToLower(of.GetKind()), of.GetName()),
		"api_version": of.GetAPIVersion(), "kind": of.GetKind(), "namespace": of.GetNamespace(), "name": of.GetName(),
		"yaml_body": string(body), "yaml_body_parsed": string(body), "server_side_apply": p.ServerSide, "force_new": false,
	}
	if p.Provider == "alekc/kubectl" {
		attributes["field_manager"] = p.manager()
	}
	return attributes
}

// typeOf returns the type that goes with a value of any type.
func typeOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		attributes := map[string]any{}
		for name, attribute := range value {
			attributes[name] = typeOf(attribute)
		}
		return []any{"object", attributes}
	case []any:
		elements := []any{}
		for _, element := range value {
			elements = append(elements, typeOf(element))
		}
		return []any{"tuple", elements}
	case string:
		return "string"
	case bool:
		return "bool"
	case nil:
		return "dynamic"
	}
	return "number"
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
