package apply

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
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

// Deployments tells, for every Deployment of a namespace, or of all, that a
// label selector chooses, by NAMESPACE/NAME, nil or what it lacks. It counts the
// pods themselves: a Deployment's own status is out of date just when it
// matters, after a restart.
func (c *Client) Deployments(ctx context.Context, namespace, selector string) (map[string]error, error) {
	deployments, err := c.List(ctx, "apps/v1", "Deployment", namespace, selector)
	if err != nil {
		return nil, err
	}
	parts := map[string]error{}
	pods := map[string][]unstructured.Unstructured{}
	for _, d := range deployments {
		in := d.GetNamespace()
		if pods[in] == nil {
			if pods[in], err = c.List(ctx, "v1", "Pod", in, ""); err != nil {
				return nil, err
			}
		}
		parts[in+"/"+d.GetName()] = available(&d, pods[in])
	}
	return parts, nil
}

// available returns nil where the Deployment's newest state is rolled out and
// all its pods are ready.
func available(d *unstructured.Unstructured, pods []unstructured.Unstructured) error {
	number := func(fields ...string) int64 {
		n, _, _ := unstructured.NestedInt64(d.Object, fields...) // absent is 0
		return n
	}
	if number("status", "observedGeneration") < d.GetGeneration() {
		return errors.New("its newest state is not observed yet")
	}
	want := number("spec", "replicas")
	if n := number("status", "updatedReplicas"); n < want {
		return fmt.Errorf("%d of %d pods are of the newest state", n, want)
	}
	selector, _, err := unstructured.NestedStringMap(d.Object, "spec", "selector", "matchLabels")
	if err != nil {
		return err
	}
	var ready int64
	var last error
	for _, p := range pods {
		if !labels.SelectorFromSet(selector).Matches(labels.Set(p.GetLabels())) || p.GetDeletionTimestamp() != nil {
			continue
		}
		if err := Condition(&p, "Ready"); err != nil {
			last = errors.Join(err, waiting(&p))
			continue
		}
		ready++
	}
	if ready < want {
		return errors.Join(fmt.Errorf("%d of %d pods ready", ready, want), last)
	}
	return nil
}

// waiting tells what a pod's containers wait for: an image, or the next try
// after a crash.
func waiting(pod *unstructured.Unstructured) error {
	statuses, _, err := unstructured.NestedSlice(pod.Object, "status", "containerStatuses")
	if err != nil {
		return err
	}
	var all error
	for _, s := range statuses {
		status, ok := s.(map[string]any)
		if !ok {
			continue
		}
		reason, found, _ := unstructured.NestedString(status, "state", "waiting", "reason")
		if found {
			message, _, _ := unstructured.NestedString(status, "state", "waiting", "message")
			all = errors.Join(all, fmt.Errorf("container %s: %s %s", text(status["name"]), reason, message))
		}
	}
	return all
}
