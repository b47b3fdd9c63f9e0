package application

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan tells as much as can be known before the apply: above all the
// revision's name. It asks the cluster nothing.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // a destroy
	}
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var state *Model
	if !req.State.Raw.IsNull() {
		state = &Model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}

	plan.EffectiveLabels = effective(r.Platform.DefaultLabels, plan.Labels)
	plan.EffectiveAnnotations = effective(r.Platform.DefaultAnnotations, plan.Annotations)
	plan.Revision = types.StringUnknown()
	if allKnown(req.Plan, templateAttributes...) {
		plan.Revision = planRevision(ctx, &plan, state, &resp.Diagnostics)
	}
	if state != nil {
		planStatus(&plan, state)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// planRevision returns the revision that the plan leads to. As long as the
// template's inputs stay the same it is the one that there is, whoever made it.
func planRevision(ctx context.Context, plan, state *Model, diags *diag.Diagnostics) types.String {
	next := templateRevision(ctx, plan, diags)
	switch {
	case state == nil || templateRevision(ctx, state, diags) != next:
		return types.StringValue(next)
	case state.Revision.IsNull():
		return types.StringUnknown() // Knative has not made and named it yet
	}
	return state.Revision
}

func templateRevision(ctx context.Context, m *Model, diags *diag.Diagnostics) string {
	// Scaling and what else is no part of the template may be unknown.
	inputs := &nested{Model: m, template: decodeTemplate(ctx, m, diags)}
	template, err := expandTemplate(inputs)
	if err != nil {
		diags.AddError("Can't expand the application's template", err.Error())
		return ""
	}
	name, err := RevisionName(m.Name.ValueString(), m.Version.ValueString(), template)
	if err != nil {
		diags.AddError("Can't name the application's revision", err.Error())
	}
	return name
}

// planStatus plans the computed attributes of an update: known where the change
// can't touch them, so that what refers to them plans no change either.
func planStatus(plan, state *Model) {
	if plan.Labels.Equal(state.Labels) && plan.EffectiveLabels.Equal(state.EffectiveLabels) &&
		plan.EffectiveAnnotations.Equal(state.EffectiveAnnotations) && plan.Visibility.Equal(state.Visibility) {
		// The platform's domain may depend on any label or annotation.
		plan.URL, plan.ClusterLocalURL = state.URL, state.ClusterLocalURL
	} else {
		plan.URL, plan.ClusterLocalURL = types.StringUnknown(), types.StringUnknown()
	}
	retry := plan.Wait.ValueBool() && !state.Ready.IsNull() && !state.Ready.ValueBool()
	if retry || !plan.Revision.Equal(state.Revision) {
		plan.LatestReadyRevision, plan.ImageDigest = types.StringUnknown(), types.StringUnknown()
		plan.Ready, plan.StatusMessage = types.BoolUnknown(), types.StringUnknown()
		return
	}
	plan.LatestReadyRevision, plan.ImageDigest = state.LatestReadyRevision, state.ImageDigest
	plan.Ready, plan.StatusMessage = state.Ready, state.StatusMessage
}

// effective returns the provider's defaults with the resource's own values over
// them.
func effective(defaults map[string]string, own types.Map) types.Map {
	if own.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	values := make(map[string]attr.Value, len(defaults)+len(own.Elements()))
	for key, value := range defaults {
		values[key] = types.StringValue(value)
	}
	maps.Copy(values, own.Elements())
	return types.MapValueMust(types.StringType, values)
}
