package application_test

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// plannedRevision remembers the revision that a plan names, and is then the
// known value that the state must have.
type plannedRevision struct{ name string }

// CheckPlan implements plancheck.PlanCheck.
func (p *plannedRevision) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if after, ok := change.Change.After.(map[string]any); ok && change.Address == web {
			p.name, _ = after["revision"].(string)
		}
	}
	if p.name == "" {
		resp.Error = fmt.Errorf("the plan does not name the revision")
	}
}

// CheckValue implements knownvalue.Check.
func (p *plannedRevision) CheckValue(value any) error {
	if value != p.name {
		return fmt.Errorf("the revision is %v, but %q was planned", value, p.name)
	}
	return nil
}

// String implements knownvalue.Check.
func (p *plannedRevision) String() string { return p.name }
