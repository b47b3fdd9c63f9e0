package serving

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"knative.dev/pkg/apis"
	duckv1 "knative.dev/pkg/apis/duck/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

func condition(status corev1.ConditionStatus, reason, message string) duckv1.Status {
	return duckv1.Status{ObservedGeneration: 2, Conditions: duckv1.Conditions{
		{Type: "Other", Status: corev1.ConditionFalse, Reason: "Elsewhere"},
		{Type: apis.ConditionReady, Status: status, Reason: reason, Message: message},
	}}
}

func TestAssess(t *testing.T) {
	for name, test := range map[string]struct {
		status     duckv1.Status
		generation int64
		latest     string // ready revision; the latest created is a
		asked      string // revision
		phase      Phase
		says       string
	}{
		"ready":             {condition(corev1.ConditionTrue, "", ""), 2, "a", "a", Ready, ""},
		"ready, any":        {condition(corev1.ConditionTrue, "", ""), 2, "a", "", Ready, ""},
		"older, any":        {condition(corev1.ConditionTrue, "", ""), 2, "z", "", Pending, "revision a is not ready yet"},
		"another revision":  {condition(corev1.ConditionTrue, "", ""), 2, "a", "b", Pending, "revision b is not ready yet"},
		"stale":             {condition(corev1.ConditionTrue, "", ""), 3, "a", "a", Pending, "Knative has not looked at the latest change yet"},
		"stale failure":     {condition(corev1.ConditionFalse, "Broken", ""), 3, "a", "a", Pending, "Knative has not looked at the latest change yet"},
		"failed":            {condition(corev1.ConditionFalse, "RevisionMissing", "no such revision"), 2, "a", "a", Failed, "RevisionMissing: no such revision"},
		"failed, no reason": {condition(corev1.ConditionFalse, "", "no such revision"), 2, "a", "a", Failed, "no such revision"},
		"unknown":           {condition(corev1.ConditionUnknown, "Deploying", ""), 2, "a", "a", Pending, "Deploying"},
		"no condition":      {duckv1.Status{ObservedGeneration: 2}, 2, "a", "a", Pending, "Knative has not reported whether it is ready"},
	} {
		t.Run(name, func(t *testing.T) {
			service := &servingv1.Service{}
			service.Generation = test.generation
			service.Status.Status = test.status
			service.Status.LatestReadyRevisionName = test.latest
			service.Status.LatestCreatedRevisionName = "a"
			if got := Assess(service, test.asked); got.Phase != test.phase || got.String() != test.says {
				t.Errorf("got %+v, %q", got, got)
			}
			revision := &servingv1.Revision{}
			revision.Generation = test.generation
			revision.Status.Status = test.status
			wantPhase, says := test.phase, test.says
			if name == "another revision" || name == "older, any" { // which a revision knows nothing of
				wantPhase, says = Ready, ""
			}
			if got := AssessRevision(revision); got.Phase != wantPhase || got.String() != says {
				t.Errorf("of a revision: got %+v, %q", got, got)
			}
		})
	}
}

// What was ready stays so while Knative only looks at it again.
func TestHolding(t *testing.T) {
	pending, failed := Readiness{Pending, "OutOfDate", "the Route has not looked yet"}, Readiness{Failed, "RevisionMissing", ""}
	for name, test := range map[string]struct {
		state    Readiness
		wasReady bool
		want     Readiness
	}{
		"looked at again": {pending, true, Readiness{Phase: Ready}},
		"never ready yet": {pending, false, pending},
		"ready":           {Readiness{Phase: Ready}, false, Readiness{Phase: Ready}},
		"failed":          {failed, true, failed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.state.Holding(test.wasReady); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAssessTemplate(t *testing.T) {
	configuration := func(status corev1.ConditionStatus, reason string) duckv1.Status {
		return duckv1.Status{ObservedGeneration: 2, Conditions: duckv1.Conditions{
			{Type: servingv1.ServiceConditionConfigurationsReady, Status: status, Reason: reason, Message: "a message"},
		}}
	}
	for name, test := range map[string]struct {
		status   duckv1.Status
		template string // its name
		created  string // latest revision
		phase    Phase
	}{
		"not looked at":                    {duckv1.Status{ObservedGeneration: 1}, "a", "a", Pending},
		"made":                             {configuration(corev1.ConditionUnknown, ""), "a", "a", Ready},
		"made, and broken":                 {configuration(corev1.ConditionFalse, "RevisionFailed"), "a", "a", Ready},
		"another is the newest":            {configuration(corev1.ConditionUnknown, outOfDate), "b", "a", Pending},
		"another is the newest, and ready": {configuration(corev1.ConditionTrue, ""), "b", "a", Pending},
		"can't be made":                    {configuration(corev1.ConditionFalse, "RevisionFailed"), "b", "a", Failed},
		"new":                              {duckv1.Status{ObservedGeneration: 2}, "", "", Pending},
		"without a name, not made":         {configuration(corev1.ConditionUnknown, outOfDate), "", "a", Pending},
		"without a name, made":             {configuration(corev1.ConditionUnknown, "Deploying"), "", "a", Ready},
	} {
		t.Run(name, func(t *testing.T) {
			service := &servingv1.Service{}
			service.Generation = 2
			service.Spec.Template.Name = test.template
			service.Status.Status = test.status
			service.Status.LatestCreatedRevisionName = test.created
			if got := AssessTemplate(service); got.Phase != test.phase {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Traffic that names a revision which there is not is held against the Service,
// but where the traffic is somebody else's.
func TestAssessUnderTraffic(t *testing.T) {
	service := &servingv1.Service{}
	service.Status.LatestReadyRevisionName, service.Status.LatestCreatedRevisionName = "a", "a"
	is := func(kind apis.ConditionType, status corev1.ConditionStatus, reason string) apis.Condition {
		return apis.Condition{Type: kind, Status: status, Reason: reason}
	}
	const yes, no = corev1.ConditionTrue, corev1.ConditionFalse
	for name, test := range map[string]struct {
		configuration, routes apis.Condition
		traffic, revision     string
		phase                 Phase
	}{
		"all is well":             {is("ConfigurationsReady", yes, ""), is("RoutesReady", yes, ""), "a", "a", Ready},
		"a revision is missing":   {is("ConfigurationsReady", yes, ""), is("RoutesReady", no, "RevisionMissing"), "gone", "a", Ready},
		"the newest is not seen":  {is("ConfigurationsReady", yes, ""), is("RoutesReady", no, "RevisionMissing"), "a", "a", Failed},
		"no gateway":              {is("ConfigurationsReady", yes, ""), is("RoutesReady", no, "NoGateway"), "gone", "a", Failed},
		"broken, and one missing": {is("ConfigurationsReady", no, "RevisionFailed"), is("RoutesReady", no, "RevisionMissing"), "gone", "a", Failed},
		"another revision":        {is("ConfigurationsReady", yes, ""), is("RoutesReady", no, "RevisionMissing"), "gone", "b", Pending},
	} {
		t.Run(name, func(t *testing.T) {
			ready := is(apis.ConditionReady, yes, "")
			if test.configuration.Status != yes || test.routes.Status != yes {
				ready.Status = no
			}
			service.Spec.Traffic = []servingv1.TrafficTarget{{RevisionName: test.traffic}}
			service.Status.Conditions = duckv1.Conditions{ready, test.configuration, test.routes}
			if got := AssessUnderTraffic(service, test.revision); got.Phase != test.phase {
				t.Errorf("got %+v", got)
			}
			if test.routes.Status == no && Assess(service, test.revision).Phase != Failed {
				t.Error("it is ready also where the traffic is its own")
			}
		})
	}
}
