package acctest

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestLineOf(t *testing.T) {
	route := &unstructured.Unstructured{Object: map[string]any{
		"kind": "Route", "metadata": map[string]any{"name": "web", "generation": int64(3)},
		"status": map[string]any{"observedGeneration": int64(2), "conditions": []any{
			map[string]any{"type": "AllTrafficAssigned", "status": "True"},
			map[string]any{"type": "IngressReady", "status": "Unknown", "reason": "IngressNotConfigured", "message": "not yet", "lastTransitionTime": "2026-01-02T03:04:05Z"},
		}},
	}}
	const want = "Route web: generation 3, observed 2; IngressReady is Unknown since 2026-01-02T03:04:05Z (IngressNotConfigured: not yet)"
	if got := lineOf(route); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
