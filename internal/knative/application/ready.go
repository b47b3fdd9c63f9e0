package application

import (
	corev1 "k8s.io/api/core/v1"
	"knative.dev/pkg/apis"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

type phase int

const (
	phasePending phase = iota
	phaseReady
	phaseFailed
)

// readiness is what a Service says of itself.
type readiness struct {
	phase   phase
	reason  string
	message string
}

// String is what status_message shows.
func (r readiness) String() string {
	switch {
	case r.phase == phaseReady:
		return ""
	case r.message == "":
		return r.reason
	case r.reason == "":
		return r.message
	}
	return r.reason + ": " + r.message
}

// assess tells whether the Service runs that revision. A status that speaks of
// an earlier generation says nothing of this one.
func assess(service *servingv1.Service, revision string) readiness {
	if service.Status.ObservedGeneration != service.Generation {
		return readiness{phasePending, "", "Knative has not looked at the latest change yet"}
	}
	ready := service.Status.GetCondition(apis.ConditionReady)
	switch {
	case ready == nil:
		return readiness{phasePending, "", "Knative has not reported whether it is ready"}
	case ready.Status == corev1.ConditionFalse:
		return readiness{phaseFailed, ready.Reason, ready.Message}
	case ready.Status != corev1.ConditionTrue:
		return readiness{phasePending, ready.Reason, ready.Message}
	case revision == "" && service.Status.LatestReadyRevisionName != service.Status.LatestCreatedRevisionName:
		return readiness{phasePending, "", "revision " + service.Status.LatestCreatedRevisionName + " is not ready yet"}
	case revision != "" && service.Status.LatestReadyRevisionName != revision:
		return readiness{phasePending, "", "revision " + revision + " is not ready yet"}
	}
	return readiness{phase: phaseReady}
}
