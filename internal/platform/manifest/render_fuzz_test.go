package manifest

import (
	"bytes"
	"errors"
	"maps"
	"testing"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// Whatever a manifest holds, it is objects or an *Error; what was made of it, as a
// manifest again, is the same.
func FuzzRender(f *testing.F) {
	for _, text := range []string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n",
		"---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: n}\n",
		"apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: migrate-}\nspec: {template: {spec: {containers: [{name: a, image: 'gcr.io/a/b:1'}]}}}\n",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, labels: {a: b}, creationTimestamp: null}\nspec: {replicas: 1}\nstatus: {}\n",
		"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.example.com}\nspec: {group: example.com, scope: Cluster, names: {kind: W, plural: ws}}\n",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: s, annotations: }\ntype: 1e3\n",
		`{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":80.0}]}}`,
		"apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\nwebhooks: [{clientConfig: {caBundle: Cg==}}]\n",
		"a: &a [*a]\n", "[]", "1", "a: b\na: c\n", "%YAML 1.1\n--- x\n",
	} {
		f.Add([]byte(text), "default")
	}
	f.Fuzz(func(t *testing.T, text []byte, namespace string) {
		if !utf8.ValidString(namespace) {
			return // which no attribute can be
		}
		options := Options{Component: "it", Namespace: namespace, Images: map[string]string{"gcr.io/a": "mirror.example.com/a"}}
		set, err := Render(&Content{Files: []File{{Name: "it.yaml", Data: text}}}, options)
		if err != nil {
			var told *Error
			if !errors.As(err, &told) || told.Summary == "" || told.Detail == "" {
				t.Errorf("no error for a person: %v", err)
			}
			return
		}
		var again bytes.Buffer
		for _, object := range set.Objects {
			encoded, err := yaml.Marshal(object.Object.Object)
			if err != nil {
				t.Fatal(err)
			}
			again.WriteString("---\n")
			again.Write(encoded)
		}
		options.Images = nil // they are rewritten already
		second, err := Render(&Content{Files: []File{{Name: "again.yaml", Data: again.Bytes()}}}, options)
		if err != nil {
			t.Fatalf("what was made of it is broken: %s\n%s", err, again.String())
		}
		if !maps.Equal(set.Digests(), second.Digests()) {
			t.Errorf("it is not the same again:\n%v\n%v\n%s", set.Digests(), second.Digests(), again.String())
		}
	})
}
