package domain

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
	if !ok || state.Host.IsNull() {
		return false, identity
	}
	at := r.placeOf(state)
	cluster, identity, ok := lifecycle.IdentityFor(ctx, r.Platform, at.namespace, at.name)
	if !ok {
		return false, identity
	}
	var diags diag.Diagnostics
	flat, err := r.refreshed(ctx, cluster, state, &diags)
	return err == nil && flat != nil && len(diags) == 0 && lifecycle.Same(flat, state), identity
}

// PlansSame implements noop.Resource: it is ModifyPlan for a plan that it would not
// change.
func (r *Resource) PlansSame(ctx context.Context, configured, of any, _ noop.Private) bool {
	config, known := configured.(*Model)
	state, ok := of.(*Model)
	if !ok || !known {
		return false
	}
	var diags diag.Diagnostics
	plan := *state
	r.complete(ctx, &plan, config, state, true, &diags)
	return len(diags) == 0 && lifecycle.Same(&plan, state)
}

// Accepts implements noop.Resource: it is ValidateConfig for a configuration of which
// that has nothing to say.
func (r *Resource) Accepts(_ context.Context, configured any) bool {
	config, ok := configured.(*Model)
	if !ok {
		return false
	}
	var diags diag.Diagnostics
	validateModel(config, &diags)
	return len(diags) == 0
}
