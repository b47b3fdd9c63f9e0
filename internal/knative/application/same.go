package application

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
func (r *Resource) ReadsSame(ctx context.Context, of any, private noop.Private) (same bool, identity noop.Identity) {
	state, ok := of.(*Model)
	if !ok || state.Image.IsNull() || len(private[othersKey]) > 0 || len(private[unknownKey]) > 0 {
		return false, identity
	}
	cluster, identity, ok := lifecycle.IdentityFor(ctx, r.Platform, state.Namespace.ValueString(), state.Name.ValueString())
	if !ok {
		return false, identity
	}
	service, now, err := read(ctx, cluster, identity.Namespace, identity.Name)
	if err != nil || service == nil {
		return false, identity
	}
	var diags diag.Diagnostics
	manager := r.Platform.Manager(concernApplication)
	if !othersOf(service, manager).none() || isUnknown(ctx, private, service, manager, &diags) {
		return false, identity
	}
	flat := refresh(ctx, state, now, &diags)
	return len(diags) == 0 && lifecycle.Same(flat, state), identity
}

// PlansSame implements noop.Resource: it is ModifyPlan for a plan that it would not
// change.
func (r *Resource) PlansSame(ctx context.Context, _, of any, private noop.Private) bool {
	state, ok := of.(*Model)
	if !ok || state.Revision.IsNull() {
		return false
	}
	var diags diag.Diagnostics
	plan := *state
	plan.EffectiveLabels = lifecycle.Effective(r.Platform.DefaultLabels, plan.Labels)
	plan.EffectiveAnnotations = lifecycle.Effective(r.Platform.DefaultAnnotations, plan.Annotations)
	// Of the same content, the revision is the same, unless it is not known whose.
	if load[string](ctx, private, unknownKey, &diags) == state.Revision.ValueString() {
		return false
	}
	templateRevision(ctx, &plan, &diags) // for what it may have to say
	planStatus(&plan, state)
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
	m := decode(ctx, config, &diags)
	return len(diags) == 0 && len(validateModel(m)) == 0 && len(validateByKnative(ctx, m)) == 0
}
