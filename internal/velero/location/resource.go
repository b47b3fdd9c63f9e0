// Package location is sls_backup_storage_location: where Velero keeps backups.
package location

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

var schemaOnce = sync.OnceValue(func() schema.Schema { return locationSchema(context.Background()) })

// New returns the resource.
func New() resource.Resource {
	return object.New(object.Definition[Model]{
		Type:     "backup_storage_location",
		What:     "backup storage location",
		Concern:  "backup-storage-location",
		Kind:     object.Locations,
		Schema:   schemaOnce,
		Common:   func(m *Model) *object.Common { return &m.Common },
		Validate: func(context.Context, *Model) diag.Diagnostics { return nil }, // the attributes' validators see all
		Plan:     planReplace,
		Spec: func(ctx context.Context, plan, _ *Model, _ *kube.Object) (map[string]any, diag.Diagnostics) {
			return expand(ctx, plan)
		},
		Read:  flatten,
		State: func(_ *Model, live *kube.Object) (bool, string) { return state(live) },
		Judge: func(_ *Model, before, live *kube.Object, written object.Written) (bool, time.Duration, error) {
			return judge(before, live, written)
		},
		Waiting: waiting,
		Notice:  notice,
		Watch:   watch,
	})
}
