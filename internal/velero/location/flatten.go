package location

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

// flatten puts into the model what the spec says, of all or of what the model has:
// the server fills in, and takes away, what nobody has configured.
func flatten(_ context.Context, live *kube.Object, m *Model, all bool) (diags diag.Diagnostics) {
	location, err := object.Decode[velero.BackupStorageLocation](live)
	if err != nil {
		diags.AddError("The backup storage location can't be understood", err.Error())
		return diags
	}
	spec := &location.Spec
	storage := spec.ObjectStorage
	if storage == nil {
		storage = &velero.ObjectStorageLocation{}
	}
	// Where the location is, it can't be without: it is shown whatever it is.
	m.StorageProvider = types.StringValue(spec.Provider)
	m.Bucket = types.StringValue(storage.Bucket)
	m.Prefix = lifecycle.NullIfEmpty(storage.Prefix)
	m.Config = lifecycle.Subset(m.Config, spec.Config, all)
	m.Credential = flattenKey(m.Credential, spec.Credential, all)
	m.CACertificate = flattenKey(m.CACertificate, storage.CACertRef, all)
	m.AccessMode = object.String(m.AccessMode, spec.AccessMode, all)
	m.Default = object.Bool(m.Default, spec.Default, all)
	m.BackupSyncPeriod = object.Duration(m.BackupSyncPeriod, spec.BackupSyncPeriod, all)
	m.ValidationFrequency = object.Duration(m.ValidationFrequency, spec.ValidationFrequency, all)
	return diags
}

var secretKeyTypes = map[string]attr.Type{"name": types.StringType, "key": types.StringType}

func flattenKey(prior types.Object, live *corev1.SecretKeySelector, all bool) types.Object {
	if live == nil || (prior.IsNull() && !all) {
		return types.ObjectNull(secretKeyTypes)
	}
	return types.ObjectValueMust(secretKeyTypes, map[string]attr.Value{
		"name": types.StringValue(live.Name), "key": types.StringValue(live.Key),
	})
}
