package domain

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// planPatience is how long a plan waits for a cluster that it would ask who has
// a host.
const planPatience = 15 * time.Second

// ModifyPlan tells as much as can be known before the apply. Where the host or
// the paths change, it asks the cluster whether somebody else has them.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state *Model
	if !req.State.Raw.IsNull() {
		state = &Model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if req.Plan.Raw.IsNull() {
		if state != nil && r.Platform != nil {
			r.plan(r.placeOf(state), nil, &resp.Diagnostics)
		}
		return
	}
	var plan, config Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	known := lifecycle.AllKnown(req.Plan.Raw, "host", "scope", "routes", "gateways", "tls", "legacy", "namespace")
	r.complete(ctx, &plan, &config, state, known, &resp.Diagnostics)
	if state != nil && !plan.Name.IsUnknown() && !plan.Name.Equal(state.Name) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("name"))
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// complete completes a plan, of a change or of none. known says that of what
// decides about the domain everything is, but its name perhaps.
func (r *Resource) complete(ctx context.Context, plan, config, state *Model, known bool, diags *diag.Diagnostics) {
	if config.Name.IsNull() {
		plan.Name = plan.Host
	}
	plan.EffectiveLabels = lifecycle.Effective(r.Platform.DefaultLabels, plan.Labels)
	plan.EffectiveAnnotations = lifecycle.Effective(r.Platform.DefaultAnnotations, plan.Annotations)
	plan.Drift = noDrift()
	known = known && !plan.Name.IsUnknown()
	r.planStatus(ctx, plan, state, known, diags)
	if known {
		r.planClaims(ctx, plan, state, diags)
	}
}

func noDrift() types.List { return types.ListValueMust(types.StringType, []attr.Value{}) }

// planStatus plans the computed attributes: known where the change can't touch
// them, so that what refers to them plans no change either.
func (r *Resource) planStatus(ctx context.Context, plan, state *Model, known bool, diags *diag.Diagnostics) {
	plan.URL, plan.DNSTarget, plan.DNSMessage = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	plan.CertificateStatus, plan.Ready, plan.StatusMessage = types.StringUnknown(), types.BoolUnknown(), types.StringUnknown()
	if known && !plan.HTTPSRedirect.IsUnknown() {
		if rules := decode(ctx, plan, diags); !diags.HasError() {
			plan.URL = types.StringValue(url(rules))
		}
	}
	if state == nil {
		return
	}
	if plan.Scope.Equal(state.Scope) && plan.Gateways.Equal(state.Gateways) && state.DNSTarget.ValueString() != "" {
		plan.DNSTarget, plan.DNSMessage = state.DNSTarget, state.DNSMessage
	}
	same := plan.Host.Equal(state.Host) && plan.TLS.Equal(state.TLS) && len(state.Drift.Elements()) == 0
	waits := plan.Wait.ValueBool() && !state.Ready.ValueBool()
	if same && !waits {
		plan.CertificateStatus, plan.Ready, plan.StatusMessage = state.CertificateStatus, state.Ready, state.StatusMessage
		if plan.DNSTarget.IsUnknown() && plan.Scope.Equal(state.Scope) && plan.Gateways.Equal(state.Gateways) {
			plan.DNSTarget, plan.DNSMessage = state.DNSTarget, state.DNSMessage
		}
	}
}

// planClaims asks who else has the host and paths, if they change.
func (r *Resource) planClaims(ctx context.Context, plan, state *Model, diags *diag.Diagnostics) {
	rules := decode(ctx, plan, diags)
	if diags.HasError() {
		return
	}
	at := r.placeOf(plan)
	if problems := validateRules(rules, at); problems.HasError() {
		diags.Append(problems...)
		return
	}
	want := expand(rules, at, nil, nil)
	r.plan(at, want, diags)
	if state != nil {
		before := &desired{place: r.placeOf(state), rules: decode(ctx, state, diags)}
		if !claimsChange(want, before) {
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, planPatience)
	defer cancel()
	cluster, err := r.Platform.Connect(ctx)
	if err != nil {
		return // not known yet, or wrong: the refresh or the apply says so
	}
	err = refuseClaimed(ctx, cluster, want, diags)
	if err == nil {
		err = refuseUnfit(ctx, cluster, want, diags)
	}
	if err != nil && !offline(err) && !forbidden(err) {
		lifecycle.AddError(diags, "Can't look up who has the host", err)
	}
}
