package schedule

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/cron"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// DataSource is the data source sls_backup_schedule: what a schedule does, with
// the times that its resource leaves out.
type DataSource struct{ lifecycle.DataSource }

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// NewDataSource returns the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

type dataModel struct {
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`

	Cron             types.String `tfsdk:"cron"`
	Timezone         types.String `tfsdk:"timezone"`
	Paused           types.Bool   `tfsdk:"paused"`
	Phase            types.String `tfsdk:"phase"`
	ValidationErrors types.List   `tfsdk:"validation_errors"`
	LastRun          types.String `tfsdk:"last_run"`
	LastSkipped      types.String `tfsdk:"last_skipped"`
	NextRun          types.String `tfsdk:"next_run"`
	LastBackup       *backupModel `tfsdk:"last_backup"`
}

type backupModel struct {
	Name             types.String `tfsdk:"name"`
	Phase            types.String `tfsdk:"phase"`
	Started          types.String `tfsdk:"started"`
	Completed        types.String `tfsdk:"completed"`
	Expires          types.String `tfsdk:"expires"`
	Items            types.Int64  `tfsdk:"items"`
	Errors           types.Int64  `tfsdk:"errors"`
	Warnings         types.Int64  `tfsdk:"warnings"`
	FailureReason    types.String `tfsdk:"failure_reason"`
	ValidationErrors types.List   `tfsdk:"validation_errors"`
}

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_schedule"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	texts := func(description string) schema.Attribute {
		return schema.ListAttribute{ElementType: types.StringType, Computed: true, Description: description}
	}
	resp.Schema = schema.Schema{
		Description: "A backup schedule, when it ran and will run, and what became of its last backup. Times are written as RFC 3339 has it.",
		Attributes: map[string]schema.Attribute{
			"namespace": schema.StringAttribute{
				Optional: true, Computed: true,
				Description: "The namespace that Velero's server runs in; by default the provider's `velero_namespace`.",
				Validators:  []validator.String{validate.Namespace()},
			},
			"name": schema.StringAttribute{
				Required:    true,
				Description: "The schedule's name.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"cron":              schema.StringAttribute{Computed: true, Description: "When it backs up."},
			"timezone":          schema.StringAttribute{Computed: true, Description: "The time zone that this is meant in; null for that of Velero's server."},
			"paused":            schema.BoolAttribute{Computed: true, Description: "Whether it makes no backups for now."},
			"phase":             schema.StringAttribute{Computed: true, Description: "`Enabled`, `FailedValidation`, or `New`; null before Velero's server has looked at it."},
			"validation_errors": texts("What Velero's server has against it."),
			"last_run":          schema.StringAttribute{Computed: true, Description: "When it made its last backup; null if it made none."},
			"last_skipped":      schema.StringAttribute{Computed: true, Description: "When it last skipped one; see `skip_immediately` of the resource."},
			"next_run": schema.StringAttribute{
				Computed: true,
				Description: "When it will back up next, at the earliest: in UTC where no time zone is set, which Velero's server mostly runs in. A time that is past is due now. " +
					"Null while it is paused or not accepted.",
			},
			"last_backup": schema.SingleNestedAttribute{
				Computed:    true,
				Description: "Its newest backup that this cluster sees, whatever became of it; null if there is none.",
				Attributes: map[string]schema.Attribute{
					"name":              schema.StringAttribute{Computed: true, Description: "The backup's name."},
					"phase":             schema.StringAttribute{Computed: true, Description: "Such as `Completed`, `PartiallyFailed`, `InProgress` or `FailedValidation`."},
					"started":           schema.StringAttribute{Computed: true, Description: "When it began."},
					"completed":         schema.StringAttribute{Computed: true, Description: "When it ended."},
					"expires":           schema.StringAttribute{Computed: true, Description: "When Velero removes it."},
					"items":             schema.Int64Attribute{Computed: true, Description: "How many objects are in it."},
					"errors":            schema.Int64Attribute{Computed: true, Description: "How many errors there were."},
					"warnings":          schema.Int64Attribute{Computed: true, Description: "How many warnings there were."},
					"failure_reason":    schema.StringAttribute{Computed: true, Description: "Why it failed, in Velero's words."},
					"validation_errors": texts("Why Velero's server refused it."),
				},
			},
		},
	}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	cluster := d.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.Namespace.IsNull() {
		m.Namespace = types.StringValue(d.Platform.VeleroNamespace)
	}
	namespace, name := m.Namespace.ValueString(), m.Name.ValueString()
	doing := fmt.Sprintf("Can't read the backup schedule %s/%s", namespace, name)
	live, err := cluster.Find(ctx, object.Schedules, namespace, name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	if live == nil {
		resp.Diagnostics.AddAttributeError(path.Root("name"), doing+": there is none",
			"No Schedule of that name is in the namespace. Is it another one, or another cluster? A standby sees the backups of its primary, but not the schedules that made them: see data.sls_recovery_point.")
		return
	}
	schedule, err := object.Decode[velero.Schedule](live)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	backups, err := object.BackupsOf(ctx, cluster, namespace, name)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	m.fill(schedule, backups)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// fill puts a schedule and its backups, the newest first, into the model.
func (m *dataModel) fill(s *velero.Schedule, backups []velero.Backup) {
	expression, timezone := cron.Split(s.Spec.Schedule)
	m.Cron, m.Timezone = types.StringValue(expression), lifecycle.NullIfEmpty(timezone)
	m.Paused = types.BoolValue(s.Spec.Paused)
	m.Phase = lifecycle.NullIfEmpty(s.Status.Phase)
	m.ValidationErrors = stringList(s.Status.ValidationErrors)
	m.LastRun = lifecycle.NullIfEmpty(object.RFC3339(s.Status.LastBackup))
	m.LastSkipped = lifecycle.NullIfEmpty(object.RFC3339(s.Status.LastSkipped))
	m.NextRun = types.StringNull()
	if next := nextRun(s); !next.IsZero() {
		m.NextRun = types.StringValue(next.UTC().Format(time.RFC3339))
	}
	m.LastBackup = nil
	if len(backups) == 0 {
		return
	}
	b := backups[0]
	m.LastBackup = &backupModel{
		Name:             types.StringValue(b.Name),
		Phase:            lifecycle.NullIfEmpty(b.Status.Phase),
		Started:          lifecycle.NullIfEmpty(object.RFC3339(b.Status.StartTimestamp)),
		Completed:        lifecycle.NullIfEmpty(object.RFC3339(b.Status.CompletionTimestamp)),
		Expires:          lifecycle.NullIfEmpty(object.RFC3339(b.Status.Expiration)),
		Items:            types.Int64Value(0),
		Errors:           types.Int64Value(int64(b.Status.Errors)),
		Warnings:         types.Int64Value(int64(b.Status.Warnings)),
		FailureReason:    lifecycle.NullIfEmpty(b.Status.FailureReason),
		ValidationErrors: stringList(b.Status.ValidationErrors),
	}
	if b.Status.Progress != nil {
		m.LastBackup.Items = types.Int64Value(int64(b.Status.Progress.ItemsBackedUp))
	}
}

// nextRun reckons as Velero's server does: from the last backup, or the last that
// was skipped, or the schedule's making.
func nextRun(s *velero.Schedule) time.Time {
	if s.Spec.Paused || s.Status.Phase != velero.SchedulePhaseEnabled {
		return time.Time{}
	}
	parsed, err := cron.ParseZoned(s.Spec.Schedule)
	if err != nil {
		return time.Time{}
	}
	last := s.CreationTimestamp.Time
	if s.Status.LastBackup != nil {
		last = s.Status.LastBackup.Time
	}
	if skipped := s.Status.LastSkipped; skipped != nil && skipped.After(last) {
		last = skipped.Time
	}
	return parsed.Next(last.UTC())
}

// stringList is empty for none, so that length() of it is 0.
func stringList(from []string) types.List {
	values := []attr.Value{}
	for _, text := range from {
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}
