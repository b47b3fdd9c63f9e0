package application

import (
	"fmt"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	knative "knative.dev/serving/pkg/apis/serving"
)

// madeAt is a revision that was made in some minute, with its routing state
// since another.
func madeAt(name string, minute int, state string, since int) kube.Object {
	at := func(minute int) string { return fmt.Sprintf("2026-01-01T00:%02d:00Z", minute) }
	return kube.Object{Object: map[string]any{"metadata": map[string]any{
		"name": name, "creationTimestamp": at(minute),
		"labels":      map[string]any{knative.RoutingStateLabelKey: state},
		"annotations": map[string]any{knative.RoutingStateModifiedAnnotationKey: at(since)},
	}, "status": conditions("True", "True")}}
}

func conditions(ready, active string) map[string]any {
	return map[string]any{"conditions": []any{
		map[string]any{"type": "Ready", "status": ready}, map[string]any{"type": "Active", "status": active},
	}}
}

// with returns a revision with those conditions.
func with(revision kube.Object, ready, active string) kube.Object {
	revision.Object["status"] = conditions(ready, active)
	return revision
}

func TestExpired(t *testing.T) {
	kept := madeAt("marked", 1, "reserve", 1)
	kept.SetAnnotations(map[string]string{knative.RevisionPreservedAnnotationKey: "true"})
	for name, test := range map[string]struct {
		list  []kube.Object
		used  []string
		limit int
		want  []string
	}{
		"within the limit": {
			list: []kube.Object{madeAt("a", 1, "reserve", 2), madeAt("b", 2, "reserve", 3)}, limit: 2,
		},
		"the one that carried traffic longest ago goes": {
			list:  []kube.Object{madeAt("a", 1, "reserve", 9), madeAt("b", 2, "reserve", 3), madeAt("c", 3, "reserve", 4)},
			limit: 2, want: []string{"b"},
		},
		"failed releases do not push out the rollback target": {
			list:  []kube.Object{madeAt("good", 1, "reserve", 2), madeAt("bad-1", 5, "pending", 5), madeAt("bad-2", 6, "pending", 6)},
			limit: 1, want: []string{"bad-2", "bad-1"},
		},
		"nor do those that were routed to, but never ready": {
			list: []kube.Object{
				madeAt("good", 1, "reserve", 2), with(madeAt("bad-1", 5, "reserve", 5), "False", "Unknown"), with(madeAt("bad-2", 6, "reserve", 6), "Unknown", "Unknown"),
			},
			limit: 1, want: []string{"bad-2", "bad-1"},
		},
		"one that was ready and fails now may be the rollback target": {
			list: []kube.Object{
				madeAt("older", 1, "reserve", 2), with(madeAt("good", 2, "reserve", 5), "False", "False"),
			},
			limit: 1, want: []string{"older"},
		},
		"what is in use, routed to or marked stays, and takes no room": {
			list: []kube.Object{madeAt("used", 1, "reserve", 1), madeAt("routed", 1, "active", 1), kept, madeAt("old", 2, "reserve", 2), madeAt("new", 3, "reserve", 3)},
			used: []string{"used"}, limit: 1, want: []string{"old"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, revision := range expired(test.list, sets.New(test.used...), test.limit) {
				got = append(got, revision.GetName())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%v expire, want %v", got, test.want)
			}
		})
	}
}
