package location

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// expand returns the spec with what is set, and nothing else: Velero's server may
// set the rest.
func expand(ctx context.Context, m *Model) (map[string]any, diag.Diagnostics) {
	var diags diag.Diagnostics
	storage := map[string]any{"bucket": m.Bucket.ValueString()}
	object.SetString(storage, "prefix", m.Prefix)
	if key := secretKey(ctx, m.CACertificate, &diags); key != nil {
		storage["caCertRef"] = map[string]any{"name": key.Name.ValueString(), "key": key.Key.ValueString()}
	}
	spec := map[string]any{"provider": m.StorageProvider.ValueString(), "objectStorage": storage}
	if !m.Config.IsNull() {
		spec["config"] = lifecycle.Unstructured(lifecycle.Strings(m.Config))
	}
	if key := secretKey(ctx, m.Credential, &diags); key != nil {
		spec["credential"] = map[string]any{"name": key.Name.ValueString(), "key": key.Key.ValueString()}
	}
	object.SetString(spec, "accessMode", m.AccessMode)
	object.SetBool(spec, "default", m.Default)
	object.SetDuration(spec, "backupSyncPeriod", m.BackupSyncPeriod)
	object.SetDuration(spec, "validationFrequency", m.ValidationFrequency)
	return spec, diags
}

// sameStore reports whether two locations are one place.
func sameStore(a, b *Model) bool {
	return a.Bucket.Equal(b.Bucket) && a.Prefix.Equal(b.Prefix) && a.StorageProvider.Equal(b.StorageProvider)
}
