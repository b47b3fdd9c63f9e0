// Package schedule is sls_backup_schedule: regular backups by Velero.
package schedule

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

var schemaOnce = sync.OnceValue(func() schema.Schema { return scheduleSchema(context.Background()) })

// New returns the resource.
func New() resource.Resource {
	return object.New(object.Definition[Model]{
		Type:       "backup_schedule",
		What:       "backup schedule",
		Concern:    "backup-schedule",
		Kind:       object.Schedules,
		Schema:     schemaOnce,
		Common:     func(m *Model) *object.Common { return &m.Common },
		Validate:   validateModel,
		Spec:       expand,
		Read:       flatten,
		State:      state,
		Judge:      judge,
		Waiting:    waiting,
		Notice:     notice,
		ServerSets: []string{".spec." + skipField},
	})
}
