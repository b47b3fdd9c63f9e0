package restore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	// lookAgain is how often it is asked for what no event tells of.
	lookAgain = time.Second

	// unavailableFor is how long a storage location may be unavailable before that
	// is believed: Velero looks at it again when it has changed.
	unavailableFor = 15 * time.Second

	// recently is within which Velero looks into a store that it can reach: once a
	// minute, unless the location says more.
	recently = 2 * time.Minute
)

// source finds the backup to restore. One that is not there is waited for until
// Velero has looked into the store since the restore began: only then it is known
// that the store does not have it. And what is the newest of a schedule is only
// known where Velero has looked recently.
func (r *run) source(ctx context.Context, from From) (*velero.Backup, error) {
	for {
		backups, locations, err := r.survey(ctx, from)
		if err != nil {
			return nil, err
		}
		backup, why := choose(backups, from, time.Now())
		if backup != nil && (!from.Backup.IsNull() || allLookedInto(locations, time.Now())) {
			return backup, nil
		}
		again, because := outlook(locations, r.began, time.Now())
		if !again {
			if because == nil && why != nil {
				because = why
			}
			return backup, because
		}
		if r.waiting = "Velero has not looked into the store of late, where newer backups may be."; why != nil {
			r.waiting = why.Error()
		}
		if err := pause(ctx, lookAgain); err != nil {
			return nil, err
		}
	}
}

// survey returns the backups that the cluster sees, the newest first, and the
// storage locations that there may be more in.
func (r *run) survey(ctx context.Context, from From) ([]velero.Backup, []velero.BackupStorageLocation, error) {
	backups, err := object.BackupsOf(ctx, r.cluster, r.namespace, from.Schedule.ValueString())
	if err != nil {
		return nil, nil, err
	}
	live, err := r.cluster.List(ctx, object.Locations, r.namespace, nil)
	if err != nil {
		return nil, nil, err
	}
	var locations []velero.BackupStorageLocation
	for i := range live {
		location, err := object.Decode[velero.BackupStorageLocation](&live[i])
		if err != nil {
			return nil, nil, err
		}
		if from.StorageLocation.IsNull() || location.Name == from.StorageLocation.ValueString() {
			locations = append(locations, *location)
		}
	}
	return backups, locations, nil
}

// choose returns the backup to restore, and what is wrong with it; or nil, and why
// there is none.
func choose(backups []velero.Backup, from From, now time.Time) (*velero.Backup, *object.Refusal) {
	at := path.Root("from")
	newest := ""
	for i := range backups {
		backup := &backups[i]
		if !from.StorageLocation.IsNull() && backup.Spec.StorageLocation != from.StorageLocation.ValueString() {
			continue
		}
		if !from.Backup.IsNull() && backup.Name != from.Backup.ValueString() {
			continue
		}
		if why := object.Unusable(backup, from.AllowPartiallyFailed.ValueBool(), now); why != "" {
			newest = cmp.Or(newest, fmt.Sprintf(" The newest, %s, can't be used: %s.", backup.Name, why))
			continue
		}
		age := now.Sub(object.Began(backup)).Truncate(time.Second)
		if most, err := time.ParseDuration(from.MaxAge.ValueString()); err == nil && age > most {
			return nil, &object.Refusal{
				At: at.AtName("max_age"), Summary: "the newest backup is too old",
				Detail: fmt.Sprintf("The newest usable backup of the schedule %s is %s, which is %s old, and may be no older than %s.%s See why there is none newer, or accept it by another max_age.",
					from.Schedule.ValueString(), backup.Name, age, from.MaxAge.ValueString(), newest),
			}
		}
		return backup, nil
	}
	if !from.Backup.IsNull() {
		return nil, &object.Refusal{
			At: at.AtName("backup"), Summary: fmt.Sprintf("there is no usable backup %s", from.Backup.ValueString()),
			Detail: fmt.Sprintf("This cluster sees no such backup that could be restored.%s data.sls_recovery_point tells the newest that could.", newest),
		}
	}
	return nil, &object.Refusal{
		At: at.AtName("schedule"), Summary: fmt.Sprintf("there is no usable backup of the schedule %s", from.Schedule.ValueString()),
		Detail: fmt.Sprintf("This cluster sees none that could be restored.%s", newest),
	}
}

// outlook tells whether the store may bring what is not there yet, or what stands
// against it.
func outlook(locations []velero.BackupStorageLocation, began, now time.Time) (again bool, because error) {
	if len(locations) == 0 {
		return false, &object.Refusal{
			At: path.Root("from"), Summary: "there is no backup storage location",
			Detail: "Velero on this cluster knows of no store, or not of that one, to look for backups in. Make an sls_backup_storage_location, ReadOnly on a standby, and let this resource depend on it.",
		}
	}
	for i := range locations {
		location := &locations[i]
		switch {
		case location.Status.Phase == velero.BackupStorageLocationPhaseUnavailable && now.Sub(began) > unavailableFor:
			because = cmp.Or(because, error(&object.Refusal{
				At: path.Root("from"), Summary: fmt.Sprintf("the backup storage location %s is unavailable", location.Name),
				Detail: cmp.Or(location.Status.Message, "Velero does not say why.") + "\n\nSee that the store can be reached, that the bucket exists, and that the credentials are right.",
			}))
		case neverSynced(location):
		case location.Status.LastSyncedTime == nil || location.Status.LastSyncedTime.Time.Before(began):
			return true, nil
		}
	}
	return false, because
}

// allLookedInto reports whether Velero has looked into all of the stores recently.
func allLookedInto(locations []velero.BackupStorageLocation, now time.Time) bool {
	return !slices.ContainsFunc(locations, func(location velero.BackupStorageLocation) bool {
		within := recently
		if period := location.Spec.BackupSyncPeriod; period != nil {
			within = max(within, 2*period.Duration)
		}
		return !neverSynced(&location) && (location.Status.LastSyncedTime == nil || now.Sub(location.Status.LastSyncedTime.Time) > within)
	})
}

// neverSynced reports whether Velero was told not to look into a store for backups.
func neverSynced(location *velero.BackupStorageLocation) bool {
	return location.Spec.BackupSyncPeriod != nil && location.Spec.BackupSyncPeriod.Duration == 0
}

// pause waits for a time, or for the end of the context.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
