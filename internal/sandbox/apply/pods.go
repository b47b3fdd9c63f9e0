package apply

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var podKind = schema.GroupVersionKind{Version: "v1", Kind: "Pod"}

// PodsOn reads the pods that are on a node.
func (c *Client) PodsOn(ctx context.Context, node string) ([]unstructured.Unstructured, error) {
	r, err := c.resource(podKind, metav1.NamespaceAll)
	if err != nil {
		return nil, err
	}
	list, err := r.List(ctx, metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("spec.nodeName", node).String()})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// DeletePodsOn deletes the pods of a node without waiting for their containers to
// end: for a node that is gone.
func (c *Client) DeletePodsOn(ctx context.Context, node string) error {
	pods, err := c.PodsOn(ctx, node)
	if err != nil {
		return err
	}
	return c.deleteNow(ctx, pods)
}

// Evict asks for a pod to end, unless it is asked already, in the way in which
// disruption budgets have a say. One that is not there is no error.
func (c *Client) Evict(ctx context.Context, pod unstructured.Unstructured) error {
	if pod.GetDeletionTimestamp() != nil {
		return nil
	}
	r, err := c.resource(podKind, pod.GetNamespace())
	if err != nil {
		return err
	}
	eviction := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "policy/v1", "kind": "Eviction",
		"metadata": map[string]any{"namespace": pod.GetNamespace(), "name": pod.GetName()},
	}}
	_, err = r.Create(ctx, eviction, metav1.CreateOptions{}, "eviction")
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("pod %s/%s: %w", pod.GetNamespace(), pod.GetName(), err)
	}
	return nil
}

// OfDaemonSet tells whether a DaemonSet keeps the pod on its node.
func OfDaemonSet(pod unstructured.Unstructured) bool {
	owner := metav1.GetControllerOf(&pod)
	return owner != nil && owner.Kind == "DaemonSet"
}
