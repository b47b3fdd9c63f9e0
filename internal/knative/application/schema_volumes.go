package application

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

func volumesAttribute() schema.Attribute {
	mountedHere := path.MatchRelative().AtParent().AtName("mount_path")
	return schema.MapNestedAttribute{
		Optional: true,
		Description: "Volumes of the pod, by name. With `mount_path` the application's container has the volume there; " +
			"sidecars and init containers name it in their `volume_mounts`. Each has exactly one source.",
		Validators: []validator.Map{mapvalidator.KeysAre(validate.DNSLabel()), mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"mount_path": schema.StringAttribute{
				Optional:    true,
				Description: "Where the application's container has the volume. Without it, only those that name the volume in `volume_mounts` have it.",
				Validators:  []validator.String{validate.MountPath()},
			},
			"sub_path":   subPathAttribute(stringvalidator.AlsoRequires(mountedHere)),
			"read_only":  readOnlyAttribute(boolvalidator.AlsoRequires(mountedHere)),
			"secret":     filesAttribute("Secret"),
			"config_map": filesAttribute("ConfigMap"),
			"projected":  projectedAttribute(),
			"empty_dir": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "A directory that lives as long as the pod. `{}` is one without limits. " + needs(featureEmptyDir),
				Attributes: map[string]schema.Attribute{
					"medium": schema.StringAttribute{
						Optional:    true,
						Description: "`Memory` for a directory in memory, in place of the node's disk.",
						Validators:  []validator.String{stringvalidator.OneOf("Memory")},
					},
					"size_limit": schema.StringAttribute{
						CustomType:  quantity.Type{},
						Optional:    true,
						Description: "How much may be in it, such as `64Mi`; a pod that uses more is evicted.",
					},
				},
			},
			"persistent_volume_claim": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "A volume that outlives the pod. " + needs(featureVolumeClaim) + " To write to it, the feature `" + featureVolumeClaimWrite.Key + "` as well.",
				Attributes: map[string]schema.Attribute{
					"claim_name": schema.StringAttribute{
						Required:    true,
						Description: "The name of the PersistentVolumeClaim, in the application's namespace.",
						Validators:  []validator.String{validate.DNSName()},
					},
					"read_only": schema.BoolAttribute{Optional: true, Description: "Attach the volume for reading only; then the mounts must be `read_only` as well."},
				},
			},
			"host_path": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "A file or directory of the node, which Knative mounts for reading only. " + needs(featureHostPath),
				Attributes: map[string]schema.Attribute{
					"path": schema.StringAttribute{
						Required:    true,
						Description: "The path on the node.",
						Validators:  []validator.String{validate.AbsolutePath()},
					},
					"type": schema.StringAttribute{
						Optional:    true,
						Description: "What must be there: `Directory`, `DirectoryOrCreate`, `File`, `FileOrCreate`, `Socket`, `CharDevice` or `BlockDevice`. Nothing is checked by default.",
						Validators:  []validator.String{stringvalidator.OneOf("Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", "CharDevice", "BlockDevice")},
					},
				},
			},
		}},
	}
}

// volumeMountsAttribute is a map by path, since that is what tells mounts apart:
// one volume may be mounted more than once.
func volumeMountsAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		Optional:    true,
		Description: "Where the container has which volume, by path.",
		Validators:  []validator.Map{mapvalidator.KeysAre(validate.MountPath()), mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"volume": schema.StringAttribute{
				Required:    true,
				Description: "The volume's name in `volumes`.",
				Validators:  []validator.String{validate.DNSLabel()},
			},
			"sub_path":  subPathAttribute(),
			"read_only": readOnlyAttribute(),
		}},
	}
}

func subPathAttribute(more ...validator.String) schema.Attribute {
	return schema.StringAttribute{
		Optional:    true,
		Description: "The file or directory of the volume to mount, in place of its root. Such a mount does not follow changes of a Secret or ConfigMap.",
		Validators:  append(more, validate.RelativePath()),
	}
}

func readOnlyAttribute(more ...validator.Bool) schema.Attribute {
	return schema.BoolAttribute{
		Optional:    true,
		Description: "Mount for reading only. Knative does so with all but `empty_dir` and `persistent_volume_claim`, where the default is `false`; in an init container it wants that said.",
		Validators:  more,
	}
}

func itemsAttribute(kind string) schema.Attribute {
	return schema.ListNestedAttribute{
		Optional:    true,
		Description: "The keys of the " + kind + " to make files of; all by default, each under its own name.",
		Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"key": schema.StringAttribute{
				Required:    true,
				Description: "The key.",
				Validators:  []validator.String{validate.ConfigKey()},
			},
			"path": filePathAttribute(),
			"mode": modeAttribute("The file's permissions, such as `0400`."),
		}},
	}
}

func filePathAttribute() schema.Attribute {
	return schema.StringAttribute{
		Required:    true,
		Description: "The file's path in the volume.",
		Validators:  []validator.String{validate.RelativePath()},
	}
}

func modeAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional:    true,
		Description: description,
		Validators:  []validator.String{validate.FileMode()},
	}
}

func filesOfAttributes(kind string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required:    true,
			Description: "The " + kind + "'s name, in the application's namespace.",
			Validators:  []validator.String{validate.DNSName()},
		},
		"optional": optionalAttribute(kind),
		"items":    itemsAttribute(kind),
	}
}

func filesAttribute(kind string) schema.Attribute {
	attributes := map[string]schema.Attribute{
		"default_mode": modeAttribute("The files' permissions; Kubernetes' default is `0644`."),
	}
	maps.Copy(attributes, filesOfAttributes(kind))
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "Files made of the keys of a " + kind + ".",
		Attributes:  attributes,
	}
}

func projectedAttribute() schema.Attribute {
	source := func(kind string) schema.Attribute {
		return schema.SingleNestedAttribute{
			Optional:    true,
			Description: "Files made of the keys of a " + kind + ".",
			Attributes:  filesOfAttributes(kind),
		}
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "Files from several sources in one directory.",
		Attributes: map[string]schema.Attribute{
			"default_mode": modeAttribute("The files' permissions; Kubernetes' default is `0644`."),
			"sources": schema.ListNestedAttribute{
				Required:    true,
				Description: "The sources, each of one kind.",
				Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"secret":     source("Secret"),
					"config_map": source("ConfigMap"),
					"service_account_token": schema.SingleNestedAttribute{
						Optional:    true,
						Description: "A token of the pod's service account, renewed by the kubelet.",
						Attributes: map[string]schema.Attribute{
							"path":     filePathAttribute(),
							"audience": textAttribute("Whom the token is for; the API server by default."),
							"expiration_seconds": schema.Int64Attribute{
								Optional:    true,
								Description: "Seconds for which the token is valid; at least 600, Kubernetes' default is 3600.",
								Validators:  []validator.Int64{int64validator.Between(600, maxInt32)},
							},
						},
					},
					"downward_api": schema.SingleNestedAttribute{
						Optional:    true,
						Description: "Files made of fields of the pod.",
						Attributes: map[string]schema.Attribute{
							"items": schema.ListNestedAttribute{
								Required:    true,
								Description: "The fields.",
								Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
								NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
									"field": schema.StringAttribute{
										Required:    true,
										Description: "The field, such as `metadata.labels`.",
										Validators:  []validator.String{validate.PodField()},
									},
									"path": filePathAttribute(),
									"mode": modeAttribute("The file's permissions, such as `0400`."),
								}},
							},
						},
					},
				}},
			},
		},
	}
}
