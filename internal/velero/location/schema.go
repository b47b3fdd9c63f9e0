package location

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/object"
)

const (
	maxPeriod = 365 * 24 * time.Hour

	readOnly  = string(velero.BackupStorageLocationAccessModeReadOnly)
	readWrite = string(velero.BackupStorageLocationAccessModeReadWrite)
)

func locationSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		Description: "Where Velero keeps backups: a bucket of an object store, or a folder in one. Backups that are in the store already, also those of another cluster, " +
			"appear in this one with Velero's next sync. Removing the location removes them from the cluster, and leaves them in the store.",
		Attributes: object.Attributes(ctx, object.Words{What: "backup storage location", Ready: "Velero's server can use it"}, map[string]schema.Attribute{
			"storage_provider": schema.StringAttribute{
				Required:    true,
				Description: "The name by which the plugin for the object store goes in Velero: `aws` (also for other stores that speak S3), `azure`, `gcp`, or `vendor.example.com/name`.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"bucket": schema.StringAttribute{
				Required: true,
				Description: "The bucket, which must exist. Another bucket is another location: the old one is removed and a new one made, " +
					"and Velero removes from the cluster the Backup objects that were seen in the old one. The backups stay in their bucket.",
				Validators: []validator.String{validate.Text("the name of a bucket", bucketProblems)},
			},
			"prefix": schema.StringAttribute{
				Optional: true,
				Description: "The folder within the bucket. It should hold nothing else: Velero takes a location with folders in it that it doesn't know for unavailable. " +
					"Another prefix is another location, like another bucket. Two clusters that write to one prefix expire each other's backups: give each its own, or make one of them `ReadOnly`.",
				Validators: []validator.String{validate.Text("a folder within the bucket", prefixProblems)},
			},
			"config": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "What the plugin needs besides, such as `region`, `s3Url` and `s3ForcePathStyle` for `aws`. Keys that others set are left alone. Secrets don't belong here: see `credential`.",
				Validators: []validator.Map{
					mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1), validate.Text("a key that is no credential", credentialProblems)),
				},
			},
			"credential":     secretKeyAttribute("The credentials for the store. Without it, those that Velero was installed with.", "cloud"),
			"ca_certificate": secretKeyAttribute("The certificates of the authorities that the store's certificate is checked against, in PEM. Without it, those of Velero's image.", "ca.crt"),
			"access_mode": schema.StringAttribute{
				Optional:    true,
				Description: "`ReadWrite`, as by default, or `ReadOnly`: for a standby cluster, which restores the backups of another and must neither expire them nor add to them.",
				Validators:  []validator.String{stringvalidator.OneOf(readOnly, readWrite)},
			},
			"default": schema.BoolAttribute{
				Optional:    true,
				Description: "Whether backups that name no location go here. Velero keeps one default, that of the location made last, and clears the others'.",
			},
			"backup_sync_period": schema.StringAttribute{
				Optional:    true,
				Description: "How often Velero looks in the store for backups that the cluster does not know, such as `30s`; `0s` is never. By default the server's, mostly `1m`.",
				Validators:  []validator.String{validate.Duration(0, maxPeriod)},
			},
			"validation_frequency": schema.StringAttribute{
				Optional:    true,
				Description: "How often Velero looks whether the store can be used, such as `1m`; `0s` is only after a change. By default the server's, mostly `1m`.",
				Validators:  []validator.String{validate.Duration(0, maxPeriod)},
			},
		}),
	}
}

func secretKeyAttribute(description, defaultKey string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: description,
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:    true,
				Description: "A Secret in Velero's namespace.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"key": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(defaultKey),
				Description: "The key in it; `" + defaultKey + "` by default.",
				Validators:  []validator.String{validate.ConfigKey()},
			},
		},
	}
}

func bucketProblems(value string) []string {
	switch {
	case value == "":
		return []string{"it is empty"}
	case strings.Contains(value, "/"):
		return []string{"a folder within the bucket is its prefix"}
	case strings.ContainsAny(value, " \t\r\n"):
		return []string{"it contains white space"}
	}
	return nil
}

func prefixProblems(value string) []string {
	switch {
	case value == "":
		return []string{"it is empty; leave prefix out for the bucket itself"}
	case strings.HasPrefix(value, "/"), strings.HasSuffix(value, "/"):
		return []string{"it begins or ends with a slash, which Velero does without"}
	case strings.ContainsAny(value, " \t\r\n"):
		return []string{"it contains white space"}
	}
	return nil
}

// credentialProblems refuses what would bring a credential, or the path of one in
// the server's pod, into the state.
func credentialProblems(key string) []string {
	for _, word := range []string{"secretkey", "secret_key", "password", "accesskey", "access_key", "token"} {
		if strings.Contains(strings.ToLower(key), word) {
			return []string{fmt.Sprintf("it looks like one (%s), and would be in the state and the object for all to read: put it in a Secret and name that in credential", word)}
		}
	}
	return nil
}
