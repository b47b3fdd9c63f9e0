package application

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"knative.dev/pkg/apis"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
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

func encodeService(t *testing.T, service *servingv1.Service) *kube.Object {
	t.Helper()
	encoded, err := runtime.DefaultUnstructuredConverter.ToUnstructured(service)
	if err != nil {
		t.Fatal(err)
	}
	return &kube.Object{Object: encoded}
}

// A wait that is not over has always something that wakes it: events alone don't
// tell of an image that can't be pulled.
func TestAWaitIsAlwaysWokenAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		service *servingv1.Service
		w       waiting
	}{
		"without a revision to look at": {serviceWith(corev1.ConditionUnknown, "", ""), waiting{inspected: time.Now().Add(-time.Hour)}},
		"until it looks again":          {serviceWith(corev1.ConditionUnknown, "", "web-2"), waiting{inspected: time.Now()}},
		"in the grace":                  {serviceWith(corev1.ConditionFalse, "", "web-2"), waiting{}},
		"while the URL moves":           {moving(), waiting{expected: expected{movedFrom: "http://old"}, began: time.Now()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := test.w
			w.last = &notReady{}
			done, again, err := w.check(t.Context(), encodeService(t, test.service))
			if done || err != nil || again <= 0 || again > moveTime {
				t.Errorf("done %t, again in %s, %v", done, again, err)
			}
		})
	}
}

func moving() *servingv1.Service {
	service := serviceWith(corev1.ConditionTrue, "web-2", "web-2")
	service.Status.URL = &apis.URL{Scheme: "http", Host: "old"}
	return service
}

func TestAWaitEnds(t *testing.T) {
	t.Parallel()
	w := waiting{last: &notReady{}, expected: expected{movedFrom: "http://old"}, began: time.Now().Add(-moveTime)}
	if done, _, err := w.check(t.Context(), encodeService(t, moving())); !done || err != nil {
		t.Errorf("when the URL had time to move: %t, %v", done, err)
	}
	if _, _, err := w.check(t.Context(), nil); err == nil {
		t.Error("when it was deleted: no error")
	}
	// A failure counts from its begin, and what comes between begins it anew.
	w = waiting{last: &notReady{}, failedSince: time.Now().Add(-time.Hour), inspected: time.Now()}
	if _, _, err := w.check(t.Context(), encodeService(t, serviceWith(corev1.ConditionUnknown, "", "web-2"))); err != nil || !w.failedSince.IsZero() {
		t.Errorf("when the failure has passed: failed since %s, %v", w.failedSince, err)
	}
}
