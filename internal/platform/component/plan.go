package component

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// planPatience is how long a plan waits for a cluster that it would ask what is
// there.
const planPatience = 15 * time.Second

// ValidateConfig warns of what may change between two applies without a word.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if manifest.IsURL(config.Source.ValueString()) && config.SHA256.IsNull() {
		resp.Diagnostics.AddAttributeWarning(path.Root("source"), "What is downloaded is not checked",
			"Whoever can change what "+config.Source.ValueString()+" leads to decides what runs on the cluster, with all its rights, and each plan downloads it anew. "+
				"Set sha256: source_digest has what it is now.")
	}
}

// ModifyPlan tells as much as can be known before the apply: what each object
// will be. Where objects change and the cluster is there, it asks whether they
// may.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.Platform == nil {
		return
	}
	var plan Model
	var state *Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		state = &Model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Objects, plan.SourceDigest = types.MapUnknown(types.StringType), types.StringUnknown()
	plan.Ready, plan.StatusMessage = types.BoolUnknown(), types.StringUnknown()
	if lifecycle.AllKnown(req.Plan.Raw, inputs...) {
		r.planObjects(ctx, &plan, state, req.Private, &resp.Diagnostics)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// planObjects plans the objects, and asks the cluster about those that change.
func (r *Resource) planObjects(ctx context.Context, plan, state *Model, private privateReader, diags *diag.Diagnostics) {
	options := r.options(ctx, plan, diags)
	if diags.HasError() {
		return
	}
	// With the checksum the content is known without a download.
	if manifest.IsURL(plan.Source.ValueString()) && state != nil {
		if known := recallPlanned(ctx, private, plan.SHA256.ValueString(), options, diags); known != nil {
			plan.Objects, plan.SourceDigest = stringMap(known.Objects), types.StringValue(known.Digest)
			planReady(plan, state)
			return
		}
	}
	rendered := r.render(ctx, plan, options, diags)
	if rendered == nil {
		return
	}
	plan.Objects, plan.SourceDigest = stringMap(rendered.set.Digests()), types.StringValue(rendered.about.Digest)
	if state != nil {
		planReady(plan, state)
		if plan.Objects.Equal(state.Objects) {
			return
		}
	}
	r.planAgainst(ctx, plan, state, rendered.set, diags)
}

// planReady plans the state of a component that an apply would not touch.
func planReady(plan, state *Model) {
	retry := plan.Wait.ValueBool() && !state.Ready.ValueBool()
	if plan.Objects.Equal(state.Objects) && !retry {
		plan.Ready, plan.StatusMessage = state.Ready, state.StatusMessage
	}
}

// planAgainst tells already in the plan what would be in the way of the apply. A
// cluster that is not there yet, or may not be asked, is no error of a plan.
func (r *Resource) planAgainst(ctx context.Context, plan, state *Model, set *manifest.Set, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, planPatience)
	defer cancel()
	cluster, err := r.Platform.Connect(ctx)
	if err != nil {
		return // not known yet, or wrong: the refresh or the apply says so
	}
	e := r.engine(cluster, plan)
	before, err := readInventory(ctx, cluster.Find, e.component)
	if err == nil && state == nil {
		err = checkExisting(before, e.adopt)
	}
	var live map[manifest.ID]*kube.Object
	if err == nil {
		live, err = e.survey(ctx, set, before)
	}
	if err == nil {
		err = e.refuse(ctx, set, live, before)
	}
	for _, one := range each(err) {
		if offline(one) || apierrors.IsForbidden(one) {
			return
		}
	}
	if err != nil {
		addError(diags, plan, "Can't apply the component "+e.component, err)
	}
}

// offline reports whether the cluster gave no answer.
func offline(err error) bool {
	return errors.Is(err, kube.ErrUnknownConnection) || kube.IsTransient(err) || errors.Is(err, context.DeadlineExceeded)
}
