package application

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"knative.dev/serving/pkg/apis/autoscaling"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	// defaultWait is longer than the ten minutes after which Knative itself
	// gives up on a revision, so that the reason told is Knative's.
	defaultWait   = 15 * time.Minute
	defaultDelete = 5 * time.Minute

	protocolHTTP1 = "http1"
	protocolH2C   = "h2c"

	maxInt32 = 1<<31 - 1
)

// applicationSchema is built once: the framework asks for it with every call.
func applicationSchema(ctx context.Context) schema.Schema {
	return schema.Schema{
		Description: "An application: a Knative Service with everything but its traffic. Its revisions are named by their content, " +
			"so that a change of what a revision is made of mints one, and nothing else does.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:      true,
				Description:   "The application's name, the first part of its host names: a DNS-1035 label of at most 52 characters, which leaves room for what the names of its revisions add. Another name is another application.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.DNS1035Label(), stringvalidator.LengthAtMost(maxName - hashLength - 3)},
			},
			"namespace": schema.StringAttribute{
				Required:      true,
				Description:   "The namespace, which must exist.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.Namespace()},
			},
			"labels": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Labels of the Knative Service. A change mints no revision. Labels that others set are left alone.",
				Validators: []validator.Map{
					mapvalidator.KeysAre(validate.LabelKey(),
						validate.NotPrefixed("set by the attribute version", versionLabel),
						validate.NotPrefixed("set by the attribute visibility", visibilityLabel),
						validate.NotPrefixed("Knative's own", "serving.knative.dev/")),
					mapvalidator.ValueStringsAre(validate.LabelValue()),
				},
			},
			"annotations": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Annotations of the Knative Service. A change mints no revision. Annotations that others set are left alone.",
				Validators: []validator.Map{
					mapvalidator.KeysAre(validate.LabelKey(),
						validate.NotPrefixed("this provider's own", group+"/"),
						validate.NotPrefixed("set by the attribute scaling", autoscaling.GroupName+"/"),
						validate.NotPrefixed("Knative's own", "serving.knative.dev/creator", "serving.knative.dev/lastModifier")),
				},
			},
			"effective_labels": schema.MapAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "labels, and the provider's default_labels under them.",
			},
			"effective_annotations": schema.MapAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "annotations, and the provider's default_annotations under them.",
			},
			"visibility": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(visibilityPublic),
				Description: "Who reaches the application: `public`, by the ingress gateway, or `cluster-local`, only from within the cluster.",
				Validators:  []validator.String{stringvalidator.OneOf(visibilityPublic, visibilityLocal)},
			},
			"version": schema.StringAttribute{
				Optional:    true,
				Description: "The version that is being released, such as `1.4.2`. It is the revision's label `" + versionLabel + "`, and, made fit for it, a part of the revision's name.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1), validate.LabelValue()},
			},
			"image": schema.StringAttribute{
				Required:    true,
				Description: "The container image. A tag is resolved to a digest when a revision is made; a tag that moves afterwards moves no revision.",
				Validators:  []validator.String{validate.Image()},
			},
			"command": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "The program to run and its first arguments, in place of the image's entrypoint.",
				Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
			},
			"args": schema.ListAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Arguments of the program, in place of the image's.",
				Validators:  []validator.List{listvalidator.SizeAtLeast(1)},
			},
			"env": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Environment variables. They are stored in the state and shown in plans: secrets don't belong here.",
				Validators: []validator.Map{mapvalidator.KeysAre(validate.EnvName(),
					stringvalidator.NoneOf("PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"))},
			},
			"port":      portAttribute(),
			"resources": resourcesAttribute(),
			"scaling":   scalingAttribute(),
			"adopt": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(false),
				Description: "Take over a Knative Service of that name if there is one, instead of refusing to create it. For modules, which can hold no import blocks, and for failover, which takes over what a restore has brought back.",
			},
			"force_conflicts": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(false),
				Description: "Take over fields that another field manager has set to another value. Without it, such a field is an error that names the manager.",
			},
			"on_create_failure": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(rollback),
				Description: "What happens to an application that does not become ready when it is created: `rollback` removes it and reports an error, " +
					"`keep` leaves it with `ready = false` and a warning, and the next apply tries again.",
				Validators: []validator.String{stringvalidator.OneOf(rollback, keep)},
			},
			"wait": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(true),
				Description: "Wait until the revision is ready. Without it, an apply ends when the API server has accepted the change.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long to wait for a new application to become ready; 15m by default.",
				Update: true, UpdateDescription: "How long to wait for a change to become ready; 15m by default.",
				Delete: true, DeleteDescription: "How long to wait until the application is gone; 5m by default.",
			}),

			"revision": schema.StringAttribute{
				Computed:    true,
				Description: "The revision that this configuration stands for: `{name}-{version}-{hash of its template}`. It is known at plan whenever what it is made of is.",
			},
			"latest_ready_revision": schema.StringAttribute{
				Computed:    true,
				Description: "The newest revision that has become ready.",
			},
			"image_digest": schema.StringAttribute{
				Computed:    true,
				Description: "The image that the revision runs, by its digest.",
			},
			"url": schema.StringAttribute{
				Computed:    true,
				Description: "Where the application answers.",
			},
			"cluster_local_url": schema.StringAttribute{
				Computed:    true,
				Description: "Where the application answers within the cluster.",
			},
			"ready": schema.BoolAttribute{
				Computed:    true,
				Description: "Whether the application runs the revision. While it is false, each apply tries again.",
			},
			"status_message": schema.StringAttribute{
				Computed:    true,
				Description: "Why the application is not ready, in Knative's words; null when it is.",
			},
		},
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
	amounts := func(description string) schema.Attribute {
		return schema.MapAttribute{
			ElementType: quantity.Type{},
			Optional:    true,
			Description: description,
			Validators:  []validator.Map{mapvalidator.KeysAre(validate.LabelKey())},
		}
	}
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "What the application's container needs and may use, by name of the resource: `cpu`, `memory`, `ephemeral-storage` or an extended one such as `nvidia.com/gpu`.",
		Attributes: map[string]schema.Attribute{
			"requests": amounts("What a node must have free to run the container, such as `{ cpu = \"100m\", memory = \"64Mi\" }`."),
			"limits":   amounts("What the container may use at most."),
		},
	}
}

func scalingAttribute() schema.Attribute {
	count := func(description string, least int64) schema.Attribute {
		return schema.Int64Attribute{Optional: true, Description: description,
			Validators: []validator.Int64{int64validator.Between(least, maxInt32)}}
	}
	amount := func(description string, least, most float64) schema.Attribute {
		return schema.Float64Attribute{Optional: true, Description: description,
			Validators: []validator.Float64{float64validator.Between(least, most)}}
	}
	duration := func(description string, least time.Duration) schema.Attribute {
		return schema.StringAttribute{Optional: true, Description: description,
			Validators: []validator.String{validate.Duration(least, autoscaling.WindowMax)}}
	}
	return schema.SingleNestedAttribute{
		Optional: true,
		Description: "How many pods run, and when. A change mints no revision: it reaches the current one in place, and the next one from its start. " +
			"What is not set is Knative's default, or whatever others have set.",
		Attributes: map[string]schema.Attribute{
			"min":              count("The least number of pods. 0 lets the application scale to zero.", 0),
			"max":              count("The greatest number of pods; 0 is no limit.", 0),
			"initial":          count("The number of pods that a new revision starts with before it counts as ready. 0 needs `allow-zero-initial-scale` of the platform.", 0),
			"activation_scale": count("The number of pods to start when the application comes back from zero; at least 2.", 2),
			"class": schema.StringAttribute{
				Optional:    true,
				Description: "The autoscaler: `kpa`, Knative's own, which can scale to zero, or `hpa`, Kubernetes' Horizontal Pod Autoscaler, which can't.",
				Validators:  []validator.String{stringvalidator.OneOf("kpa", "hpa")},
			},
			"metric": schema.StringAttribute{
				Optional:    true,
				Description: "What is scaled by: `concurrency` or `rps` with the class `kpa`; `cpu`, `memory` or a custom metric with `hpa`.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"target":                     amount("The metric's value that each pod should have: requests at a time, requests a second, percent of CPU, or MiB of memory.", autoscaling.TargetMin, maxInt32),
			"utilization":                amount("The percentage of `target` at which the autoscaler adds pods already.", 1, 100),
			"target_burst_capacity":      amount("The burst of requests that must be taken without queueing; 0 puts the activator in the path at zero pods only, -1 always.", -1, maxInt32),
			"window":                     duration("The time over which the metric is averaged, 6s to 1h.", autoscaling.WindowMin),
			"panic_window_percentage":    amount("The panic window as a percentage of `window`.", autoscaling.PanicWindowPercentageMin, autoscaling.PanicWindowPercentageMax),
			"panic_threshold_percentage": amount("The load, as a percentage of `target`, from which the autoscaler follows the panic window.", autoscaling.PanicThresholdPercentageMin, autoscaling.PanicThresholdPercentageMax),
			"scale_down_delay":           duration("How long the load must stay low before pods are taken away, up to 1h.", 0),
			"retention":                  duration("How long the last pod stays after the autoscaler has decided for zero, up to 1h.", 0),
		},
	}
}
