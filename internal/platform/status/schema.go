package status

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/release"
)

// Schema implements datasource.DataSource.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "What the platform on the cluster consists of, whoever installed it, whether it can serve, and whether its parts go together. " +
			"For `check` blocks and preconditions. What is not there, and what may not be read, is null and told in `problems`; " +
			"only a cluster that can't be reached is an error.",
		Attributes: map[string]schema.Attribute{
			"versions": schema.SingleNestedAttribute{
				Computed:    true,
				Description: "The versions of what the platform is made of, such as `1.35.4`. While one is being upgraded, the oldest that runs. Null is what is not installed, or of an unknown version; the latter is told in `problems`.",
				Attributes: map[string]schema.Attribute{
					"kubernetes":      schema.StringAttribute{Computed: true, Description: "Kubernetes: the API server's own word."},
					"knative_serving": schema.StringAttribute{Computed: true, Description: "Knative Serving: the label `" + release.VersionLabel + "` of its Deployments, or the tag of their images."},
					"istio":           schema.StringAttribute{Computed: true, Description: "Istio: the tag of istiod's image, or the label `" + release.VersionLabel + "` of its Deployment."},
					"gateway_api":     schema.StringAttribute{Computed: true, Description: "Gateway API: the annotation `" + bundleVersion + "` of its CRDs."},
					"velero":          schema.StringAttribute{Computed: true, Description: "Velero: the tag of its server's image, or the label `" + release.VersionLabel + "` of its Deployment, in the provider's `velero_namespace`."},
				},
			},
			"compatible": schema.BoolAttribute{
				Computed: true,
				Description: "Whether the versions go together, by what the projects themselves say: `internal/platform/status/compatibility.yaml` in the source of this provider, with its own sources. False: two of them don't. " +
					"Null: that can't be said, for want of a version or of a word of the projects; `coalesce(…, false)` takes it for false.",
			},
			"problems": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				Description: "What stands against relying on the platform, in sentences: versions that don't go together, a component or a gateway that is not ready, " +
					"Knative or Istio missing, and what could not be read, with the permission that it needs. Empty: nothing is known to be wrong.",
			},
			"ingress_class": schema.StringAttribute{
				Computed:    true,
				Description: "The class of Knative's ingress, as the ConfigMap `config-network` says, or Knative's default.",
			},
			"feature_flags": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				Description: "All feature flags that this provider knows of Knative, by their keys in the ConfigMap `config-features`, such as `kubernetes.podspec-affinity`. " +
					"`enabled`, `disabled`, `allowed`, or for `secure-pod-defaults` also `allowrootbounded`; what is not set has Knative's default.",
			},
			"gateways": schema.ListNestedAttribute{
				Computed:     true,
				Description:  "The gateways that requests come in by: those of the provider's argument `ingress`, then those that Knative uses besides.",
				NestedObject: schema.NestedAttributeObject{Attributes: gatewayAttributes()},
			},
			"components": schema.MapNestedAttribute{
				Computed: true,
				Description: "The health of what runs: `knative-serving`, the controller of its ingress (such as `net-istio`), `istio`, `velero`, as far as they are installed, " +
					"and what this provider installed under other names.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"version": schema.StringAttribute{Computed: true, Description: "Its version; null when that is not known."},
					"ready":   schema.BoolAttribute{Computed: true, Description: "Whether all of its Deployments have the pods that they need to serve."},
					"message": schema.StringAttribute{Computed: true, Description: "Which of them have not, or fewer pods than they want; null when all is well."},
				}},
			},
		},
	}
}

func gatewayAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"kind": schema.StringAttribute{
			Computed:    true,
			Description: "`" + gatewayKind(istioGateways) + "` or `" + gatewayKind(apiGateways) + "`.",
		},
		"namespace":  schema.StringAttribute{Computed: true, Description: "The namespace."},
		"name":       schema.StringAttribute{Computed: true, Description: "The name."},
		"visibility": schema.StringAttribute{Computed: true, Description: "Whom it is for: `public` or `cluster-local`."},
		"service":    schema.StringAttribute{Computed: true, Description: "The Service of the pods behind it, as `namespace/name`; null when that is not known."},
		"used_by": schema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			Description: "Who uses it: `knative` for the applications' own hosts, `provider` for domains and the rules of a gray release.",
		},
		"ready":   schema.BoolAttribute{Computed: true, Description: "Whether it exists, is in effect, and has a pod behind it that is ready; null when that can't be said."},
		"message": schema.StringAttribute{Computed: true, Description: "Why it is not ready; null when it is."},
	}
}
