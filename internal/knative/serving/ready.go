package serving

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"knative.dev/pkg/apis"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

// Phase is how far a Service or a Revision is.
type Phase int

// The phases. What has failed may yet become ready, when its cause goes away.
const (
	Pending Phase = iota
	Ready
	Failed
)

// Readiness is what a Service or a Revision says of itself.
type Readiness struct {
	Phase   Phase
	Reason  string // one word of Knative's, or none
	Message string
}

// String says in one line why it is not ready; it is empty when it is.
func (r Readiness) String() string {
	switch {
	case r.Phase == Ready:
		return ""
	case r.Message == "":
		return r.Reason
	case r.Reason == "":
		return r.Message
	}
	return r.Reason + ": " + r.Message
}

// Holding returns what a state says of what was ready when it was looked at last,
// and has not been changed since: that Knative looks at it again, as it does when
// its own controllers or gateways restart, is nothing to report.
func (r Readiness) Holding(wasReady bool) Readiness {
	if wasReady && r.Phase == Pending {
		return Readiness{Phase: Ready}
	}
	return r
}

// Assess tells whether the Service runs that revision, or, when revision is
// empty, the newest that Knative has made of its template. A status that speaks
// of an earlier generation says nothing of this one.
func Assess(service *servingv1.Service, revision string) Readiness {
	return assessService(service, revision, apis.ConditionReady)
}

// AssessUnderTraffic is Assess for a Service whose traffic is somebody else's.
// That it names a revision which there is not is theirs to mend: as on a cluster
// to which the Service was restored, and its revisions were not.
func AssessUnderTraffic(service *servingv1.Service, revision string) Readiness {
	routes := service.Status.GetCondition(servingv1.ServiceConditionRoutesReady)
	if routes != nil && routes.Reason == revisionMissing && namesAnother(service) {
		return assessService(service, revision, servingv1.ServiceConditionConfigurationsReady)
	}
	return Assess(service, revision)
}

// namesAnother reports whether the traffic names a revision that is not the
// newest. That the newest is missing is only said until its Route has seen it.
func namesAnother(service *servingv1.Service) bool {
	return slices.ContainsFunc(service.Spec.Traffic, func(target servingv1.TrafficTarget) bool {
		return target.RevisionName != "" && target.RevisionName != service.Status.LatestCreatedRevisionName
	})
}

// revisionMissing is Knative's reason for a Route whose traffic names a revision
// that does not exist.
const revisionMissing = "RevisionMissing"

func assessService(service *servingv1.Service, revision string, condition apis.ConditionType) Readiness {
	if service.Status.ObservedGeneration != service.Generation {
		return notLookedAt
	}
	if revision == "" {
		revision = service.Status.LatestCreatedRevisionName
	}
	state := assess(service.Status.GetCondition(condition))
	if state.Phase == Ready && service.Status.LatestReadyRevisionName != revision {
		return Readiness{Phase: Pending, Message: "revision " + revision + " is not ready yet"}
	}
	return state
}

// AssessTemplate tells whether Knative has made the revision of the Service's
// template, whatever becomes of that revision.
func AssessTemplate(service *servingv1.Service) Readiness {
	configuration := service.Status.GetCondition(servingv1.ServiceConditionConfigurationsReady)
	switch name := service.Spec.Template.Name; {
	case service.Status.ObservedGeneration != service.Generation:
		return notLookedAt
	case name != "" && service.Status.LatestCreatedRevisionName == name:
		return Readiness{Phase: Ready}
	case configuration != nil && configuration.Status == corev1.ConditionFalse:
		return assess(configuration)
	case name != "", configuration == nil, configuration.Reason == outOfDate:
		return Readiness{Phase: Pending, Message: "Knative has not made the revision of the latest change yet"}
	}
	return Readiness{Phase: Ready}
}

// AssessNewest tells whether the newest revision that Knative has made of the Service's
// template is ready, wherever requests go.
func AssessNewest(service *servingv1.Service) Readiness {
	return assessService(service, "", servingv1.ServiceConditionConfigurationsReady)
}

// outOfDate is the reason that Knative's own constructor of the condition gives
// while the Configuration has not looked at the latest template.
const outOfDate = "OutOfDate"

// AssessRoutes tells whether the Service's requests go where its traffic says,
// whatever becomes of its newest revision.
func AssessRoutes(service *servingv1.Service) Readiness {
	if service.Status.ObservedGeneration != service.Generation {
		return notLookedAt
	}
	return assess(service.Status.GetCondition(servingv1.ServiceConditionRoutesReady))
}

// AssessRevision tells whether the revision can serve. One that is scaled to
// zero can.
func AssessRevision(revision *servingv1.Revision) Readiness {
	if revision.Status.ObservedGeneration != revision.Generation {
		return notLookedAt
	}
	return assess(revision.Status.GetCondition(apis.ConditionReady))
}

var notLookedAt = Readiness{Phase: Pending, Message: "Knative has not looked at the latest change yet"}

func assess(ready *apis.Condition) Readiness {
	switch {
	case ready == nil:
		return Readiness{Phase: Pending, Message: "Knative has not reported whether it is ready"}
	case ready.Status == corev1.ConditionFalse:
		return Readiness{Failed, ready.Reason, ready.Message}
	case ready.Status != corev1.ConditionTrue:
		return Readiness{Pending, ready.Reason, ready.Message}
	}
	return Readiness{Phase: Ready}
}
