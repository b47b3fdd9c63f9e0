package location

import (
	"cmp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// notSeen is what there is to say of a location that the server has not looked at.
const notSeen = "Velero's server has not looked at the location yet. Is there one, and does it run in this namespace?"

func state(live *kube.Object) (ready bool, message string) {
	location, err := object.Decode[velero.BackupStorageLocation](live)
	switch {
	case err != nil:
		return false, err.Error()
	case location.Status.LastValidationTime == nil:
		return false, notSeen
	case location.Status.Phase == velero.BackupStorageLocationPhaseAvailable:
		return true, ""
	}
	return false, cmp.Or(location.Status.Message, "Velero's server does not say why.")
}

// settle is how long the server gets to change its mind on a changed location: a
// look that was under way at the time of the change tells of what was before, and
// is followed by another at once.
const settle = 10 * time.Second

// judge tells the server's verdict on what was written from that on what was there
// before: there is no observedGeneration, only the time of the last look. The
// server looks at once when the spec has changed, and again from time to time.
func judge(before, live *kube.Object, written object.Written) (done bool, again time.Duration, err error) {
	ready, message := state(live)
	fresh := validated(live) != "" && validated(live) != validated(before)
	left := settle - time.Since(written.At)
	switch {
	case ready && fresh && written.Changed && before != nil && left > 0:
		return false, left, nil
	case ready && (fresh || !written.Changed):
		return true, 0, nil
	case !ready && fresh:
		return false, 0, &object.Refusal{
			At: path.Root("bucket"), Summary: "Velero's server can't use it",
			Detail: message + "\n\nSee that the bucket exists, that prefix holds nothing but backups, and that config and credential lead to it.",
		}
	}
	return false, 0, nil
}

// validated returns when the server looked last.
func validated(live *kube.Object) string {
	if live == nil {
		return ""
	}
	status, _ := live.Object["status"].(map[string]any)
	when, _ := status["lastValidationTime"].(string)
	return when
}

func waiting(live *kube.Object) string {
	if ready, message := state(live); !ready {
		return message
	}
	return "Velero's server has not looked at the change yet."
}
