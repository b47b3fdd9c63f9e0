package component

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// An endpoint that doesn't say is ready: so Kubernetes defines it.
func TestAnyReady(t *testing.T) {
	for text, want := range map[string]bool{
		"":              false,
		"endpoints: []": false,
		"endpoints: [{conditions: {ready: false}}]":                              false,
		"endpoints: [{conditions: {ready: true}}]":                               true,
		"endpoints: [{conditions: {}}]":                                          true,
		"endpoints: [{conditions: {ready: false}}, {conditions: {ready: true}}]": true,
	} {
		slice := kube.Object{}
		if err := yaml.Unmarshal([]byte(text), &slice.Object); err != nil {
			t.Fatal(err)
		}
		if got := anyReady([]kube.Object{slice}); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}
