package location

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// Model is the shape of sls_backup_storage_location in HCL.
type Model struct {
	object.Common

	StorageProvider     types.String `tfsdk:"storage_provider"`
	Bucket              types.String `tfsdk:"bucket"`
	Prefix              types.String `tfsdk:"prefix"`
	Config              types.Map    `tfsdk:"config"`
	Credential          types.Object `tfsdk:"credential"`     // a SecretKey
	CACertificate       types.Object `tfsdk:"ca_certificate"` // a SecretKey
	AccessMode          types.String `tfsdk:"access_mode"`
	Default             types.Bool   `tfsdk:"default"`
	BackupSyncPeriod    types.String `tfsdk:"backup_sync_period"`
	ValidationFrequency types.String `tfsdk:"validation_frequency"`
}

// SecretKey names a value in a Secret. The value itself is never asked for.
type SecretKey struct {
	Name types.String `tfsdk:"name"`
	Key  types.String `tfsdk:"key"`
}

// secretKey decodes a SecretKey; nil is none, or one that is not known yet.
func secretKey(ctx context.Context, value types.Object, diags *diag.Diagnostics) *SecretKey {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	key := &SecretKey{}
	diags.Append(value.As(ctx, key, basetypes.ObjectAsOptions{})...)
	return key
}
