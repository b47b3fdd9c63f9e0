// Package restore is sls_restore: what a backup holds, brought to this cluster.
package restore

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// Resource is sls_restore.
type Resource struct{ lifecycle.Namespaced }

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_restore"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return restoreSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config Model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || config.Stages.IsNull() || !lifecycle.Known(ctx, config.Stages) {
		return
	}
	var names []string
	for i, stage := range config.stages(ctx, &resp.Diagnostics) {
		if slices.Contains(names, stage.Name) {
			resp.Diagnostics.AddAttributeError(path.Root("stages").AtListIndex(i).AtName("name"), "Two stages of one name", "There is another stage "+stage.Name+". Each has a Restore of its own name.")
		}
		names = append(names, stage.Name)
	}
}

// ModifyPlan plans a restore where there is something else to restore than before,
// and nothing otherwise.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.Platform == nil {
		return
	}
	var plan, config Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Namespace.IsNull() {
		plan.Namespace = types.StringValue(r.Platform.VeleroNamespace)
	}
	if req.State.Raw.IsNull() {
		plan.forget()
	} else {
		var prior Model
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
		again := changed(ctx, &plan, &prior, &resp.Diagnostics)
		for _, name := range again {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root(name))
		}
		if plan.keep(&prior); len(again) > 0 {
			plan.forget()
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// changed returns the attributes that order another restore than the one that was
// made. What an import does not know is no change, and max_age matters only when
// a backup is looked for.
func changed(ctx context.Context, plan, prior *Model, diags *diag.Diagnostics) (names []string) {
	imported := prior.From.IsNull()
	for _, of := range []struct {
		name     string
		now, was attr.Value
	}{
		{"namespace", plan.Namespace, prior.Namespace},
		{"triggers", plan.Triggers, prior.Triggers},
		{"preset", plan.Preset, prior.Preset},
		{"stages", plan.Stages, prior.Stages},
		{"existing_resource_policy", plan.ExistingResourcePolicy, prior.ExistingResourcePolicy},
		{"namespace_mapping", plan.NamespaceMapping, prior.NamespaceMapping},
	} {
		if !of.now.Equal(of.was) && (!imported || of.name == "namespace") {
			names = append(names, of.name)
		}
	}
	if imported || plan.From.IsUnknown() {
		return names
	}
	now, was := plan.from(ctx, diags), prior.from(ctx, diags)
	if !now.Backup.Equal(was.Backup) || !now.Schedule.Equal(was.Schedule) || !now.StorageLocation.Equal(was.StorageLocation) {
		names = append(names, "from")
	}
	return names
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	from, stages := plan.from(ctx, &resp.Diagnostics), plan.stages(ctx, &resp.Diagnostics)
	timeout, problems := plan.Timeouts.Create(ctx, defaultCreate)
	resp.Diagnostics.Append(problems...)
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	namespace, name := plan.Namespace.ValueString(), plan.Name.ValueString()
	doing := fmt.Sprintf("Can't restore %s", name)
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	order, err := plan.order(from, stages)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	run := &run{
		cluster: cluster, manager: r.Platform.Manager("restore"), namespace: namespace, name: name, order: order, began: time.Now(),
		policy: plan.ExistingResourcePolicy.ValueString(), mapping: lifecycle.Strings(plan.NamespaceMapping), allowPartial: plan.AllowPartiallyFailed.ValueBool(),
	}
	if err := run.do(ctx, from, stages); err != nil {
		switch {
		case outer.Err() != nil:
			err = &object.Refusal{Summary: "it was interrupted", Detail: "What Velero has begun it ends. The next apply takes it up, and goes on with the stages that are left."}
		case ctx.Err() != nil:
			err = &object.Refusal{Summary: "the time to wait is over", Detail: run.waiting + "\n\nThe next apply takes it up. How long a restore may take is set in timeouts."}
		}
		object.AddError(&resp.Diagnostics, doing, err)
		return
	}
	run.remember(ctx, &plan, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read implements resource.Resource. Velero removes Restores with their expired
// backup. What was restored is no less there, so that the state keeps it.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, name := state.Namespace.ValueString(), state.Name.ValueString()
	lifecycle.KeepIdentity(ctx, resp.Identity, namespace, name, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := cluster.ReadAll(ctx, object.Restores, namespace, map[string]string{nameLabel: name})
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't read the restore %s/%s", namespace, name), err)
		return
	}
	if state.Restores.IsNull() { // an import
		if len(live) == 0 {
			resp.State.RemoveResource(ctx)
			return
		}
		recall(ctx, live, &state, &resp.Diagnostics)
	}
	var names []string
	resp.Diagnostics.Append(state.Restores.ElementsAs(ctx, &names, false)...)
	left := slices.ContainsFunc(live, func(o object.Object) bool { return slices.Contains(names, o.GetName()) })
	state.Expired = types.BoolValue(!left)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// Update implements resource.Resource: nothing of it changes the cluster.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	lifecycle.KeepIdentity(ctx, resp.Identity, plan.Namespace.ValueString(), plan.Name.ValueString(), &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Delete implements resource.Resource: what was restored stays, and so does
// Velero's record of it, until the backup expires.
func (r *Resource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
