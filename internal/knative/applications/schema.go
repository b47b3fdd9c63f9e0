package applications

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
)

// attributes are those of one application, all computed.
func attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"namespace": schema.StringAttribute{Computed: true, Description: "The namespace."},
		"name":      schema.StringAttribute{Computed: true, Description: "The application's name."},
		"labels": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			Description: "All labels of the Knative Service, whoever set them.",
		},
		"annotations": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			Description: "All annotations of the Knative Service, whoever set them, but for kubectl's copy of what it applied.",
		},
		"visibility": schema.StringAttribute{Computed: true, Description: "Who reaches the application: `public` or `cluster-local`."},
		"version": schema.StringAttribute{
			Computed:    true,
			Description: "The version that the application's template was made for: its label `" + serving.VersionLabel + "`. Null when it has none.",
		},
		"image":                 schema.StringAttribute{Computed: true, Description: "The image, as the application's template names it."},
		"image_digest":          schema.StringAttribute{Computed: true, Description: "The image that `revision` runs, by its digest. Null until Knative has looked it up."},
		"revision":              schema.StringAttribute{Computed: true, Description: "The revision that the application's template stands for, ready or not."},
		"latest_ready_revision": schema.StringAttribute{Computed: true, Description: "The newest revision that has become ready."},
		"ready":                 schema.BoolAttribute{Computed: true, Description: "Whether the application runs `revision`, and requests reach what its traffic names."},
		"status_message":        schema.StringAttribute{Computed: true, Description: "Why the application is not ready, in Knative's words; null when it is."},
		"url":                   schema.StringAttribute{Computed: true, Description: "Where the application answers."},
		"cluster_local_url":     schema.StringAttribute{Computed: true, Description: "Where the application answers within the cluster."},
		"traffic": schema.ListNestedAttribute{
			Computed:    true,
			Description: "Where requests go, as Knative reports it.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"revision": schema.StringAttribute{Computed: true, Description: "The revision."},
				"percent":  schema.Int64Attribute{Computed: true, Description: "Its share of the requests to `url`; 0 for one that only its tag leads to."},
				"tag":      schema.StringAttribute{Computed: true, Description: "The tag under which it has an address of its own."},
				"url":      schema.StringAttribute{Computed: true, Description: "That address."},
				"latest":   schema.BoolAttribute{Computed: true, Description: "Whether the share goes over to the next revision as soon as that is ready."},
			}},
		},
	}
}
