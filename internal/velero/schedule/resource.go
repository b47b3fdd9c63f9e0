// Package schedule is sls_backup_schedule: regular backups by Velero.
package schedule

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

var schemaOnce = sync.OnceValue(func() schema.Schema { return scheduleSchema(context.Background()) })

// New returns the resource.
func New() resource.Resource {
	return object.New(object.Definition[Model]{
		Type:     "backup_schedule",
		What:     "backup schedule",
		Concern:  "backup-schedule",
		Kind:     object.Schedules,
		Schema:   schemaOnce,
		Common:   func(m *Model) *object.Common { return &m.Common },
		Validate: validateModel,
		Spec:     expand,
		Read:     flatten,
		State:    func(_ *Model, live *kube.Object) (bool, string) { return state(live) },
		Judge: func(_ *Model, before, live *kube.Object, written object.Written) (bool, time.Duration, error) {
			return judge(before, live, written)
		},
		Waiting: waiting,
		Note: func(ctx context.Context, cluster *kube.Cluster, live, _ *kube.Object) {
			object.NoteVersion(ctx, cluster, live)
		},
		Notice:     notice,
		ServerSets: []string{".spec." + skipField},
	})
}
