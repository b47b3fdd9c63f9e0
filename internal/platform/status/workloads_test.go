package status

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

func TestServes(t *testing.T) {
	zero, three := int32(0), int32(3)
	condition := func(of appsv1.DeploymentConditionType, status corev1.ConditionStatus) appsv1.DeploymentCondition {
		return appsv1.DeploymentCondition{Type: of, Status: status, Reason: "Reason", Message: "message"}
	}
	available := condition(appsv1.DeploymentAvailable, corev1.ConditionTrue)
	for name, test := range map[string]struct {
		deployment appsv1.Deployment
		ready      bool
		message    string
	}{
		"one pod, and none said": {appsv1.Deployment{Status: appsv1.DeploymentStatus{AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{available}}}, true, ""},
		"enough": {appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &three}, Status: appsv1.DeploymentStatus{
			AvailableReplicas: 2, Conditions: []appsv1.DeploymentCondition{available},
		}}, true, "2 of 3 pods are available"},
		"too few": {appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &three}, Status: appsv1.DeploymentStatus{
			AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{condition(appsv1.DeploymentAvailable, corev1.ConditionFalse)},
		}}, false, "1 of 3 pods are available"},
		"new": {appsv1.Deployment{}, false, "0 of 1 pods are available"},
		"not looked at": {func() appsv1.Deployment {
			d := appsv1.Deployment{Status: appsv1.DeploymentStatus{ObservedGeneration: 1, AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{available}}}
			d.Generation = 2
			return d
		}(), false, "its newest change is not looked at yet"},
		"scaled to zero": {appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &zero}, Status: appsv1.DeploymentStatus{
			Conditions: []appsv1.DeploymentCondition{available},
		}}, false, "it is scaled to zero"},
		"a rollout that failed, beside old pods that serve": {appsv1.Deployment{Status: appsv1.DeploymentStatus{
			AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{available, condition(appsv1.DeploymentProgressing, corev1.ConditionFalse)},
		}}, false, "Reason: message"},
	} {
		t.Run(name, func(t *testing.T) {
			if ready, message := serves(&test.deployment); ready != test.ready || message != test.message {
				t.Errorf("got %t, %q", ready, message)
			}
		})
	}
}
