package application

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"knative.dev/pkg/apis"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// serviceWith returns a Service whose generation 2 was looked at, with that
// Ready condition, and revisions.
func serviceWith(ready corev1.ConditionStatus, latestReady, latestCreated string) *servingv1.Service {
	service := &servingv1.Service{}
	service.Generation, service.Status.ObservedGeneration = 2, 2
	service.Status.LatestReadyRevisionName, service.Status.LatestCreatedRevisionName = latestReady, latestCreated
	if ready != "" {
		service.Status.Conditions = append(service.Status.Conditions,
			apis.Condition{Type: servingv1.ServiceConditionRoutesReady, Status: corev1.ConditionFalse, Reason: "NotThis"},
			apis.Condition{Type: apis.ConditionReady, Status: ready, Reason: "Why", Message: "because"})
	}
	return service
}

func TestAssess(t *testing.T) {
	t.Parallel()
	behind := serviceWith(corev1.ConditionTrue, "web-2", "web-2")
	behind.Status.ObservedGeneration = 1
	failedBefore := serviceWith(corev1.ConditionFalse, "web-1", "web-2")
	failedBefore.Status.ObservedGeneration = 1
	for name, test := range map[string]struct {
		service  *servingv1.Service
		revision string
		phase    serving.Phase
		text     string
	}{
		"runs it":                            {serviceWith(corev1.ConditionTrue, "web-2", "web-2"), "web-2", serving.Ready, ""},
		"runs the newest":                    {serviceWith(corev1.ConditionTrue, "web-2", "web-2"), "", serving.Ready, ""},
		"has not been looked at":             {behind, "web-2", serving.Pending, "Knative has not looked at the latest change yet"},
		"had failed before the change":       {failedBefore, "web-2", serving.Pending, "Knative has not looked at the latest change yet"},
		"says nothing":                       {serviceWith("", "", ""), "web-2", serving.Pending, "Knative has not reported whether it is ready"},
		"does not know":                      {serviceWith(corev1.ConditionUnknown, "web-1", "web-2"), "web-2", serving.Pending, "Why: because"},
		"has failed":                         {serviceWith(corev1.ConditionFalse, "web-1", "web-2"), "web-2", serving.Failed, "Why: because"},
		"runs an older one":                  {serviceWith(corev1.ConditionTrue, "web-1", "web-2"), "web-2", serving.Pending, "revision web-2 is not ready yet"},
		"runs an older one, named by nobody": {serviceWith(corev1.ConditionTrue, "web-1", "web-2"), "", serving.Pending, "revision web-2 is not ready yet"},
		"is new":                             {&servingv1.Service{}, "web-2", serving.Pending, "Knative has not reported whether it is ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := serving.Assess(test.service, test.revision); got.Phase != test.phase || got.String() != test.text {
				t.Errorf("got phase %d, %q", got.Phase, got)
			}
		})
	}
}

func TestReadinessInOneLine(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]serving.Readiness{
		"":             {Phase: serving.Ready, Reason: "Ignored", Message: "ignored"},
		"Why: because": {Phase: serving.Failed, Reason: "Why", Message: "because"},
		"Why":          {Phase: serving.Failed, Reason: "Why", Message: ""},
		"because":      {Phase: serving.Pending, Reason: "", Message: "because"},
	} {
		if got := r.String(); got != want {
			t.Errorf("%+v is %q, want %q", r, got, want)
		}
	}
}
