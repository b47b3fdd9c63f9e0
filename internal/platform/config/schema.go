package config

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	defaultTimeout   = 2 * time.Minute
	defaultNamespace = "knative-serving"
)

func configSchema(ctx context.Context) schema.Schema {
	attributes := map[string]schema.Attribute{
		"namespace": schema.StringAttribute{
			Optional: true, Computed: true,
			Default:       stringdefault.StaticString(defaultNamespace),
			Description:   "The namespace that Knative Serving is in; `knative-serving` by default.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:    []validator.String{validate.Namespace()},
		},
		"adopt": lifecycle.AdoptAttribute(
			"the keys that another sls_platform_config has set, or that a person or a restore has set to another value", "refusing to create this one"),
		"force_conflicts": lifecycle.ForceConflictsAttribute(),
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long setting the keys may take; 2m by default.",
			Update: true, UpdateDescription: "How long changing the keys may take; 2m by default.",
			Delete: true, DeleteDescription: "How long giving the keys back may take; 2m by default.",
		}),
	}
	for _, s := range sections {
		attributes[s.attribute] = s.content.schema(s.about)
	}
	return schema.Schema{
		Description: "Keys of the ConfigMaps that Knative Serving is configured by. Only the keys that are set here are managed; a key that is taken out of the configuration is taken out of " +
			"its ConfigMap, and Knative's default counts again. An attribute is named as its key, with an underscore for what is neither letter nor digit. " +
			"What Knative's own checks refuse is an error of the plan. There is one sls_platform_config for a namespace; the ConfigMaps must be there already, as they are after Knative Serving is installed.",
		Attributes: attributes,
	}
}
