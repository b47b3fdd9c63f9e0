package lifecycle

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

// Attributes that resources share mean the same everywhere, so they are written
// once.

// MetadataAttributes are labels and annotations of objects, such as "the objects
// that the domain is made of", and with them what EffectiveAttributes returns.
// Keys under the prefix are this provider's own.
func MetadataAttributes(objects, prefix string) map[string]schema.Attribute {
	keys := mapvalidator.KeysAre(validate.LabelKey(), validate.NotPrefixed("this provider's own", prefix))
	attributes := EffectiveAttributes()
	attributes["labels"] = schema.MapAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Description: "Labels of " + objects + ". Labels that others set are left alone.",
		Validators:  []validator.Map{mapvalidator.NoNullValues(), keys, mapvalidator.ValueStringsAre(validate.LabelValue())},
	}
	attributes["annotations"] = schema.MapAttribute{
		ElementType: types.StringType,
		Optional:    true,
		Description: "Annotations of " + objects + ". Annotations that others set are left alone.",
		Validators:  []validator.Map{mapvalidator.NoNullValues(), keys},
	}
	return attributes
}

// EffectiveAttributes show labels and annotations together with the provider's
// defaults.
func EffectiveAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
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
	}
}

// AdoptAttribute lets a create take over what, such as "a VirtualService of that
// name if there is one", instead of doing what.
func AdoptAttribute(what, instead string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		Description: "Take over " + what + ", instead of " + instead + ". For modules, which can hold no import blocks, and for failover, " +
			"which takes over what a restore has brought back.",
	}
}

// ForceConflictsAttribute lets an apply take fields from other field managers.
func ForceConflictsAttribute() schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default:     booldefault.StaticBool(false),
		Description: "Take over fields that another field manager has set to another value. Without it, such a field is an error that names the manager.",
	}
}
