package traffic

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/noop"
)

// NewModel implements noop.Resource.
func (r *Resource) NewModel() any { return &Model{} }

// ReadsSame implements noop.Resource: it is Read for a state that Read would not
// change.
func (r *Resource) ReadsSame(ctx context.Context, of any, _ noop.Private) (same bool, identity noop.Identity) {
	state, ok := of.(*Model)
	if !ok || state.Revisions.IsNull() {
		return false, identity
	}
	cluster, identity, ok := lifecycle.IdentityFor(ctx, r.Platform, state.Namespace.ValueString(), state.Application.ValueString())
	if !ok {
		return false, identity
	}
	var diags diag.Diagnostics
	now := *state
	found, err := r.refresh(ctx, cluster, &now, &diags)
	return found && err == nil && len(diags) == 0 && lifecycle.Same(&now, state), identity
}

// PlansSame implements noop.Resource: it is ModifyPlan for a plan that it would not
// change.
func (r *Resource) PlansSame(ctx context.Context, _, of any, _ noop.Private) bool {
	state, ok := of.(*Model)
	if !ok {
		return false
	}
	var diags diag.Diagnostics
	plan := *state
	r.plan(ctx, &plan, state, &diags)
	return len(diags) == 0 && lifecycle.Same(&plan, state)
}

// Accepts implements noop.Resource: it is ValidateConfig for a configuration of which
// that has nothing to say.
func (r *Resource) Accepts(ctx context.Context, configured any) bool {
	config, ok := configured.(*Model)
	if !ok {
		return false
	}
	var diags diag.Diagnostics
	validateModel(ctx, config, &diags)
	return len(diags) == 0
}
