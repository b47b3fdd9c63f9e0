package application

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	knative "knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

// prune deletes the revisions of an application that its history has no room
// for. It is called when the newest one is ready.
func prune(ctx context.Context, cluster *kube.Cluster, service *kube.Object, limit int) error {
	list, err := cluster.List(ctx, serving.Revisions, service.GetNamespace(), map[string]string{knative.ServiceLabelKey: service.GetName()})
	if err != nil {
		return err
	}
	for _, revision := range expired(list, inUse(service), limit) {
		if err := cluster.Delete(ctx, serving.Revisions, revision.GetNamespace(), revision.GetName(), revision.GetUID()); err != nil {
			return err
		}
	}
	return nil
}

// inUse returns the revisions that a Service names: in its template, in its
// traffic as it is and as it is wanted, and as its newest.
func inUse(service *kube.Object) sets.Set[string] {
	used := sets.New(serving.CurrentRevision(service))
	for _, field := range []string{"latestCreatedRevisionName", "latestReadyRevisionName"} {
		name, _, _ := unstructured.NestedString(service.Object, "status", field)
		used.Insert(name)
	}
	for _, part := range []string{"spec", "status"} {
		targets, _, _ := unstructured.NestedSlice(service.Object, part, "traffic")
		for _, target := range targets {
			if fields, ok := target.(map[string]any); ok {
				name, _ := fields["revisionName"].(string)
				used.Insert(name)
			}
		}
	}
	return used
}

// expired returns the revisions beyond a history of limit revisions that nobody
// uses. The history is ranked by when a revision last carried traffic: ranked by
// when it was made, a row of failed releases would push out the one to roll back
// to.
func expired(list []kube.Object, used sets.Set[string], limit int) []kube.Object {
	var unused []kube.Object
	for _, revision := range list {
		if !used.Has(revision.GetName()) && revision.GetLabels()[knative.RoutingStateLabelKey] != string(servingv1.RoutingStateActive) &&
			!strings.EqualFold(revision.GetAnnotations()[knative.RevisionPreservedAnnotationKey], "true") && revision.GetDeletionTimestamp() == nil {
			unused = append(unused, revision)
		}
	}
	slices.SortStableFunc(unused, func(a, b kube.Object) int {
		return cmp.Or(
			boolCompare(carriedTraffic(b), carriedTraffic(a)),
			lastCarried(b).Compare(lastCarried(a)),
			cmp.Compare(a.GetName(), b.GetName()),
		)
	})
	return unused[min(limit, len(unused)):]
}

// carriedTraffic reports whether a revision can have been routed to. Its routing
// state says so of every revision that was the newest of a Service that follows
// the newest, from the moment that it was made: also of one that has never
// become ready, and to which no request went.
func carriedTraffic(revision kube.Object) bool {
	state := revision.GetLabels()[knative.RoutingStateLabelKey]
	if state == "" || state == string(servingv1.RoutingStatePending) {
		return false
	}
	decoded, err := serving.DecodeRevision(&revision)
	if err != nil {
		return true // rather kept
	}
	// Whether it is active is known from when it was ready for the first time.
	active := decoded.Status.GetCondition(servingv1.RevisionConditionActive)
	return decoded.IsReady() || (active != nil && !active.IsUnknown())
}

// lastCarried returns when a revision was last routed to, or made if it never
// was.
func lastCarried(revision kube.Object) time.Time {
	if since, err := time.Parse(time.RFC3339, revision.GetAnnotations()[knative.RoutingStateModifiedAnnotationKey]); err == nil {
		return since
	}
	return revision.GetCreationTimestamp().Time
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
