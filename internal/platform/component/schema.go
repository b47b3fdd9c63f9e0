package component

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	defaultWait   = 10 * time.Minute
	defaultDelete = 10 * time.Minute

	rollback = "rollback"
	keep     = "keep"
)

// componentSchema is built once: the framework asks for it with every call.
func componentSchema(ctx context.Context) schema.Schema {
	off := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(false), Description: description}
	}
	return schema.Schema{
		Description: "A component of the platform: a release manifest, as Knative, Istio, net-istio, Velero or cert-manager publish them, applied as one unit. " +
			"Custom resource definitions go first, then namespaces, then accounts, roles, configuration and Services, then workloads, custom resources, and last what the API server asks before each write: " +
			"webhooks, once their Services have endpoints. It waits until the workloads run and the webhooks have a certificate authority, and an image that can't be pulled ends it within seconds. " +
			"Objects that a new version drops are removed. " +
			"What was applied is noted in the ConfigMap `sls-component-NAME` in kube-system. " +
			"Fields that the manifest doesn't set belong to whoever sets them.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true,
				Description: "The component's name, such as `knative-serving`, of which there is one in a cluster. Its objects carry it as the label `" + manifest.Label + "`. " +
					"Another name is another component.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{validate.Namespace()},
			},
			"source": schema.StringAttribute{
				Optional: true,
				Description: "Where the manifest is: the path of a file or of a directory, or an `https` URL. Of a directory it is every file that ends with `.yaml`, `.yml` or `.json`, at any depth, in the order of their paths. " +
					"A chart (Istio's, Velero's) is rendered first: `helm template … > file`. Exactly one of `source` and `manifest` is set.",
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ExactlyOneOf(path.MatchRoot("source"), path.MatchRoot("manifest")),
				},
			},
			"manifest": schema.StringAttribute{
				Optional:    true,
				Description: "The manifest itself, in place of `source`. It is kept in the state: passwords don't belong into it.",
				Validators:  []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"sha256": schema.StringAttribute{
				Optional: true,
				Description: "The SHA-256 that the source must have, in hexadecimal digits, as `sha256sum` prints it; another one is an error. With it, a URL is downloaded only when something changes. " +
					"A directory's is that of the list of its files: `(cd DIR && find . -type f \\( -name '*.yaml' -o -name '*.yml' -o -name '*.json' \\) | sed 's|^./||' | LC_ALL=C sort | xargs sha256sum) | sha256sum`.",
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[0-9a-fA-F]{64}$`), "must be the 64 hexadecimal digits of a SHA-256")},
			},
			"namespace": schema.StringAttribute{
				Optional:    true,
				Description: "The namespace of those objects of the manifest that are in namespaces and name none. It is not made.",
				Validators:  []validator.String{validate.Namespace()},
			},
			"images": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Other images in place of the manifest's, such as those of a private registry: a whole image, or the beginning of its path (`gcr.io/knative-releases`), and what stands for it. The longest key that fits counts. " +
					"A tag or digest stays, unless the value has its own. Rewritten are containers of all kinds, Knative's caching Images, and `queue-sidecar-image` in `config-deployment`.",
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)),
					mapvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"env": schema.MapAttribute{
				ElementType: variablesType,
				Optional:    true,
				Description: "Environment variables of the manifest's containers, beside its own or in place of them: of a workload's name those of all containers that it runs, of `WORKLOAD/CONTAINER` those of one, be it one that prepares. " +
					"Such as `KUBE_API_QPS`, which says how often a Knative controller may ask the API server. They are stored in the state and shown in plans: secrets don't belong into them.",
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$`), "must be the name of a workload, as of a Deployment, or WORKLOAD/CONTAINER")),
					mapvalidator.ValueMapsAre(mapvalidator.SizeAtLeast(1), mapvalidator.NoNullValues(), mapvalidator.KeysAre(validate.EnvName())),
				},
			},
			"labels": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Labels of all objects of the manifest, beside its own and the provider's `default_labels`. Pods don't get them: no workload restarts for a label.",
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(validate.LabelKey(), validate.NotPrefixed("this provider's own", "sls-platform.github.io/")),
					mapvalidator.ValueStringsAre(validate.LabelValue()),
				},
			},
			"annotations": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Annotations of all objects of the manifest, beside its own and the provider's `default_annotations`.",
				Validators: []validator.Map{
					mapvalidator.NoNullValues(),
					mapvalidator.KeysAre(validate.LabelKey(), validate.NotPrefixed("this provider's own", "sls-platform.github.io/")),
				},
			},
			"ignore_fields": schema.ListNestedAttribute{
				Optional: true,
				Description: "Fields that others may take over: the manifest's value is applied while nobody else has set them, and what others set is no drift. " +
					"So it is without being named: a webhook's `caBundle`, `failurePolicy`, `rules`, selectors and path, a custom resource definition's and an aggregated API's `caBundle`, and `replicas` where the manifest has an autoscaler.",
				Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"kind": schema.StringAttribute{
						Required: true, Description: "The kind, such as `ConfigMap`.",
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
					},
					"api_group": schema.StringAttribute{
						Optional: true, Description: "The kind's API group, empty for the core's; any by default.",
					},
					"namespace": schema.StringAttribute{Optional: true, Description: "The objects' namespace; any by default."},
					"name":      schema.StringAttribute{Optional: true, Description: "The object's name; any by default."},
					"paths": schema.ListAttribute{
						ElementType: types.StringType, Required: true,
						Description: "JSON pointers of the fields, in which `*` is every item of a list: `/data/key`, `/webhooks/*/timeoutSeconds`.",
						Validators: []validator.List{
							listvalidator.SizeAtLeast(1),
							listvalidator.ValueStringsAre(validate.Text("a JSON pointer", func(text string) []string {
								if _, err := manifest.Pointer(text); err != nil {
									return []string{err.Error()}
								}
								return nil
							})),
						},
					},
				}},
			},
			"adopt": off("Take over objects that exist already and belong to no component, instead of refusing. " +
				"Fields of theirs that the manifest doesn't set stay. A create that is rolled back leaves them; a destroy removes them with the rest."),
			"force_conflicts": off("Take over fields that another field manager has set to another value and that this component has not set before. Without it, such a field is an error that names the manager. " +
				"What somebody changed of the component's own fields is drift, which the plan shows and the apply repairs."),
			"delete_crds": off("On destroy, also remove the custom resource definitions, and with them all objects of their kinds: these first, while their controllers still run. " +
				"Without it, the definitions and what users have made of them stay. It also lets an update remove a definition that the manifest dropped; one of which users have objects takes `force_destroy`, too."),
			"force_destroy": off("Destroy although objects of the component's kinds, or of those in `required_by`, exist that no component has installed, such as applications, and remove its namespaces although others have something in them. " +
				"With `delete_crds` these objects go too; without, they stay with nobody who looks after them. " +
				"It has to be applied before the destroy."),
			"required_by": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Description: "Kinds whose objects need the component besides those of the kinds that it brings itself, by the names of their definitions, or all of an API group by its name: for an ingress of Knative, `services.serving.knative.dev`, or `serving.knative.dev`. " +
					"A destroy is refused while there are any that no component has installed, before anything is removed. So a platform that is still in use does not lose one part before another refuses to go.",
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`),
						"must be the name of a custom resource definition, such as services.serving.knative.dev, or of an API group, such as serving.knative.dev")),
				},
			},
			"on_create_failure": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(rollback),
				Description: "What becomes of a component that does not become ready when it is created: `rollback` removes what the apply has made, so that the next one starts anew; " +
					"`keep` leaves it to look at, with `ready = false`, and the next apply goes on. A component that was there before, and is taken over by `adopt`, is always kept.",
				Validators: []validator.String{stringvalidator.OneOf(rollback, keep)},
			},
			"wait": schema.BoolAttribute{
				Optional: true, Computed: true,
				Default:     booldefault.StaticBool(true),
				Description: "Wait until the workloads run, the Jobs are done, and the webhooks have a certificate authority. Definitions and webhooks' endpoints are waited for in any case.",
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, CreateDescription: "How long the component may take to become ready; 10m by default.",
				Update: true, UpdateDescription: "How long a changed component may take to become ready; 10m by default.",
				Delete: true, DeleteDescription: "How long removing the component may take; 10m by default.",
			}),

			"objects": schema.MapAttribute{
				ElementType: types.StringType,
				Computed:    true,
				Description: "The objects that the component is made of, each with a digest of what it should be. Drift shows in its place: `missing`, or what has changed and who did it. " +
					"A plan shows by it, object by object, what an apply would do.",
			},
			"ready": schema.BoolAttribute{
				Computed:    true,
				Description: "Whether all is applied, and the workloads run.",
			},
			"status_message": schema.StringAttribute{
				Computed:    true,
				Description: "Why the component is not ready; null when it is.",
			},
			"source_digest": schema.StringAttribute{
				Computed:    true,
				Description: "The SHA-256 of the source, for `sha256`.",
			},
		},
	}
}
