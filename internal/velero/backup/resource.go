// Package backup is sls_backup: one backup by Velero, now.
package backup

import (
	"context"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

var schemaOnce = sync.OnceValue(func() schema.Schema { return backupSchema(context.Background()) })

// New returns the resource.
func New() resource.Resource {
	return object.New(object.Definition[Model]{
		Type:     "backup",
		What:     "backup",
		Concern:  "backup",
		Kind:     object.Backups,
		Schema:   schemaOnce,
		Common:   func(m *Model) *object.Common { return &m.Common },
		Validate: func(ctx context.Context, m *Model) diag.Diagnostics { return selection.Validate(ctx, &m.Model) },
		Plan:     plan,
		Spec: func(ctx context.Context, plan, _ *Model, _ *kube.Object) (map[string]any, diag.Diagnostics) {
			return selection.Expand(ctx, &plan.Model)
		},
		Read:    flatten,
		State:   state,
		Outcome: flattenOutcome,
		Judge:   judge,
		Explain: explain,
		Waiting: waiting,
		Note:    object.KeepVersion,
		Remove:  remove,
		Expired: expired,
	})
}

// flatten puts into the model what the spec says, when it is imported. What a
// backup was made by does not change any more; the server alone writes into it,
// for it notes down there what it has made of the filters.
func flatten(ctx context.Context, live *kube.Object, m *Model, importing bool) (diags diag.Diagnostics) {
	if !importing {
		return nil
	}
	spec, _, err := unstructured.NestedMap(live.Object, "spec")
	if err != nil {
		diags.AddError("The backup can't be understood", err.Error())
		return diags
	}
	withoutServers(spec)
	return selection.Flatten(ctx, spec, &m.Model, true)
}

// withoutServers takes out of a spec the kinds that Velero's server leaves out of
// each backup by itself.
func withoutServers(spec map[string]any) {
	for field, kind := range map[string]string{
		"excludedClusterScopedResources":   "volumesnapshotcontents.snapshot.storage.k8s.io",
		"excludedNamespaceScopedResources": "volumesnapshots.snapshot.storage.k8s.io",
	} {
		names, _, err := unstructured.NestedStringSlice(spec, field)
		if err != nil {
			continue
		}
		names = slices.DeleteFunc(names, func(name string) bool { return name == kind })
		if len(names) == 0 {
			delete(spec, field)
		} else {
			_ = unstructured.SetNestedStringSlice(spec, names, field) // it was one before
		}
	}
}
