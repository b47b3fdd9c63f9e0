package backup

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

func backupSchema(ctx context.Context) schema.Schema {
	own := selection.Attributes()
	maps.Copy(own, map[string]schema.Attribute{
		"allow_partially_failed": schema.BoolAttribute{
			Optional:    true,
			Description: "Whether a backup will do in which some items are missing (`PartiallyFailed`). Without it, that is an error, with the first of what Velero has to say.",
		},
		"phase": schema.StringAttribute{
			Computed: true, Description: "What became of it, in Velero's word: `Completed`, `PartiallyFailed`, `Failed`, `FailedValidation`.",
		},
		"started":   schema.StringAttribute{Computed: true, Description: "When it began, as RFC 3339 has it: what has changed since is not in it."},
		"completed": schema.StringAttribute{Computed: true, Description: "When it ended."},
		"expires":   schema.StringAttribute{Computed: true, Description: "When Velero removes it, from the store too."},
		"items":     schema.Int64Attribute{Computed: true, Description: "How many objects are in it."},
		"warnings":  schema.Int64Attribute{Computed: true, Description: "How many warnings Velero has noted."},
		"errors":    schema.Int64Attribute{Computed: true, Description: "How many errors Velero has noted."},
		"expired":   schema.BoolAttribute{Computed: true, Description: "Whether Velero has removed it, as its time was over. That is no reason to make another one."},
	})
	return schema.Schema{
		Description: "One backup by Velero, made when the resource is created: before an upgrade, say. Whatever decides what is in it makes another backup when it changes. " +
			"A destroy removes the backup from the store as well, so that it does not come back. Regular backups are made by `sls_backup_schedule`.",
		Attributes: object.Attributes(ctx, object.Words{What: "backup", Ready: "the backup is complete"}, own),
	}
}
