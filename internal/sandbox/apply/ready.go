package apply

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Condition returns nil where the object's condition of that type is True,
// and otherwise an error with what the condition says.
func Condition(o *unstructured.Unstructured, kind string) error {
	who := fmt.Sprintf("%s %s", o.GetKind(), o.GetName())
	conditions, _, err := unstructured.NestedSlice(o.Object, "status", "conditions")
	if err != nil {
		return fmt.Errorf("%s: %w", who, err)
	}
	for _, c := range conditions {
		m, ok := c.(map[string]any)
		if !ok || m["type"] != kind {
			continue
		}
		if m["status"] == "True" {
			return nil
		}
		return fmt.Errorf("%s: %s is %v: %v %v", who, kind, m["status"], text(m["reason"]), text(m["message"]))
	}
	return fmt.Errorf("%s: no condition %s yet", who, kind)
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// Available returns nil where a Deployment's current template is available
// with all its replicas.
func Available(d *unstructured.Unstructured) error {
	who := fmt.Sprintf("%s %s", d.GetKind(), d.GetName())
	number := func(fields ...string) int64 {
		n, _, _ := unstructured.NestedInt64(d.Object, fields...) // absent is 0
		return n
	}
	if number("status", "observedGeneration") < d.GetGeneration() {
		return fmt.Errorf("%s: its newest state is not observed yet", who)
	}
	want := number("spec", "replicas")
	if updated, available := number("status", "updatedReplicas"), number("status", "availableReplicas"); updated < want || available < want {
		return fmt.Errorf("%s: %d of %d pods available", who, min(updated, available), want)
	}
	return nil
}
