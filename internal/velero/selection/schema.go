package selection

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	maxRetention = 100 * 365 * 24 * time.Hour
	maxTimeout   = 7 * 24 * time.Hour
)

// Attributes returns the attributes of a selection.
func Attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"retention": schema.StringAttribute{
			Optional:    true,
			Description: "How long a backup is kept, such as `720h`: Velero then removes it, from the store too. By default the server's, mostly `720h`.",
			Validators:  []validator.String{validate.Duration(time.Minute, maxRetention)},
		},
		"storage_location": schema.StringAttribute{
			Optional:    true,
			Description: "The backup storage location that backups go to; by default the default one.",
			Validators:  []validator.String{validate.DNSName()},
		},
		"preset": schema.StringAttribute{
			Optional:    true,
			Description: "What the backups take, as this provider chooses it. " + aboutPresets() + " It stands in place of the filters; only `included_namespaces` and `excluded_namespaces` can be set besides, in place of its own.",
			Validators:  []validator.String{stringvalidator.OneOf(PresetNames()...)},
		},
		"included_namespaces":                 NamespaceList("Namespaces to back up; all, by default. `*` and `?` stand for any characters."),
		"excluded_namespaces":                 NamespaceList("Namespaces to leave out."),
		"included_resources":                  KindList("Kinds to back up, in namespaces and cluster-scoped; all, by default. An older filter, which does not go with those of `…_scoped_resources`."),
		"excluded_resources":                  KindList("Kinds to leave out. An older filter, like `included_resources`."),
		"included_cluster_scoped_resources":   KindList("Cluster-scoped kinds to back up; by default those that belong to what is backed up in namespaces. `[\"*\"]` is all."),
		"excluded_cluster_scoped_resources":   KindList("Cluster-scoped kinds to leave out; `[\"*\"]` is all."),
		"included_namespace_scoped_resources": KindList("Kinds in namespaces to back up; all, by default."),
		"excluded_namespace_scoped_resources": KindList("Kinds in namespaces to leave out; `[\"*\"]` is all."),
		"include_cluster_resources": schema.BoolAttribute{
			Optional:    true,
			Description: "Whether cluster-scoped kinds are taken too; by default those that belong to what is backed up. An older filter, like `included_resources`.",
		},
		"label_selector": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "Back up only objects with these labels.",
			Attributes:  SelectorAttributes(),
			Validators:  []validator.Object{validate.AtLeastOne("match_labels", "match_expressions")},
		},
		"or_label_selectors": schema.ListNestedAttribute{
			Optional:    true,
			Description: "Back up objects that any of these selectors chooses. It does not go with `label_selector`.",
			Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{
				Attributes: SelectorAttributes(),
				Validators: []validator.Object{validate.AtLeastOne("match_labels", "match_expressions")},
			},
		},
		"snapshot_volumes": schema.BoolAttribute{
			Optional:    true,
			Description: "Whether volumes are snapshotted; by default where a snapshot location is configured.",
		},
		"default_volumes_to_fs_backup": schema.BoolAttribute{
			Optional:    true,
			Description: "Whether the files of all pods' volumes are copied, by Velero's node agents; by default the server's choice.",
		},
		"snapshot_move_data": schema.BoolAttribute{
			Optional:    true,
			Description: "Whether what is in snapshots is moved to the backup storage location.",
		},
		"volume_snapshot_locations": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Volume snapshot locations, one of each provider.",
			Validators:  []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(), listvalidator.ValueStringsAre(validate.DNSName())},
		},
		"csi_snapshot_timeout": schema.StringAttribute{
			Optional:    true,
			Description: "How long a CSI snapshot may take to be ready; by default the server's, mostly `10m`.",
			Validators:  []validator.String{validate.Duration(time.Second, maxTimeout)},
		},
		"item_operation_timeout": schema.StringAttribute{
			Optional:    true,
			Description: "How long what plugins do in the background may take; by default the server's, mostly `4h`.",
			Validators:  []validator.String{validate.Duration(time.Second, maxTimeout)},
		},
		"resource_policy": schema.StringAttribute{
			Optional:    true,
			Description: "A ConfigMap in Velero's namespace with resource policies.",
			Validators:  []validator.String{validate.DNSName()},
		},
		"ordered_resources": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "What of a kind is backed up in which order: `{ pods = \"ns1/a,ns1/b\" }`.",
			Validators:  []validator.Map{mapvalidator.NoNullValues(), mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(kind()), mapvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
		},
	}
}

// aboutPresets describes the presets, kind by kind, from their data.
func aboutPresets() string {
	var text strings.Builder
	for i, name := range PresetNames() {
		p := Presets()[name]
		if i > 0 {
			text.WriteString(" ")
		}
		fmt.Fprintf(&text, "`%s`: %s", name, p.About)
		for _, part := range []struct {
			says string
			list []Because
		}{
			{"Namespaces", p.Namespaces},
			{"All namespaces but", p.WithoutNamespaces},
			{"Cluster-scoped kinds", p.ClusterKinds},
			{"Kinds in namespaces", p.Kinds},
			{"All kinds in namespaces but", p.WithoutKinds},
			{"Without objects that are labelled", p.WithoutLabels},
		} {
			var entries []string
			for _, one := range part.list {
				entries = append(entries, fmt.Sprintf("`%s` (%s)", one.Name, one.Why))
			}
			if len(entries) > 0 {
				fmt.Fprintf(&text, " %s: %s.", part.says, strings.Join(entries, ", "))
			}
		}
		text.WriteString(" Volumes are left out.")
	}
	return text.String()
}

// NamespaceList is an attribute that names namespaces.
func NamespaceList(description string) schema.Attribute {
	return schema.ListAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Description: description,
		Validators: []validator.List{
			listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
			listvalidator.ValueStringsAre(validate.Text("the name of a namespace, or a pattern of one", func(value string) []string {
				return validation.IsDNS1123Label(strings.NewReplacer("*", "x", "?", "x", "[", "x", "]", "x").Replace(value))
			})),
		},
	}
}

// KindList is an attribute that names kinds.
func KindList(description string) schema.Attribute {
	return schema.ListAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Description: description + " Name a kind with its group, such as `services.serving.knative.dev`: a short name may mean another kind on another cluster.",
		Validators: []validator.List{
			listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(), listvalidator.ValueStringsAre(kind()),
		},
	}
}

// kind accepts names of kinds in the plural, with or without a group.
func kind() validator.String {
	return validate.Text("a kind such as services.serving.knative.dev", func(value string) []string {
		if value == "*" {
			return nil
		}
		return validation.IsDNS1123Subdomain(value)
	})
}

// SelectorAttributes are the attributes of a LabelSelector.
func SelectorAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"match_labels": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Labels that an object must have.",
			Validators: []validator.Map{
				mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(), mapvalidator.KeysAre(validate.LabelKey()), mapvalidator.ValueStringsAre(validate.LabelValue()),
			},
		},
		"match_expressions": schema.ListNestedAttribute{
			Optional:    true,
			Description: "Conditions that its labels must meet, all of them.",
			Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"key": schema.StringAttribute{
					Required:    true,
					Description: "The label.",
					Validators:  []validator.String{validate.LabelKey()},
				},
				"operator": schema.StringAttribute{
					Required:    true,
					Description: "`In` or `NotIn` some values, `Exists`, `DoesNotExist`.",
					Validators:  []validator.String{stringvalidator.OneOf("In", "NotIn", "Exists", "DoesNotExist")},
				},
				"values": schema.ListAttribute{
					ElementType: types.StringType,
					Optional:    true,
					Description: "The values, for `In` and `NotIn`.",
					Validators:  []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(validate.LabelValue())},
				},
			}},
		},
	}
}
