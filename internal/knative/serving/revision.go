package serving

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"knative.dev/serving/pkg/apis/autoscaling"
	"knative.dev/serving/pkg/apis/serving"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

// UserContainerAt returns which container serves requests: of several, the one
// with a port, or -1 for a template without containers.
func UserContainerAt(containers []corev1.Container) int {
	at := slices.IndexFunc(containers, func(c corev1.Container) bool { return len(c.Ports) > 0 })
	if at < 0 && len(containers) > 0 {
		return 0
	}
	return at
}

// UserContainer returns the container that serves requests. It is empty for a
// template without containers.
func UserContainer(containers []corev1.Container) corev1.Container {
	if at := UserContainerAt(containers); at >= 0 {
		return containers[at]
	}
	return corev1.Container{}
}

// ImageDigest returns the image that the revision's own container runs, by its
// digest. It is empty until Knative has resolved it.
func ImageDigest(revision *servingv1.Revision) string {
	statuses := revision.Status.ContainerStatuses
	if len(statuses) == 1 {
		return statuses[0].ImageDigest
	}
	own := UserContainer(revision.Spec.Containers).Name
	for _, status := range statuses {
		if status.Name == own {
			return status.ImageDigest
		}
	}
	return ""
}

// MinScale returns how many pods the revision keeps at least, if that is said.
func MinScale(revision *servingv1.Revision) (pods int64, set bool) {
	_, text, there := autoscaling.MinScaleAnnotation.Get(revision.Annotations)
	if !there {
		return 0, false
	}
	pods, err := strconv.ParseInt(text, 10, 64)
	return pods, err == nil
}

// Generation returns which generation of the Service's template the revision
// was made of, counted from 1, or 0 if it does not say.
func Generation(revision *servingv1.Revision) int64 {
	generation, err := strconv.ParseInt(revision.Labels[serving.ConfigurationGenerationLabelKey], 10, 64)
	if err != nil {
		return 0
	}
	return generation
}

// NewestFirst orders revisions. The API server's clock has whole seconds, in
// which a pipeline can make two: then the later change of the template is newer.
func NewestFirst(a, b *servingv1.Revision) int {
	return cmp.Or(
		b.CreationTimestamp.Compare(a.CreationTimestamp.Time),
		cmp.Compare(Generation(b), Generation(a)),
		cmp.Compare(a.Name, b.Name),
	)
}

// Collectable reports whether Knative's garbage collection may take the
// revision, once it is old enough: nobody routes to it, it is not the newest
// ready one, and it is not marked to be kept.
//
// Knative goes by a label that it puts on the revision a moment after the
// traffic has changed, so what the Service's traffic names counts as well.
func Collectable(revision *servingv1.Revision, service *servingv1.Service) bool {
	if service.Status.LatestReadyRevisionName == revision.Name ||
		strings.EqualFold(revision.Annotations[serving.RevisionPreservedAnnotationKey], "true") ||
		revision.GetRoutingState() != servingv1.RoutingStateReserve {
		return false
	}
	named := func(target servingv1.TrafficTarget) bool { return target.RevisionName == revision.Name }
	return !slices.ContainsFunc(service.Spec.Traffic, named) && !slices.ContainsFunc(service.Status.Traffic, named)
}
