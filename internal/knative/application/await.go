package application

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

const (
	// grace is how long a failure must last before a wait believes it: Knative
	// reports some states as failed that it gets over by itself a moment later.
	grace = 5 * time.Second
	// inspectEvery is how often a wait looks at the pods themselves. Of an image
	// that can't be pulled Knative says nothing until its progress deadline, ten
	// minutes later.
	inspectEvery = 3 * time.Second
	// moveTime is how long a change of visibility may take to show in the URL. A
	// change of labels raises no generation, so that nothing else says when
	// Knative has seen it; and the URL may stay the same, on a platform without a
	// public domain.
	moveTime = 10 * time.Second
)

// errGone says that somebody deleted the application while it was waited for.
var errGone = errors.New("the Knative Service was deleted by somebody else meanwhile")

// expected is what a wait waits for.
type expected struct {
	rollout   types.String
	movedFrom string // the URL before a change of it
}

// await waits until the Service runs its revision, or can be told not to.
func await(ctx context.Context, cluster *kube.Cluster, follow *kube.Await, service *kube.Object, e expected) (*kube.Object, error) {
	w := &waiting{cluster: cluster, last: &notReady{}, inspected: time.Now(), expected: e, began: time.Now()}
	object, err := follow.Await(ctx, service, func(object *kube.Object) (bool, time.Duration, error) {
		return w.check(ctx, object)
	})
	if err != nil && ctx.Err() != nil {
		w.last.cause = ctx.Err()
		return object, w.last
	}
	return object, err
}

// waiting is what a wait has seen so far.
type waiting struct {
	expected
	cluster     *kube.Cluster
	last        *notReady
	failedSince time.Time // the Service reports failure since then
	inspected   time.Time // the pods were last looked at then
	stuck       string    // the reason that the pods gave then
	began       time.Time
}

func (w *waiting) check(ctx context.Context, object *kube.Object) (done bool, again time.Duration, err error) {
	if object == nil {
		return false, 0, errGone
	}
	service, err := serving.DecodeService(object)
	if err != nil {
		return false, 0, err
	}
	w.last.service, w.last.revision = service, service.Spec.Template.Name
	w.last.state = assess(service, w.last.revision, w.rollout)
	switch w.last.state.Phase {
	case serving.Ready:
		left := moveTime - time.Since(w.began)
		return !w.moves() || left <= 0, left, nil
	case serving.Failed:
		if w.failedSince.IsZero() {
			w.failedSince = time.Now()
		}
		if left := grace - time.Since(w.failedSince); left > 0 {
			return false, left, nil
		}
		if w.mayGetRoom(ctx) {
			// Until Knative has seen that there is room again, or that none is asked for
			// any more, it reports other failures, which get their own grace.
			w.failedSince = time.Time{}
			return false, inspectEvery, nil
		}
		return false, 0, w.last
	}
	w.failedSince = time.Time{}
	if reason, message := w.inspect(ctx); reason != "" {
		w.last.state = serving.Readiness{Phase: serving.Failed, Reason: reason, Message: message}
		return false, 0, w.last
	}
	left := inspectEvery - time.Since(w.inspected)
	if left <= 0 {
		// There was no revision to look at yet, or the time has come since it was
		// asked for. Without a time, nothing but an event would wake the wait.
		left = inspectEvery
	}
	return false, left, nil
}

// assess tells whether the application runs that revision. Where its rollout is
// manual, the traffic is another's to say and to mend.
func assess(service *servingv1.Service, revision string, rollout types.String) serving.Readiness {
	if rollout.ValueString() == rolloutManual {
		return serving.AssessUnderTraffic(service, revision)
	}
	return serving.Assess(service, revision)
}

// moves reports whether the Service still has the URL from before the change.
func (w *waiting) moves() bool {
	url := w.last.service.Status.URL
	return w.movedFrom != "" && url != nil && url.String() == w.movedFrom
}

// mayGetRoom reports whether the failure is that no node has room for the pods.
// That passes when nodes are added, as during a failover, so it is waited out.
func (w *waiting) mayGetRoom(ctx context.Context) bool {
	revision := readRevision(ctx, w.cluster, w.last.service.Namespace, w.last.service.Status.LatestCreatedRevisionName)
	if revision == nil {
		return false
	}
	available := revision.Status.GetCondition(servingv1.RevisionConditionResourcesAvailable)
	return available != nil && available.Reason == corev1.PodReasonUnschedulable
}

// inspect looks at the revision's newest pod, and returns why it is stuck if it
// was stuck for that reason the last time already.
func (w *waiting) inspect(ctx context.Context) (reason, message string) {
	service := w.last.service
	name := w.last.revision
	if name == "" {
		name = service.Status.LatestCreatedRevisionName
	}
	if time.Since(w.inspected) < inspectEvery || name == "" {
		return "", ""
	}
	w.inspected = time.Now()
	all, err := w.cluster.Recent(ctx, pods, service.Namespace, inspectEvery)
	if err != nil {
		return "", "" // who may not look at pods waits for Knative's own word
	}
	pod := newestPod(all, name)
	before := w.stuck
	w.stuck = ""
	if pod == nil {
		// A revision that starts at zero has none. One whose Deployment Knative
		// can't make has none either, which it tells in an event alone: but so it
		// does when its own cache is behind, or a webhook of the cluster's does not
		// answer for some minutes, and no event tells these from what stays. What
		// is known to stay is refused at plan (validatePod); the rest ends at the
		// deadline, with the event.
		return "", ""
	}
	stuck := kube.Stuck(pod)
	if stuck == nil {
		return "", ""
	}
	w.stuck = stuck.State.Waiting.Reason
	if w.stuck != before {
		return "", ""
	}
	return w.stuck, stuck.State.Waiting.Message
}
