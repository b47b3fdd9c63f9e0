package application

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
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
	knative "knative.dev/serving/pkg/apis/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	// defaultWait is longer than the ten minutes after which Knative itself
	// gives up on a revision, so that the reason told is Knative's.
	defaultWait   = 15 * time.Minute
	defaultDelete = 5 * time.Minute

	maxInt32 = 1<<31 - 1
)

// applicationSchema is built once: the framework asks for it with every call.
func applicationSchema(ctx context.Context) schema.Schema {
	s := schema.Schema{
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
						validate.NotPrefixed("set by the attribute version", serving.VersionLabel),
						validate.NotPrefixed("set by the attribute visibility", serving.VisibilityLabel),
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
						validate.NotPrefixed("this provider's own", serving.Group+"/"),
						validate.NotPrefixed("set by the attribute scaling", autoscaling.GroupName+"/"),
						validate.NotPrefixed("set by the attribute rollout_duration", knative.RolloutDurationAnnotation...),
						validate.NotPrefixed("Knative's own", knative.CreatorAnnotation, knative.UpdaterAnnotation)),
				},
			},
			"visibility": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:     stringdefault.StaticString(serving.VisibilityPublic),
				Description: "Who reaches the application: `public`, by the ingress gateway, or `cluster-local`, only from within the cluster.",
				Validators:  []validator.String{stringvalidator.OneOf(serving.VisibilityPublic, serving.VisibilityLocal)},
			},
			"rollout_duration": schema.StringAttribute{
				Optional:    true,
				Description: "Over how long Knative moves the traffic to a new latest revision, such as `10m`; all at once by default. A change mints no revision.",
				Validators:  []validator.String{validate.Duration(0, maxDuration)},
			},
			"scaling": scalingAttribute(),
			"image_source": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(imageFromTerraform),
				Description: "Who says which image runs: `terraform`, or `external` when CI deploys images past Terraform, with `kubectl set image` or `kn service update`. " +
					"Then `image` is what the application is created with, and every later change here keeps the image that runs; Knative names the revisions, and a change of `scaling` mints one.",
				Validators: []validator.String{stringvalidator.OneOf(imageFromTerraform, imageFromOutside)},
			},
			"rollout": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(rolloutImmediate),
				Description: "What a new revision gets: `immediate`, all traffic as soon as it is ready (unless somebody else manages the Service's traffic), or `manual`, none: " +
					"the traffic stays where it is. The first revision gets it all.",
				Validators: []validator.String{stringvalidator.OneOf(rolloutImmediate, rolloutManual)},
			},
			"revision_history_limit": schema.Int64Attribute{
				Optional: true,
				Description: "How many revisions that carry no traffic are kept to go back to, ranked by when they last carried some. The others are deleted once a change is ready. " +
					"Without it, Knative's own garbage collection decides.",
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"deletion_protection": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(false),
				Description: "Refuse to destroy or replace the application. Apply `false` first to do it after all.",
			},
			"adopt":           lifecycle.AdoptAttribute("a Knative Service of that name if there is one", "refusing to create it"),
			"force_conflicts": lifecycle.ForceConflictsAttribute(),
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
				Computed: true,
				Description: "The revision that this configuration stands for: `{name}-{version}-{hash of its template}`. It is known at plan whenever what it is made of is. " +
					"Where others have put something into the template, such as a sidecar, a new revision keeps that, and it is in the hash as well.",
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
				Description: "Whether the application runs the revision. While it is false, each apply tries again. It stays true while Knative looks again at a revision that was ready.",
			},
			"status_message": schema.StringAttribute{
				Computed:    true,
				Description: "Why the application is not ready, in Knative's words; null when it is.",
			},
		},
	}
	maps.Copy(s.Attributes, lifecycle.EffectiveAttributes())
	for _, subject := range []map[string]schema.Attribute{
		templateOnly(), containerAttributes(ownReservedEnv), ownProbes(), schedulingAttributes(), requestAttributes(), resolverAttributes(),
	} {
		maps.Copy(s.Attributes, subject)
	}
	return s
}

func ownProbes() map[string]schema.Attribute {
	return probeAttributes("the port is the application's, unless another is given.")
}

// templateOnly are attributes of the revision template that belong to the pod,
// or to the application's own container alone.
func templateOnly() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"version": schema.StringAttribute{
			Optional:    true,
			Description: "The version that is being released, such as `1.4.2`. It is the revision's label `" + serving.VersionLabel + "`, and, made fit for it, a part of the revision's name.",
			Validators:  []validator.String{stringvalidator.LengthAtLeast(1), validate.LabelValue()},
		},
		"template_labels": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Labels of the pods and their revision, for what finds pods by labels, such as a log agent. A change mints a revision.",
			Validators: append(labels(), mapvalidator.KeysAre(
				validate.NotPrefixed("this provider's own; the version is set by the attribute version", serving.Group+"/"),
				validate.NotPrefixed("Knative's own", knative.GroupNamePrefix))),
		},
		"template_annotations": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Annotations of the pods and their revision. A change mints a revision.",
			Validators: []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(validate.LabelKey(),
				validate.NotPrefixed("this provider's own", serving.Group+"/"),
				validate.NotPrefixed("set by the attribute scaling", autoscaling.GroupName+"/"),
				validate.NotPrefixed("set by the attribute queue_proxy", "queue.sidecar."+knative.GroupNamePrefix),
				validate.NotPrefixed("Knative's own; the progress deadline is set by the attribute progress_deadline", knative.GroupNamePrefix),
				validate.NotPrefixed("Knative's own", "client.knative.dev/"))},
		},
		"container_name": schema.StringAttribute{
			Optional:    true,
			Description: "The name of the application's container, for what finds containers by name; `" + userContainer + "` by default.",
			Validators:  []validator.String{validate.DNSLabel(), stringvalidator.NoneOf("queue-proxy")},
		},
		"port":            portAttribute(),
		"volumes":         volumesAttribute(),
		"sidecars":        sidecarsAttribute(),
		"init_containers": initContainersAttribute(),
		"service_account": schema.StringAttribute{
			Optional:    true,
			Description: "The ServiceAccount of the pods; the namespace's `default` by default.",
			Validators:  []validator.String{validate.DNSName()},
		},
		"image_pull_secrets": schema.ListAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Names of Secrets with which the images are pulled, beside those of the ServiceAccount.",
			Validators: []validator.List{
				listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.UniqueValues(),
				listvalidator.ValueStringsAre(validate.DNSName()),
			},
		},
		"pod_security_context": podSecurityContextAttribute(),
	}
}
