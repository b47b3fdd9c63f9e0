package schedule

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	notSeen = "Velero's server has not looked at the schedule yet. Is there one, and does it run in this namespace?"

	// settle is how long the server gets to change its mind on a changed schedule:
	// it leaves no sign of having looked when it comes to the same verdict.
	settle = 5 * time.Second
)

func state(live *kube.Object) (ready bool, message string) {
	s, err := object.Decode[velero.Schedule](live)
	switch {
	case err != nil:
		return false, err.Error()
	case s.Status.Phase == velero.SchedulePhaseFailedValidation:
		return false, strings.Join(s.Status.ValidationErrors, "\n")
	case s.Spec.Paused, s.Status.Phase == velero.SchedulePhaseEnabled: // the server looks at none that is paused
		return true, ""
	}
	return false, notSeen
}

// judge tells the server's verdict. It validates the cron expression alone.
func judge(before, live *kube.Object, written object.Written) (done bool, again time.Duration, err error) {
	ready, message := state(live)
	if message == notSeen {
		return false, 0, nil
	}
	// What was said of the schedule as it was before may still stand there.
	left := settle - time.Since(written.At)
	if before != nil && written.Changed && expressionOf(before) != expressionOf(live) && left > 0 && !paused(live) {
		return false, left, nil
	}
	if ready {
		return true, 0, nil
	}
	at := path.Root("cron")
	if strings.Contains(message, "time zone") || strings.Contains(message, "location") {
		at = path.Root("timezone") // the text is all there is to tell them apart
	}
	return false, 0, &object.Refusal{
		At: at, Summary: "Velero's server refuses the schedule",
		Detail: message + "\n\nThis server may be of a version that reads cron expressions in another way. Write the schedule in the five plain fields, and a time zone that the server's image knows.",
	}
}

func expressionOf(live *kube.Object) string {
	spec, _ := live.Object["spec"].(map[string]any)
	text, _ := spec["schedule"].(string)
	return text
}

func paused(live *kube.Object) bool {
	spec, _ := live.Object["spec"].(map[string]any)
	is, _ := spec["paused"].(bool)
	return is
}

func waiting(live *kube.Object) string {
	_, message := state(live)
	return message
}
