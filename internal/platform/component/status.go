package component

import (
	"fmt"

	kstatus "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// runPhase is how a workload stands.
type runPhase int

const (
	starting runPhase = iota
	running           // or, of a Job, ended well
	failed            // and stays so without somebody's doing
)

// runState is how a workload stands, and why it does not run.
type runState struct {
	phase   runPhase
	reason  string
	message string
}

// assess tells how a workload stands. It leaves it to kstatus for those kinds
// that kstatus knows; of a Job kstatus is content once it has started.
func assess(object *kube.Object) runState {
	switch object.GetKind() {
	case "Job":
		return assessJob(object)
	case "CronJob":
		return runState{phase: running}
	}
	result, err := kstatus.Compute(object)
	if err != nil {
		return runState{phase: failed, reason: "Unreadable", message: err.Error()}
	}
	state := runState{message: result.Message}
	for _, condition := range result.Conditions {
		state.reason = condition.Reason
	}
	switch result.Status {
	case kstatus.CurrentStatus:
		state.phase = running
	case kstatus.FailedStatus:
		state.phase = failed
	}
	return state
}

func assessJob(object *kube.Object) runState {
	for _, kind := range []string{"Complete", "Failed"} {
		if c := condition(object, kind); c["status"] == "True" {
			if kind == "Complete" {
				return runState{phase: running}
			}
			return runState{failed, c["reason"], fmt.Sprintf("the Job failed: %s", c["message"])}
		}
	}
	return runState{message: "the Job has not ended yet"}
}

// condition returns the strings of a condition of an object's status.
func condition(object *kube.Object, kind string) map[string]string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, one := range conditions {
		fields, _ := one.(map[string]any)
		if fields["type"] != kind {
			continue
		}
		texts := map[string]string{}
		for key, value := range fields {
			texts[key], _ = value.(string)
		}
		return texts
	}
	return nil
}

// runs reports whether an object is one that is waited for before webhooks are
// set up. A Job is waited for at the end: it may need them.
func runs(id manifest.ID) bool {
	return manifest.StageOf(id) == manifest.Workloads && !isJob(id)
}
