package component

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// decode returns an object as a server sends it, with whole numbers as integers.
func decode(t *testing.T, text string) *kube.Object {
	t.Helper()
	encoded, err := yaml.YAMLToJSON([]byte(text))
	object := &kube.Object{}
	if err == nil {
		err = json.Unmarshal(encoded, &object.Object)
	}
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func TestAssess(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want runPhase
	}{
		"Deployment, not seen":  {"{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, readyReplicas: 1}}", starting},
		"Deployment, none":      {"{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1}}", starting},
		"Deployment, available": {"{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: [{type: Available, status: 'True'}, {type: Progressing, status: 'True', reason: NewReplicaSetAvailable}]}}", running},
		"Deployment, at zero":   {"{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 0}, status: {observedGeneration: 1, conditions: [{type: Available, status: 'True'}, {type: Progressing, status: 'True', reason: NewReplicaSetAvailable}]}}", running},
		"Deployment, too late":  {"{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}}", failed},
		"Job, begun":            {"{apiVersion: batch/v1, kind: Job, status: {startTime: '2026-01-01T00:00:00Z', active: 1}}", starting},
		"Job, done":             {"{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: SuccessCriteriaMet, status: 'True'}, {type: Complete, status: 'True'}]}}", running},
		"Job, failed":           {"{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]}}", failed},
		"CronJob":               {"{apiVersion: batch/v1, kind: CronJob}", running},
	} {
		if got := assess(decode(t, test.text)); got.phase != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestMissingVersions(t *testing.T) {
	live := decode(t, "{status: {storedVersions: [v1alpha1, v1]}}")
	if got := missingVersions(decode(t, "{spec: {versions: [{name: v1}, {name: v2}]}}"), live); len(got) != 1 || got[0] != "v1alpha1" {
		t.Errorf("missing are %q", got)
	}
	if got := missingVersions(decode(t, "{spec: {versions: [{name: v1}, {name: v1alpha1}]}}"), live); len(got) != 0 {
		t.Errorf("missing are %q", got)
	}
}
