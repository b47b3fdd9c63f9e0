package restore

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
	"github.com/sls-platform/terraform-provider-sls/internal/velero/selection"
)

const (
	defaultCreate = 15 * time.Minute
	longestAge    = 365 * 24 * time.Hour
	longestName   = 40 // Velero's names for the stages need the rest

	policyNone   = "none"
	policyUpdate = "update"
)

func restoreSchema(ctx context.Context) schema.Schema {
	policy := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Description: description, Validators: []validator.String{stringvalidator.OneOf(policyNone, policyUpdate)}}
	}
	return schema.Schema{
		Description: "A restore by Velero, once: of a backup by its name, or of the newest of a schedule that is found when the restore is made. " +
			"A newer backup the next day, or the end of the backup's time, is no reason to restore again: another value in `triggers` is. " +
			"It is made in stages, and each is waited for with all that the next one needs. A destroy leaves what was restored.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:      true,
				Description:   "The restore's name, which the names of Velero's Restore objects begin with.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.Namespace(), stringvalidator.LengthAtMost(longestName)},
			},
			"namespace": schema.StringAttribute{
				Optional: true, Computed: true,
				Description: "The namespace that Velero's server runs in; by default the provider's `velero_namespace`.",
				Validators:  []validator.String{validate.Namespace()},
			},
			"from": schema.SingleNestedAttribute{
				Required:    true,
				Description: "What is restored: a `backup`, or the newest usable one of a `schedule`. A backup that this cluster does not see yet is waited for until Velero has looked into the store again.",
				Attributes: map[string]schema.Attribute{
					"backup": schema.StringAttribute{
						Optional: true, Description: "The backup's name.",
						Validators: []validator.String{
							validate.DNSName(),
							stringvalidator.ExactlyOneOf(path.MatchRelative().AtParent().AtName("backup"), path.MatchRelative().AtParent().AtName("schedule")),
						},
					},
					"schedule": schema.StringAttribute{
						Optional: true, Description: "The schedule, which this cluster need not have: its newest usable backup is restored.",
						Validators: []validator.String{validate.DNSName()},
					},
					"max_age": schema.StringAttribute{
						Optional: true, Description: "How old the newest backup of the schedule may be when it is restored, such as `26h`; an older one is an error.",
						Validators: []validator.String{
							validate.Duration(time.Second, longestAge),
							stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("schedule")),
						},
					},
					"storage_location": schema.StringAttribute{
						Optional: true, Description: "Only backups in this backup storage location.",
						Validators: []validator.String{validate.DNSName()},
					},
					"allow_partially_failed": schema.BoolAttribute{
						Optional: true, Description: "Whether a backup will do in which some items are missing.",
					},
				},
			},
			"triggers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				Description: "Values of any kind: when one changes, `from` is looked up anew and restored.",
				Validators:  []validator.Map{mapvalidator.NoNullValues()},
			},
			"preset": schema.StringAttribute{
				Optional:    true,
				Description: "What is restored, and in which stages, as this provider chooses it. " + aboutPresets() + " Exactly one of `preset` and `stages` is set.",
				Validators: []validator.String{
					stringvalidator.OneOf(presetNames()...),
					stringvalidator.ExactlyOneOf(path.MatchRoot("preset"), path.MatchRoot("stages")),
				},
			},
			"stages": schema.ListNestedAttribute{
				Optional:    true,
				Description: "Stages of one's own, one after the other. Definitions that a stage brings are waited for until the API server knows them, and workloads until they run.",
				Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{
						Required: true, Description: "The stage's name, for messages.",
						Validators: []validator.String{validate.Namespace(), stringvalidator.LengthAtMost(longestName)},
					},
					"included_namespaces": selection.NamespaceList("Namespaces to restore; all that are in the backup, by default."),
					"excluded_namespaces": selection.NamespaceList("Namespaces to leave out."),
					"included_resources":  selection.KindList("Kinds to restore; all, by default."),
					"excluded_resources":  selection.KindList("Kinds to leave out."),
					"include_cluster_resources": schema.BoolAttribute{
						Optional: true, Description: "Whether cluster-scoped kinds are restored too; by default those that belong to what is restored.",
					},
					"label_selector": schema.SingleNestedAttribute{
						Optional: true, Description: "Only objects with such labels.", Attributes: selection.SelectorAttributes(),
					},
					"existing_resource_policy": policy("As the resource's, for this stage."),
				}},
			},
			"existing_resource_policy": policy("What becomes of an object that is there already and differs: `none` leaves it, with a warning; `update` makes it what the backup has. Velero's default is `none`."),
			"namespace_mapping": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				Description: "Namespaces to restore under another name.",
				Validators: []validator.Map{
					mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(), mapvalidator.KeysAre(validate.Namespace()), mapvalidator.ValueStringsAre(validate.Namespace()),
				},
			},
			"allow_partially_failed": schema.BoolAttribute{
				Optional: true, Description: "Whether a stage will do in which some items could not be restored (`PartiallyFailed`). Without it, that is an error, with the first of what Velero has to say, and the next apply tries that stage again.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long the restore may take, with all that it waits for; 15m by default.",
			}),

			"backup_name":    schema.StringAttribute{Computed: true, Description: "The backup that was restored."},
			"backup_time":    schema.StringAttribute{Computed: true, Description: "When that backup began, as RFC 3339 has it: what has changed since is lost."},
			"restores":       schema.ListAttribute{ElementType: types.StringType, Computed: true, Description: "Velero's Restore objects, one for each stage."},
			"phase":          schema.StringAttribute{Computed: true, Description: "`Completed`, or `PartiallyFailed` if one stage is."},
			"items_restored": schema.Int64Attribute{Computed: true, Description: "How many objects were restored."},
			"warnings":       schema.Int64Attribute{Computed: true, Description: "How many warnings Velero has noted."},
			"errors":         schema.Int64Attribute{Computed: true, Description: "How many errors Velero has noted."},
			"messages": schema.ListAttribute{
				ElementType: types.StringType, Computed: true,
				Description: "The first of the errors and warnings, without those that say that an object is there already and is the same.",
			},
			"expired": schema.BoolAttribute{Computed: true, Description: "Whether Velero has removed its record of the restore, as it does with the backup when that has expired. What was restored stays."},
		},
	}
}
