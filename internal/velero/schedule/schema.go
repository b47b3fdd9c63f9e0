package schedule

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/cron"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

func scheduleSchema(ctx context.Context) schema.Schema {
	own := selection.Attributes()
	maps.Copy(own, map[string]schema.Attribute{
		"cron": schema.StringAttribute{
			Required: true,
			Description: "When to back up: minute, hour, day of the month, month, day of the week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, `@every 6h`. " +
				"It is read as Velero 1.18 reads it: of a day of the month and one of the week, both must fit, where older versions are content with one.",
			Validators: []validator.String{validate.Text("a cron expression", func(value string) []string {
				_, err := cron.Parse(value)
				return problem(err)
			})},
		},
		"timezone": schema.StringAttribute{
			Optional:    true,
			Description: "The time zone that `cron` is meant in, such as `Asia/Shanghai`; by default that of Velero's server, mostly UTC.",
			Validators:  []validator.String{validate.Text("a time zone such as Asia/Shanghai", func(value string) []string { return problem(cron.Zone(value)) })},
		},
		"paused": schema.BoolAttribute{
			Optional:    true,
			Description: "Make no backups for now. Left out, whoever pauses the schedule by `velero schedule pause` is let alone.",
		},
		"skip_immediately": schema.BoolAttribute{
			Optional: true,
			Description: "Whether a backup that is overdue when the schedule is made or goes on after a pause is skipped, so that the next regular one is the first; by default the server's choice, mostly false. " +
				"Velero acts on it once and then clears it, which shows no drift.",
		},
		"backup_labels": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Labels of the backups. Without them, they get those of the schedule.",
			Validators:  []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(validate.LabelKey()), mapvalidator.ValueStringsAre(validate.LabelValue())},
		},
		"use_owner_references_in_backup": schema.BoolAttribute{
			Optional:    true,
			Description: "Whether the schedule owns its backups, so that their Backup objects go with it. What is in the store stays, and comes back with the next sync.",
		},
	})
	return schema.Schema{
		Description: "Regular backups by Velero. A change is made in place, and the schedule keeps its backups. " +
			"When it last ran and will run next is in `data.sls_backup_schedule`.",
		Attributes: object.Attributes(ctx, object.Words{What: "backup schedule", Ready: "Velero's server has accepted the schedule"}, own),
	}
}

func problem(err error) []string {
	if err == nil {
		return nil
	}
	return []string{err.Error()}
}
