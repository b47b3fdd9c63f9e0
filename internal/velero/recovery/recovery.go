// Package recovery is the data source sls_recovery_point: the newest backup that
// a restore could be made of, as this cluster sees it.
package recovery

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// DataSource is the data source sls_recovery_point.
type DataSource struct{ lifecycle.DataSource }

var _ datasource.DataSourceWithConfigure = (*DataSource)(nil)

// New returns the data source.
func New() datasource.DataSource { return &DataSource{} }

type model struct {
	Namespace            types.String `tfsdk:"namespace"`
	Schedule             types.String `tfsdk:"schedule"`
	StorageLocation      types.String `tfsdk:"storage_location"`
	MaxAge               types.String `tfsdk:"max_age"`
	AllowPartiallyFailed types.Bool   `tfsdk:"allow_partially_failed"`

	BackupName types.String `tfsdk:"backup_name"`
	Location   types.String `tfsdk:"backup_location"`
	Phase      types.String `tfsdk:"phase"`
	Time       types.String `tfsdk:"time"`
	Expires    types.String `tfsdk:"expires"`
	AgeSeconds types.Int64  `tfsdk:"age_seconds"`
	MeetsRPO   types.Bool   `tfsdk:"meets_rpo"`
	Message    types.String `tfsdk:"message"`
}

const maxAge = 365 * 24 * time.Hour

// Metadata implements datasource.DataSource.
func (d *DataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_recovery_point"
}

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "The newest backup that this cluster could restore, how old it is, and whether that is good enough. Asked on the standby it tells what a failover would bring back: " +
			"a backup that the primary calls complete, but that never came into the store, is not seen there. That there is none is no error: a `check` block makes one of `meets_rpo`.",
		Attributes: map[string]schema.Attribute{
			"namespace": schema.StringAttribute{
				Optional: true, Computed: true,
				Description: "The namespace that Velero's server runs in; by default the provider's `velero_namespace`.",
				Validators:  []validator.String{validate.Namespace()},
			},
			"schedule": schema.StringAttribute{
				Optional:    true,
				Description: "Only backups of this schedule, which need not be known on this cluster. By default all backups.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"storage_location": schema.StringAttribute{
				Optional:    true,
				Description: "Only backups in this backup storage location.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"max_age": schema.StringAttribute{
				Optional:    true,
				Description: "How old the recovery point may be (the RPO), such as `25h`. Without it, any will do.",
				Validators:  []validator.String{validate.Duration(time.Second, maxAge)},
			},
			"allow_partially_failed": schema.BoolAttribute{
				Optional:    true,
				Description: "Whether a backup counts in which some items are missing.",
			},
			"backup_name":     schema.StringAttribute{Computed: true, Description: "The backup; null if none can be restored."},
			"backup_location": schema.StringAttribute{Computed: true, Description: "The backup storage location that it is in."},
			"phase":           schema.StringAttribute{Computed: true, Description: "`Completed` or `PartiallyFailed`."},
			"time": schema.StringAttribute{
				Computed:    true,
				Description: "The recovery point: when the backup began, as RFC 3339 has it. What has changed since is not in it.",
			},
			"expires":     schema.StringAttribute{Computed: true, Description: "When Velero removes the backup."},
			"age_seconds": schema.Int64Attribute{Computed: true, Description: "How old the recovery point is."},
			"meets_rpo":   schema.BoolAttribute{Computed: true, Description: "Whether there is a recovery point, and it is no older than `max_age`."},
			"message":     schema.StringAttribute{Computed: true, Description: "In words: the recovery point, or why there is none that is good enough."},
		},
	}
}

// Read implements datasource.DataSource.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	cluster := d.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if m.Namespace.IsNull() {
		m.Namespace = types.StringValue(d.Platform.VeleroNamespace)
	}
	const doing = "Can't read the recovery points"
	backups, err := object.BackupsOf(ctx, cluster, m.Namespace.ValueString(), m.Schedule.ValueString())
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	objects, err := cluster.List(ctx, object.Locations, m.Namespace.ValueString(), nil)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, doing, err)
		return
	}
	locations := map[string]*velero.BackupStorageLocation{}
	for i := range objects {
		location, err := object.Decode[velero.BackupStorageLocation](&objects[i])
		if err != nil {
			lifecycle.AddError(&resp.Diagnostics, doing, err)
			return
		}
		locations[location.Name] = location
	}
	m.fill(backups, locations, time.Now())
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// fill puts the newest usable of the backups, which come newest first, into the
// model.
func (m *model) fill(backups []velero.Backup, locations map[string]*velero.BackupStorageLocation, now time.Time) {
	m.MeetsRPO = types.BoolValue(false)
	newest := "" // why the newest is not it
	for i := range backups {
		backup := &backups[i]
		if !m.StorageLocation.IsNull() && backup.Spec.StorageLocation != m.StorageLocation.ValueString() {
			continue
		}
		if why := m.unusable(backup, locations, now); why != "" {
			if newest == "" {
				newest = fmt.Sprintf(" The newest backup, %s, can't be used: %s.", backup.Name, why)
			}
			continue
		}
		m.take(backup, now)
		m.Message = types.StringValue(m.Message.ValueString() + newest)
		return
	}
	if newest == "" {
		newest = " This cluster sees none at all: Velero looks for new ones in a location from time to time, if it is Available."
	}
	m.Message = types.StringValue("There is no backup that could be restored." + newest)
}

func (m *model) unusable(backup *velero.Backup, locations map[string]*velero.BackupStorageLocation, now time.Time) string {
	if why := object.Unusable(backup, m.AllowPartiallyFailed.ValueBool(), now); why != "" {
		return why
	}
	switch location := locations[backup.Spec.StorageLocation]; {
	case location == nil:
		return fmt.Sprintf("there is no backup storage location %q", backup.Spec.StorageLocation)
	case location.Status.Phase != velero.BackupStorageLocationPhaseAvailable:
		return fmt.Sprintf("its backup storage location %s is not available (%s)", location.Name, location.Status.Message)
	}
	return ""
}

func (m *model) take(backup *velero.Backup, now time.Time) {
	age := now.Sub(object.Began(backup)).Truncate(time.Second)
	m.BackupName = types.StringValue(backup.Name)
	m.Location = types.StringValue(backup.Spec.StorageLocation)
	m.Phase = types.StringValue(string(backup.Status.Phase))
	m.Time = types.StringValue(object.Began(backup).UTC().Format(time.RFC3339))
	m.Expires = lifecycle.NullIfEmpty(object.RFC3339(backup.Status.Expiration))
	m.AgeSeconds = types.Int64Value(int64(age / time.Second))
	most, err := time.ParseDuration(m.MaxAge.ValueString())
	if m.MaxAge.IsNull() || (err == nil && age <= most) {
		m.MeetsRPO = types.BoolValue(true)
		m.Message = types.StringValue(fmt.Sprintf("%s is %s old.", backup.Name, age))
		return
	}
	m.Message = types.StringValue(fmt.Sprintf("%s is %s old, and may be no older than %s.", backup.Name, age, m.MaxAge.ValueString()))
}
