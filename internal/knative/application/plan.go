package application

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// ModifyPlan tells as much as can be known before the apply: above all the
// revision's name. It asks the cluster nothing.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state *Model
	if !req.State.Raw.IsNull() {
		state = &Model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	var plan Model
	destroyed := req.Plan.Raw.IsNull()
	if !destroyed {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	replaced := state != nil && (!plan.Name.Equal(state.Name) || !plan.Namespace.Equal(state.Namespace))
	if (destroyed || replaced) && state.DeletionProtection.ValueBool() {
		addProtected(&resp.Diagnostics, state)
	}
	if destroyed {
		return
	}

	plan.EffectiveLabels = lifecycle.Effective(r.Platform.DefaultLabels, plan.Labels)
	plan.EffectiveAnnotations = lifecycle.Effective(r.Platform.DefaultAnnotations, plan.Annotations)
	plan.Revision = types.StringUnknown()
	if allKnown(req.Plan, templateAttributes...) && (!external(&plan) || allKnown(req.Plan, "scaling")) {
		plan.Revision = planRevision(ctx, &plan, state, req.Private, &resp.Diagnostics)
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
func planRevision(ctx context.Context, plan, state *Model, private privateReader, diags *diag.Diagnostics) types.String {
	next := templateRevision(ctx, plan, diags)
	if state != nil && templateRevision(ctx, state, diags) == next {
		if state.Revision.IsNull() {
			return types.StringUnknown() // Knative has not made and named it yet
		}
		if load[string](ctx, private, unknownKey, diags) != state.Revision.ValueString() {
			return state.Revision
		}
	}
	switch {
	case external(plan):
		return types.StringUnknown()
	case state == nil:
		return types.StringValue(next)
	}
	return types.StringValue(revisionBeside(ctx, plan, state, private, next, diags))
}

// sameTemplate reports whether an update leaves the template as it is, whoever
// has written it.
func sameTemplate(ctx context.Context, plan, state *Model, diags *diag.Diagnostics) bool {
	return templateRevision(ctx, state, diags) == templateRevision(ctx, plan, diags) &&
		(plan.Revision.IsUnknown() || plan.Revision.Equal(state.Revision))
}

// revisionBeside returns the name of a revision that is to have what others have
// put into the template, too: it is the same as without, if they have not.
func revisionBeside(ctx context.Context, plan, state *Model, private privateReader, name string, diags *diag.Diagnostics) string {
	applied := loadApplied(ctx, private, diags)
	base, theirs := baseOf(ctx, applied, state, diags), loadOthers(ctx, private, diags)
	if applied == nil {
		theirs = theirs.inherited(base)
	}
	if theirs.none() {
		return name
	}
	want, err := expandTemplate(&nested{Model: plan, template: decodeTemplate(ctx, plan, diags)})
	if err == nil {
		merged := theirs.merge(base, want)
		name, err = merged.revisionName(&desired{
			name: plan.Name.ValueString(), version: plan.Version.ValueString(), template: want, revision: name,
		})
	}
	if err != nil {
		diags.AddError("Can't name the application's revision", err.Error())
	}
	return name
}

// baseOf returns what a merge with others' changes goes out from: the template
// that was applied last, or what an import has read.
func baseOf(ctx context.Context, applied map[string]any, state *Model, diags *diag.Diagnostics) map[string]any {
	if applied != nil {
		return applied
	}
	base, err := expandTemplate(&nested{Model: state, template: decodeTemplate(ctx, state, diags)})
	if err != nil {
		return nil // what can't be expanded was not ours
	}
	return base
}

// templateRevision returns what stands for the content of a template: the name
// of its revision, or where Knative names it, a name that no revision has.
func templateRevision(ctx context.Context, m *Model, diags *diag.Diagnostics) string {
	// Scaling and what else is no part of the template may be unknown.
	inputs := &nested{Model: m, template: decodeTemplate(ctx, m, diags)}
	if external(m) {
		inputs.scaling = object[Scaling](ctx, m.Scaling, diags)
		return externalTemplate(inputs, diags)
	}
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

// externalTemplate returns what stands for the content of a template that CI
// deploys images into: all but the image, and scaling, which CI's next revision
// is made from the template with.
func externalTemplate(inputs *nested, diags *diag.Diagnostics) string {
	template, err := expandTemplate(inputs)
	if err == nil {
		setImage(template, "")
		var hash string
		if hash, err = contentHash([]any{template, expandScaling(inputs.scaling)}); err == nil {
			return "external:" + hash
		}
	}
	diags.AddError("Can't expand the application's template", err.Error())
	return ""
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
		if state.URL.IsNull() { // a create that was interrupted has not learned it
			plan.URL = types.StringUnknown()
		}
		if state.ClusterLocalURL.IsNull() {
			plan.ClusterLocalURL = types.StringUnknown()
		}
		plan.LatestReadyRevision, plan.ImageDigest = types.StringUnknown(), types.StringUnknown()
		plan.Ready, plan.StatusMessage = types.BoolUnknown(), types.StringUnknown()
		return
	}
	plan.LatestReadyRevision, plan.ImageDigest = state.LatestReadyRevision, state.ImageDigest
	plan.Ready, plan.StatusMessage = state.Ready, state.StatusMessage
}
