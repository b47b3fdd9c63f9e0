package application

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	protocolHTTP1 = "http1"
	protocolH2C   = "h2c"
)

// Variables that Knative sets itself: PORT in the application's own container
// only, the others everywhere.
var (
	ownReservedEnv   = []string{"PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"}
	otherReservedEnv = ownReservedEnv[1:]
)

// containerAttributes are what every container has.
func containerAttributes(reservedEnv []string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image": schema.StringAttribute{
			Required:    true,
			Description: "The container image. A tag is resolved to a digest when a revision is made; a tag that moves afterwards moves no revision.",
			Validators:  []validator.String{validate.Image()},
		},
		"image_pull_policy": schema.StringAttribute{
			Optional:    true,
			Description: "When a node pulls the image: `Always`, `IfNotPresent` or `Never`. Kubernetes' default is `IfNotPresent`, since Knative names the image by its digest.",
			Validators:  []validator.String{stringvalidator.OneOf("Always", "IfNotPresent", "Never")},
		},
		"command":     wordsAttribute("The program to run and its first arguments, in place of the image's entrypoint."),
		"args":        wordsAttribute("Arguments of the program, in place of the image's."),
		"working_dir": textAttribute("The directory to start in, in place of the image's."),
		"env": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Environment variables. They are stored in the state and shown in plans: secrets belong into `secret_env`. " +
				"A value may refer to a variable of `secret_env`, `config_env` or `field_env` as `$(NAME)`.",
			Validators: []validator.Map{envNames(reservedEnv), mapvalidator.NoNullValues()},
		},
		"secret_env": keyRefsAttribute("Secret", reservedEnv),
		"config_env": keyRefsAttribute("ConfigMap", reservedEnv),
		"field_env": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Environment variables taken from fields of the pod, such as `metadata.name`, `status.podIP` or `metadata.labels['app']`. " + needs(featureFieldRef),
			Validators: []validator.Map{
				envNames(reservedEnv), mapvalidator.NoNullValues(),
				mapvalidator.ValueStringsAre(validate.PodField()),
			},
		},
		"env_from": schema.ListNestedAttribute{
			Optional:    true,
			Description: "Secrets and ConfigMaps of which every key becomes an environment variable.",
			Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"prefix": schema.StringAttribute{
					Optional:    true,
					Description: "What the names of the variables begin with, before the key.",
					Validators:  []validator.String{validate.EnvName()},
				},
				"secret":     objectRefAttribute("Secret"),
				"config_map": objectRefAttribute("ConfigMap"),
			}},
		},
		"resources":        resourcesAttribute(),
		"security_context": securityContextAttribute(),
		"volume_mounts":    volumeMountsAttribute(),
	}
}

func wordsAttribute(description string) schema.Attribute {
	return schema.ListAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Description: description,
		Validators:  []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues()},
	}
}

func textAttribute(description string) schema.Attribute {
	return schema.StringAttribute{
		Optional:    true,
		Description: description,
		Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

func envNames(reserved []string) validator.Map {
	return mapvalidator.KeysAre(validate.EnvName(), stringvalidator.NoneOf(reserved...))
}

func keyRefsAttribute(kind string, reservedEnv []string) schema.Attribute {
	return schema.MapNestedAttribute{
		Optional:    true,
		Description: "Environment variables taken from a key of a " + kind + " each. Only the reference is in plans and in the state.",
		Validators:  []validator.Map{envNames(reservedEnv), mapvalidator.NoNullValues()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:    true,
				Description: "The " + kind + "'s name, in the application's namespace.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"key": schema.StringAttribute{
				Required:    true,
				Description: "The key in the " + kind + ".",
				Validators:  []validator.String{validate.ConfigKey()},
			},
			"optional": optionalAttribute(kind + " or its key"),
		}},
	}
}

func objectRefAttribute(kind string) schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "A " + kind + "; exactly one of `secret` and `config_map` is set.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:    true,
				Description: "The " + kind + "'s name, in the application's namespace.",
				Validators:  []validator.String{validate.DNSName()},
			},
			"optional": optionalAttribute(kind),
		},
	}
}

func optionalAttribute(what string) schema.Attribute {
	return schema.BoolAttribute{
		Optional:    true,
		Description: "Whether pods also start when there is no such " + what + "; Kubernetes' default is `false`.",
	}
}

func portAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "The port that the application listens on, which is also given to it as the variable PORT. Knative's default is 8080.",
		Attributes: map[string]schema.Attribute{
			"number": schema.Int64Attribute{
				Required:    true,
				Description: "The port's number. 8008, 8012, 8013, 8022, 9090 and 9091 are queue-proxy's own.",
				Validators:  []validator.Int64{int64validator.Between(1, 65535), int64validator.NoneOf(8008, 8012, 8013, 8022, 9090, 9091)},
			},
			"protocol": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(protocolHTTP1),
				Description: "`http1`, or `h2c` for HTTP/2 without TLS, which gRPC needs.",
				Validators:  []validator.String{stringvalidator.OneOf(protocolHTTP1, protocolH2C)},
			},
		},
	}
}

func resourcesAttribute() schema.Attribute {
	return resourcesOf("What the container needs and may use, by name of the resource: `cpu`, `memory`, `ephemeral-storage` or an extended one such as `nvidia.com/gpu`.",
		validate.LabelKey())
}

func resourcesOf(description string, names validator.String) schema.Attribute {
	amounts := func(description string) schema.Attribute {
		return schema.MapAttribute{
			ElementType: quantity.Type{},
			Optional:    true,
			Description: description,
			Validators:  []validator.Map{mapvalidator.KeysAre(names), mapvalidator.NoNullValues()},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: description,
		Attributes: map[string]schema.Attribute{
			"requests": amounts("What the scheduler sets aside, such as `{ cpu = \"100m\", memory = \"64Mi\" }`."),
			"limits":   amounts("What the container may use at most."),
		},
	}
}

// sidecarsAttribute is a map: the order of sidecars says nothing.
func sidecarsAttribute() schema.Attribute {
	attributes := containerAttributes(otherReservedEnv)
	maps.Copy(attributes, probeAttributes("the port must be given. "+needs(featureSidecarProbes)))
	return schema.MapNestedAttribute{
		Optional: true,
		Description: "Containers that run beside the application's own, by name, such as a log agent. They take no requests. " +
			"Sidecars that others add, such as a mesh's, are left alone. " + needs(featureSidecars),
		Validators: []validator.Map{
			mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(),
			mapvalidator.KeysAre(validate.DNSLabel(), stringvalidator.NoneOf(userContainer, "queue-proxy")),
		},
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

// initContainersAttribute is a list: they run one after the other.
func initContainersAttribute() schema.Attribute {
	attributes := containerAttributes(otherReservedEnv)
	attributes["name"] = schema.StringAttribute{
		Required:    true,
		Description: "The container's name.",
		Validators:  []validator.String{validate.DNSLabel(), stringvalidator.NoneOf("queue-proxy")},
	}
	return schema.ListNestedAttribute{
		Optional:     true,
		Description:  "Containers that run before the application's own, one after the other, such as a migration. " + needs(featureInitContainers),
		Validators:   []validator.List{listvalidator.SizeAtLeast(1)},
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

func securityContextAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "What the container's processes may do.",
		Attributes: map[string]schema.Attribute{
			"run_as_user":                userAttribute("The user to run as, in place of the image's."),
			"run_as_group":               userAttribute("The group to run as, in place of the image's."),
			"run_as_non_root":            schema.BoolAttribute{Optional: true, Description: "Refuse to start as root."},
			"read_only_root_filesystem":  schema.BoolAttribute{Optional: true, Description: "Let the container write to its volumes only."},
			"allow_privilege_escalation": schema.BoolAttribute{Optional: true, Description: "Whether a process may gain more privileges than its parent has. Kubernetes' default is `true`."},
			"privileged": schema.BoolAttribute{
				Optional:    true,
				Description: "`false`, for policies that want to see it said. Knative allows no privileged containers.",
				Validators:  []validator.Bool{boolvalidator.Equals(false)},
			},
			"capabilities": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "The kernel's capabilities, other than the container runtime's default.",
				Attributes: map[string]schema.Attribute{
					"add":  wordsAttribute("Capabilities to add, such as `NET_BIND_SERVICE`. " + needs(featureAddCapabilities)),
					"drop": wordsAttribute("Capabilities to drop: `[\"ALL\"]`, or some of them."),
				},
			},
			"seccomp_profile": seccompProfileAttribute(),
		},
	}
}

func podSecurityContextAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "What the processes of all containers of the pod may do, where the container's own `security_context` does not say otherwise. " + needs(featurePodSecurityContext),
		Attributes: map[string]schema.Attribute{
			"run_as_user":     userAttribute("The user to run as, in place of the images'."),
			"run_as_group":    userAttribute("The group to run as, in place of the images'."),
			"run_as_non_root": schema.BoolAttribute{Optional: true, Description: "Refuse to start as root."},
			"fs_group":        userAttribute("The group that volumes belong to."),
			"supplemental_groups": schema.ListAttribute{
				ElementType: types.Int64Type,
				Optional:    true,
				Description: "Further groups of the processes.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(),
					listvalidator.ValueInt64sAre(int64validator.Between(0, maxInt32)),
				},
			},
			"seccomp_profile": seccompProfileAttribute(),
		},
	}
}

func userAttribute(description string) schema.Attribute {
	return schema.Int64Attribute{
		Optional:    true,
		Description: description,
		Validators:  []validator.Int64{int64validator.Between(0, maxInt32)},
	}
}

func seccompProfileAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "The system calls that are allowed.",
		Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				Required:    true,
				Description: "`RuntimeDefault`, `Unconfined`, or `Localhost` for a profile on the node.",
				Validators:  []validator.String{stringvalidator.OneOf("RuntimeDefault", "Unconfined", "Localhost")},
			},
			"localhost_profile": textAttribute("The profile's file, below the kubelet's directory for them; for `Localhost` only."),
		},
	}
}
