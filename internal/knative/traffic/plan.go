package traffic

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/istio/routing"
	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// ModifyPlan plans a switch where the revisions that the entries stand for are
// others than those in force, and refuses what can't come to be.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
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
	r.plan(ctx, &plan, state, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

// plan completes a plan, of a change or of none.
func (r *Resource) plan(ctx context.Context, plan, state *Model, diags *diag.Diagnostics) {
	changed := state == nil || !sameRouting(plan, state) || !state.Ready.ValueBool() || len(state.Drift.Elements()) > 0
	encode(ctx, "drift", []string{}, &plan.Drift, diags)
	if !plan.Namespace.IsUnknown() && !plan.Application.IsUnknown() {
		changed = r.planOnCluster(ctx, plan, state, changed, diags)
	}
	if changed {
		plan.Targets = types.ListUnknown(plan.Targets.ElementType(ctx))
		plan.RulesHosts = types.ListUnknown(types.StringType)
		plan.Ready, plan.StatusMessage = types.BoolUnknown(), types.StringUnknown()
	} else {
		plan.Targets, plan.RulesHosts = state.Targets, state.RulesHosts
		plan.Ready, plan.StatusMessage = state.Ready, state.StatusMessage
	}
}

// sameRouting reports whether the same requests go to the same entries.
func sameRouting(a, b *Model) bool {
	return a.Revisions.Equal(b.Revisions) && a.Rules.Equal(b.Rules) && a.Sticky.Equal(b.Sticky) && a.VersionHeader.Equal(b.VersionHeader)
}

// planOnCluster looks at what the plan meets on the cluster, and reports whether
// there is something to change. A cluster that can't be asked is no error: the
// apply finds out.
func (r *Resource) planOnCluster(ctx context.Context, plan, state *Model, changed bool, diags *diag.Diagnostics) bool {
	if !isKnown(ctx, plan.Revisions) {
		return true
	}
	c := &configuration{Model: plan}
	diags.Append(plan.Revisions.ElementsAs(ctx, &c.revisions, false)...)
	if diags.HasError() || (state != nil && !changed && !needsRevisions(c.revisions)) {
		return changed
	}
	cluster, err := r.Platform.Connect(ctx)
	if err != nil {
		return changed
	}
	namespace, name := plan.Namespace.ValueString(), plan.Application.ValueString()
	if on := look(ctx, cluster, namespace, name); on != nil {
		changed = planRevisions(ctx, c, plan, state, on, changed, diags)
	}
	if changed && isKnown(ctx, plan.Rules) && isKnown(ctx, plan.Sticky) && !plan.Rules.IsNull() {
		r.planRules(ctx, cluster, plan, diags)
	}
	if state != nil && (len(plan.Rules.Elements()) > 0 || !plan.Sticky.IsNull()) && len(state.RulesHosts.Elements()) == 0 && !state.RulesHosts.IsNull() {
		diags.AddWarning("No domain leads to the application",
			fmt.Sprintf("rules and sticky apply to callers by a domain, and there is none for %s/%s: Knative's own hosts go by the percents alone. Add an sls_domain that has it in routes.", namespace, name))
	}
	return changed
}

// needsRevisions reports whether what an entry stands for may have changed by
// itself.
func needsRevisions(entries []Revision) bool {
	return slices.ContainsFunc(entries, func(entry Revision) bool { return !entry.Latest.ValueBool() })
}

// look returns what the cluster has of an application, or nil if that can't be
// learned.
func look(ctx context.Context, cluster *kube.Cluster, namespace, name string) *deployed {
	service, err := cluster.Read(ctx, serving.Services, namespace, name)
	if err != nil || service == nil {
		return nil
	}
	revisions, err := readRevisions(ctx, cluster, namespace, name)
	if err != nil {
		return nil
	}
	on, err := observe(service, revisions)
	if err != nil {
		return nil
	}
	return on
}

// planRevisions tells whether the entries stand for other revisions than those
// in force.
func planRevisions(ctx context.Context, c *configuration, plan, state *Model, on *deployed, changed bool, diags *diag.Diagnostics) bool {
	collapse := plan.MissingRevision.ValueString() == missingCollapse
	for i, entry := range c.revisions {
		if !entry.Revision.IsNull() && !collapse {
			refuseMissing(entry.Revision.ValueString(), path.Root("revisions").AtListIndex(i).AtName("revision"), on, diags)
		}
	}
	if state == nil {
		return true
	}
	resolved, problems, _ := resolve(c.revisions, on, collapse)
	if len(problems) > 0 {
		return true // the apply tells why
	}
	var inForce []Target
	diags.Append(state.Targets.ElementsAs(ctx, &inForce, false)...)
	return changed || !slices.EqualFunc(resolved, inForce, func(t target, is Target) bool {
		return t.revision == is.Revision.ValueString() && t.version == is.Version.ValueString()
	})
}

// byContent are names that an application gives its revisions by their content,
// so that a plan can know them before the revision is made.
var byContent = regexp.MustCompile(`-[a-z2-7]{8}$`)

// refuseMissing refuses a revision that does not exist, unless the same apply
// may be about to make it.
func refuseMissing(name string, at path.Path, on *deployed, diags *diag.Diagnostics) {
	application := on.service.Name
	switch {
	case on.exists(name):
	case !strings.HasPrefix(name, application+"-"):
		diags.AddAttributeError(at, "The revision belongs to another application",
			fmt.Sprintf("Names of revisions of %[1]s begin with %[1]s-, and Knative routes to an application's own revisions only.", application))
	case !byContent.MatchString(name):
		diags.AddAttributeError(at, fmt.Sprintf("There is no revision %s", name),
			fmt.Sprintf("The application %s has no such revision: data.sls_revisions lists those that it has.", application))
	}
}

// planRules refuses rules that a domain can't take over.
func (r *Resource) planRules(ctx context.Context, cluster *kube.Cluster, plan *Model, diags *diag.Diagnostics) {
	namespace, name := plan.Namespace.ValueString(), plan.Application.ValueString()
	roots, err := readRoots(ctx, cluster, routing.Application{Namespace: namespace, Name: name})
	if err != nil || len(roots) == 0 {
		return
	}
	c := &configuration{Model: plan}
	diags.Append(plan.Rules.ElementsAs(ctx, &c.rules, false)...)
	if diags.HasError() {
		return
	}
	of := delegateOf(namespace, name, r.Platform.Ingress)
	of.Rules = expandRules(c.rules)
	if _, err := rebased(of.Spec(), roots); err != nil {
		if fit, ok := err.(*misfit); ok { //nolint:errorlint // as rebased returns it
			addMisfit(diags, c.rules, fit)
		}
	}
}

// addMisfit adds a rule that can't be fitted under a domain's prefix.
func addMisfit(diags *diag.Diagnostics, rules []Rule, fit *misfit) {
	at := path.Root("rules")
	for i, rule := range rules {
		if slices.Contains(fit.why.Routes, rule.Name.ValueString()) {
			at = at.AtListIndex(i).AtName("match")
			break
		}
	}
	diags.AddAttributeError(at, "A rule does not fit a domain",
		fmt.Sprintf("The domain %s has the application beneath the path prefix %s, and Istio drops a path that is a regular expression there without a word: rule %s. "+
			"Use exact or prefix, which are relative to the prefix, or give the application a domain of its own.",
			fit.root.name, fit.why.Prefix, strings.Join(fit.why.Routes, ", ")))
}

// isKnown reports whether a value and all within it are known.
func isKnown(ctx context.Context, value attr.Value) bool {
	raw, err := value.ToTerraformValue(ctx)
	return err == nil && raw.IsFullyKnown()
}
