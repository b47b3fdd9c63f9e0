package schedule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/cron"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

// flatten puts into the model what the spec says, of all or of what the model has.
// skip_immediately stays as it was said: see skipsNow.
func flatten(ctx context.Context, live *kube.Object, m *Model, all bool) (diags diag.Diagnostics) {
	s, err := object.Decode[velero.Schedule](live)
	if err != nil {
		diags.AddError("The backup schedule can't be understood", err.Error())
		return diags
	}
	expression, timezone := cron.Split(s.Spec.Schedule)
	m.Cron = types.StringValue(expression)
	m.Timezone = lifecycle.NullIfEmpty(timezone) // part of when it runs: shown whoever set it
	m.Paused = object.Bool(m.Paused, s.Spec.Paused, all)
	m.BackupLabels = lifecycle.Subset(m.BackupLabels, s.Spec.Template.Labels, all)
	m.OwnerReferences = object.OptionalBool(m.OwnerReferences, s.Spec.UseOwnerReferencesInBackup, all)
	template, _, err := unstructured.NestedMap(live.Object, "spec", "template")
	if err != nil {
		diags.AddError("The backup schedule can't be understood", err.Error())
		return diags
	}
	diags.Append(selection.Flatten(ctx, template, &m.Model, all)...)
	return diags
}
