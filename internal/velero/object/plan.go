package object

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ModifyPlan tells as much as can be known before the apply. It asks the cluster
// nothing.
func (r *Resource[M]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.Platform == nil {
		return
	}
	var plan, config M
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var prior *M
	if !req.State.Raw.IsNull() {
		prior = new(M)
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	c := r.Common(&plan)
	c.complete(r.Platform)
	if r.Common(&config).Namespace.IsNull() {
		c.Namespace = types.StringValue(r.Platform.VeleroNamespace)
	}
	if prior != nil {
		was := r.Common(prior)
		if !c.Namespace.IsUnknown() && !c.Namespace.Equal(was.Namespace) {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("namespace"))
		}
		if c.Wait.ValueBool() && !was.Ready.ValueBool() {
			c.Ready, c.StatusMessage = types.BoolUnknown(), types.StringUnknown() // the next apply waits again
		}
	}
	if r.Plan != nil {
		r.Plan(ctx, &plan, prior, resp)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}
