package schedule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/cron"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// expand returns the spec with what is set, and nothing else.
func expand(ctx context.Context, plan, prior *Model, live *kube.Object) (map[string]any, diag.Diagnostics) {
	template, diags := selection.Expand(ctx, &plan.Model)
	if !plan.BackupLabels.IsNull() {
		template["metadata"] = map[string]any{"labels": lifecycle.Unstructured(lifecycle.Strings(plan.BackupLabels))}
	}
	spec := map[string]any{
		"schedule": cron.Join(plan.Cron.ValueString(), plan.Timezone.ValueString()),
		"template": template,
	}
	object.SetBool(spec, "paused", plan.Paused)
	object.SetBool(spec, "useOwnerReferencesInBackup", plan.OwnerReferences)
	object.SetBool(spec, skipField, plan.SkipImmediately)
	if is, ok := skipOf(live); ok && !plan.SkipImmediately.IsNull() && !skipsNow(plan, prior) {
		spec[skipField] = is // said again, it would skip again
	}
	return spec, diags
}

const skipField = "skipImmediately"

// skipsNow reports whether skip_immediately is to be acted on by this write. The
// server sets it to false when it has: it is an order, and not a state.
func skipsNow(plan, prior *Model) bool {
	return prior == nil || !plan.SkipImmediately.Equal(prior.SkipImmediately) ||
		(prior.Paused.ValueBool() && !plan.Paused.ValueBool())
}

func skipOf(live *kube.Object) (skip, ok bool) {
	if live == nil {
		return false, false
	}
	skip, ok, err := unstructured.NestedBool(live.Object, "spec", skipField)
	return skip, ok && err == nil
}
