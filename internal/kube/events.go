package kube

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Warnings returns what the cluster's components have warned of a pod, the
// newest first.
func (c *Cluster) Warnings(ctx context.Context, namespace, pod string) ([]string, error) {
	events, err := c.core.Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: fields.Set{
		"involvedObject.kind": "Pod", "involvedObject.name": pod, "type": corev1.EventTypeWarning,
	}.String()})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(events.Items, func(a, b corev1.Event) int {
		return b.LastTimestamp.Compare(a.LastTimestamp.Time)
	})
	var warnings []string
	for _, event := range events.Items {
		if text := event.Reason + ": " + event.Message; !slices.Contains(warnings, text) {
			warnings = append(warnings, text)
		}
	}
	return warnings, nil
}
