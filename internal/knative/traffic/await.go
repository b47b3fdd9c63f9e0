package traffic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"knative.dev/serving/pkg/apis/autoscaling"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// grace is how long a failure must last before a wait believes it: Knative
// reports some states as failed that it gets over by itself a moment later.
const grace = 5 * time.Second

// errGone says that somebody deleted the application while it was waited for.
var errGone = errors.New("the Knative Service was deleted by somebody else meanwhile")

// notReady says what a wait has seen last.
type notReady struct {
	what  string
	state serving.Readiness
	cause error // why the wait ended, when it was not by the state
}

func (e *notReady) Error() string { return e.what + ": " + e.state.String() }

func (e *notReady) Unwrap() error { return e.cause }

// patience believes a failure when it lasts.
type patience struct{ failedSince time.Time }

// judge says whether the wait is over for a failure, or when to look again.
func (p *patience) judge(state serving.Readiness) (failed bool, again time.Duration) {
	if state.Phase != serving.Failed {
		p.failedSince = time.Time{}
		return false, 0
	}
	if p.failedSince.IsZero() {
		p.failedSince = time.Now()
	}
	left := grace - time.Since(p.failedSince)
	return left <= 0, max(left, 0)
}

// awaitRevision waits until Knative has made the revision of the Service's
// template and started it, or can't.
func awaitRevision(ctx context.Context, follow *kube.Await, service *kube.Object) (*kube.Object, error) {
	last := &notReady{what: "The newest revision of " + service.GetNamespace() + "/" + service.GetName() + " is not ready"}
	wait := patience{}
	object, err := follow.Await(ctx, service, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil {
			return false, 0, errGone
		}
		decoded, err := serving.DecodeService(object)
		if err != nil {
			return false, 0, err
		}
		if last.state = serving.AssessTemplate(decoded); last.state.Phase == serving.Ready {
			last.state = serving.AssessNewest(decoded)
		}
		failed, again := wait.judge(last.state)
		return failed || last.state.Phase == serving.Ready, again, nil
	})
	if err != nil && ctx.Err() != nil {
		last.cause = ctx.Err()
		return nil, last
	}
	return object, err
}

// awaitRoutes waits until every gateway sends requests as the Service's traffic
// says: Knative asks them before it reports its routes as ready.
func awaitRoutes(ctx context.Context, follow *kube.Await, service *kube.Object) (*kube.Object, error) {
	last := &notReady{what: "The traffic of " + service.GetNamespace() + "/" + service.GetName() + " is not what it should be yet"}
	wait := patience{}
	object, err := follow.Await(ctx, service, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil {
			return false, 0, errGone
		}
		decoded, err := serving.DecodeService(object)
		if err != nil {
			return false, 0, err
		}
		last.state = assessTraffic(decoded)
		if last.state.Phase == serving.Ready {
			return true, 0, nil
		}
		failed, again := wait.judge(last.state)
		if failed {
			return false, 0, last
		}
		return false, again, nil
	})
	if err != nil && ctx.Err() != nil {
		last.cause = ctx.Err()
		return object, last
	}
	return object, err
}

// assessTraffic tells whether requests go where the Service's traffic says, by
// all of its tags.
func assessTraffic(service *servingv1.Service) serving.Readiness {
	state := serving.AssessRoutes(service)
	if state.Phase != serving.Ready {
		return state
	}
	for _, wanted := range service.Spec.Traffic {
		if wanted.Tag == "" {
			continue
		}
		if !slices.ContainsFunc(service.Status.Traffic, func(is servingv1.TrafficTarget) bool {
			return is.Tag == wanted.Tag && (wanted.RevisionName == "" || is.RevisionName == wanted.RevisionName)
		}) {
			return serving.Readiness{Phase: serving.Pending, Message: "the tag " + wanted.Tag + " does not answer yet"}
		}
	}
	return state
}

// awaitPods waits until a revision runs as many pods.
func awaitPods(ctx context.Context, follow *kube.Await, revision *kube.Object, pods int64) error {
	last := &notReady{what: fmt.Sprintf("Revision %s does not run its min_scale of %d yet", revision.GetName(), pods)}
	wait, begun := patience{}, time.Now()
	_, err := follow.Await(ctx, revision, func(object *kube.Object) (bool, time.Duration, error) {
		if object == nil {
			return false, 0, fmt.Errorf("the revision %s was deleted by somebody else meanwhile", revision.GetName())
		}
		decoded, err := serving.DecodeRevision(object)
		if err != nil {
			return false, 0, err
		}
		running := int64(0)
		if decoded.Status.ActualReplicas != nil {
			running = int64(*decoded.Status.ActualReplicas)
		}
		if running >= pods {
			return true, 0, nil
		}
		last.state = serving.AssessRevision(decoded)
		if last.state.Phase == serving.Ready {
			last.state = serving.Readiness{Phase: serving.Pending, Message: fmt.Sprintf("%d of %d pods are ready", running, pods)}
		}
		failed, again := wait.judge(last.state)
		if failed {
			return false, 0, last
		}
		if neverRan(decoded) {
			left := neverRanTime - time.Since(begun)
			if left <= 0 {
				return false, 0, fmt.Errorf("the revision %s has never run: it was made with scaling.initial = 0, and Knative starts such a revision at its first request, whatever min_scale says. "+
					"Send it a request at its tag's URL, or deploy without scaling.initial = 0. Every request is served meanwhile, as before. The next apply goes on", revision.GetName())
			}
			again = left
		}
		return false, again, nil
	})
	if err != nil && ctx.Err() != nil {
		last.cause = ctx.Err()
		return last
	}
	return err
}

// neverRanTime is how long Knative's autoscaler may take to look at a revision.
const neverRanTime = 15 * time.Second

// neverRan reports whether the autoscaler has no numbers of a revision, and will
// have none before its first request: without them it does not heed the least
// number of pods either.
func neverRan(revision *servingv1.Revision) bool {
	_, initial, _ := autoscaling.InitialScaleAnnotation.Get(revision.Annotations)
	return initial == "0" && revision.Status.DesiredReplicas == nil
}

// pause waits for a time, or for the end of the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
