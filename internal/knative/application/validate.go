package application

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"knative.dev/serving/pkg/apis/autoscaling"
	"knative.dev/serving/pkg/autoscaler/config/autoscalerconfig"
)

// ValidateConfig refuses at plan what Knative's webhook would refuse at apply,
// as far as it does not depend on the cluster's configuration.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !allKnown(tfsdk.Plan(req.Config), "scaling") {
		return
	}
	resp.Diagnostics.Append(validateScaling(ctx, object[Scaling](ctx, config.Scaling, &resp.Diagnostics))...)
}

// validateScaling asks Knative's own validation, so that both judge alike.
func validateScaling(ctx context.Context, scaling *Scaling) (diags diag.Diagnostics) {
	if scaling == nil {
		return nil
	}
	lenient := &autoscalerconfig.Config{PodAutoscalerClass: autoscaling.KPA, AllowZeroInitialScale: true}
	problems := autoscaling.ValidateAnnotations(ctx, lenient, expandScaling(scaling))
	for _, problem := range problems.WrappedErrors() {
		at := path.Root("scaling")
		for _, f := range scalingFields {
			if slices.Contains(problem.Paths, f.annotation) {
				at = at.AtName(f.attribute)
				break
			}
		}
		diags.AddAttributeError(at, "Knative does not accept this scaling", problem.Error())
	}
	return diags
}

// allKnown reports whether the attributes, and all within them, are known.
func allKnown(plan tfsdk.Plan, attributes ...string) bool {
	var values map[string]tftypes.Value
	if err := plan.Raw.As(&values); err != nil {
		return false
	}
	return !slices.ContainsFunc(attributes, func(name string) bool { return !values[name].IsFullyKnown() })
}
