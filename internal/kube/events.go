package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

var events = Kind{schema.GroupVersionResource{Version: "v1", Resource: "events"}, "Event"}

// Warning is what a component of the cluster has warned of.
type Warning struct {
	Reason  string
	Message string
}

// Warnings returns what the cluster's components have warned of an object, each
// once, the newest first. Events outlive their object by an hour, so that its
// UID is asked for: one of the same name made since has warnings of its own.
func (c *Cluster) Warnings(ctx context.Context, namespace string, uid types.UID) ([]Warning, error) {
	list, err := c.of(events, namespace).List(ctx, metav1.ListOptions{FieldSelector: fields.Set{
		"involvedObject.uid": string(uid), "type": corev1.EventTypeWarning,
	}.String()})
	if err != nil {
		return nil, err
	}
	warned := make([]corev1.Event, len(list.Items))
	for i, item := range list.Items {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &warned[i]); err != nil {
			return nil, fmt.Errorf("the event %s: %w", item.GetName(), err)
		}
	}
	slices.SortStableFunc(warned, func(a, b corev1.Event) int { return lastSeen(&b).Compare(lastSeen(&a)) })
	var warnings []Warning
	for _, event := range warned {
		if warning := (Warning{event.Reason, event.Message}); !slices.Contains(warnings, warning) {
			warnings = append(warnings, warning)
		}
	}
	return warnings, nil
}

// lastSeen returns when an event came last. Components that write events of the
// newer API, as the scheduler does, leave LastTimestamp empty.
func lastSeen(event *corev1.Event) time.Time {
	seen := event.CreationTimestamp.Time
	times := []time.Time{event.EventTime.Time, event.LastTimestamp.Time}
	if event.Series != nil {
		times = append(times, event.Series.LastObservedTime.Time)
	}
	for _, other := range times {
		if other.After(seen) {
			seen = other
		}
	}
	return seen
}
