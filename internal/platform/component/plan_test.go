package component

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// Whether a component is ready stays as it is in a plan that changes nothing of
// it, unless an apply would wait for it once more.
func TestPlanReady(t *testing.T) {
	same, other := stringMap(map[string]string{"a": "1"}), stringMap(map[string]string{"a": "2"})
	for name, test := range map[string]struct {
		planned     types.Map
		wait, ready bool
		known       bool
	}{
		"nothing changes":                  {same, true, true, true},
		"an object changes":                {other, true, true, false},
		"it was not ready":                 {same, true, false, false},
		"it was not ready, none waits":     {same, false, false, true},
		"an object changes and none waits": {other, false, true, false},
	} {
		state := &Model{Objects: same, Ready: types.BoolValue(test.ready), StatusMessage: types.StringNull()}
		plan := &Model{Objects: test.planned, Wait: types.BoolValue(test.wait), Ready: types.BoolUnknown(), StatusMessage: types.StringUnknown()}
		planReady(plan, state)
		if plan.Ready.IsUnknown() == test.known || plan.StatusMessage.IsUnknown() == test.known {
			t.Errorf("%s: ready is %s, the message %s", name, plan.Ready, plan.StatusMessage)
		}
	}
}

// A plan needs no cluster, but does not swallow what a cluster says.
func TestOffline(t *testing.T) {
	for err, want := range map[error]bool{
		kube.ErrUnknownConnection:                          true,
		fmt.Errorf("asking: %w", context.DeadlineExceeded): true,
		apierrors.NewServiceUnavailable("starting"):        true,
		forbidden:                  false,
		&claimed{someID, "a", "b"}: false,
		&existingComponent{"a"}:    false,
	} {
		if got := offline(err); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}

func TestCheckExisting(t *testing.T) {
	for name, test := range map[string]struct {
		before  *inventory
		adopt   bool
		refused bool
	}{
		"none":                       {nil, false, false},
		"complete":                   {&inventory{phase: complete}, false, true},
		"complete, to be adopted":    {&inventory{phase: complete}, true, false},
		"being changed":              {&inventory{phase: applying}, false, true},
		"of a create that was ended": {&inventory{phase: creating}, false, false},
	} {
		if err := checkExisting(test.before, test.adopt); (err != nil) != test.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
