package object

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/validate"
)

const (
	group          = "sls-platform.github.io"
	defaultTimeout = 5 * time.Minute

	rollback = "rollback"
	keep     = "keep"
)

// Common is the part of a Model that all of these resources have.
type Common struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`

	Labels               types.Map `tfsdk:"labels"`
	Annotations          types.Map `tfsdk:"annotations"`
	EffectiveLabels      types.Map `tfsdk:"effective_labels"`
	EffectiveAnnotations types.Map `tfsdk:"effective_annotations"`

	// How the provider goes about it.
	Adopt           types.Bool     `tfsdk:"adopt"`
	ForceConflicts  types.Bool     `tfsdk:"force_conflicts"`
	OnCreateFailure types.String   `tfsdk:"on_create_failure"`
	Wait            types.Bool     `tfsdk:"wait"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`

	// What came of it.
	Ready         types.Bool   `tfsdk:"ready"`
	StatusMessage types.String `tfsdk:"status_message"`
}

// Words are what the descriptions of the common attributes need to know of a
// resource.
type Words struct {
	What  string // backup schedule
	Ready string // when it is ready: "Velero's server has accepted it"
}

// Attributes returns the common attributes, and a resource's own besides.
func Attributes(ctx context.Context, words Words, own map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required:      true,
			Description:   "The " + words.What + "'s name.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:    []validator.String{validate.DNSName(), stringvalidator.LengthAtMost(63)},
		},
		"namespace": schema.StringAttribute{
			Optional: true, Computed: true,
			Description: "The namespace that Velero's server runs in: it looks at no other. By default the provider's `velero_namespace`.",
			Validators:  []validator.String{validate.Namespace()},
		},
		"labels": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Labels of the object. Labels that others set are left alone.",
			Validators: []validator.Map{
				mapvalidator.NoNullValues(),
				mapvalidator.KeysAre(validate.LabelKey(), validate.NotPrefixed("this provider's own", group+"/")),
				mapvalidator.ValueStringsAre(validate.LabelValue()),
			},
		},
		"annotations": schema.MapAttribute{
			ElementType: types.StringType,
			Optional:    true,
			Description: "Annotations of the object. Annotations that others set are left alone.",
			Validators: []validator.Map{
				mapvalidator.NoNullValues(),
				mapvalidator.KeysAre(validate.LabelKey(), validate.NotPrefixed("this provider's own", group+"/")),
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
		"adopt": schema.BoolAttribute{
			Optional: true, Computed: true,
			Default:     booldefault.StaticBool(false),
			Description: "Take over an object of that name if there is one, instead of refusing to create it. For modules, which can hold no import blocks.",
		},
		"force_conflicts": schema.BoolAttribute{
			Optional: true, Computed: true,
			Default:     booldefault.StaticBool(false),
			Description: "Take over fields that another field manager has set to another value. Without it, such a field is an error that names the manager.",
		},
		"on_create_failure": schema.StringAttribute{
			Optional: true, Computed: true,
			Default: stringdefault.StaticString(rollback),
			Description: "What happens to a " + words.What + " that does not become ready when it is created: `rollback` removes it and reports an error, " +
				"`keep` leaves it with `ready = false` and a warning, and the next apply waits again.",
			Validators: []validator.String{stringvalidator.OneOf(rollback, keep)},
		},
		"wait": schema.BoolAttribute{
			Optional: true, Computed: true,
			Default:     booldefault.StaticBool(true),
			Description: "Wait until " + words.Ready + ". Without it, an apply ends when the API server has accepted the change.",
		},
		"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
			Create: true, CreateDescription: "How long to wait for a new " + words.What + "; 5m by default.",
			Update: true, UpdateDescription: "How long to wait for a changed " + words.What + "; 5m by default.",
			Delete: true, DeleteDescription: "How long removing it may take; 5m by default.",
		}),
		"ready": schema.BoolAttribute{
			Computed:    true,
			Description: "Whether " + words.Ready + ".",
		},
		"status_message": schema.StringAttribute{
			Computed:    true,
			Description: "Why it is not ready, in Velero's words.",
		},
	}
	maps.Copy(all, own)
	return all
}

// complete sets what a plan leaves to the provider.
func (c *Common) complete(platform *lifecycle.Platform) {
	c.EffectiveLabels = lifecycle.Effective(platform.DefaultLabels, c.Labels)
	c.EffectiveAnnotations = lifecycle.Effective(platform.DefaultAnnotations, c.Annotations)
}

// ServerLabels are the beginnings of labels and annotations that Velero and
// Kubernetes write themselves: an import leaves them out.
var serverKeys = []string{group + "/", "velero.io/", "kubectl.kubernetes.io/last-applied-configuration"}

// flatten puts into the model what is on the cluster.
func (r *Resource[M]) flatten(ctx context.Context, live *kube.Object, m *M) (diags diag.Diagnostics) {
	c := r.Common(m)
	importing := c.Wait.IsNull() // it has a default: only an import has not set it yet
	c.Name, c.Namespace = types.StringValue(live.GetName()), types.StringValue(live.GetNamespace())
	labels, annotations := live.GetLabels(), live.GetAnnotations()
	if importing {
		labels, annotations = lifecycle.WithoutPrefixes(labels, serverKeys...), lifecycle.WithoutPrefixes(annotations, serverKeys...)
		c.Adopt, c.ForceConflicts, c.Wait = types.BoolValue(false), types.BoolValue(false), types.BoolValue(true)
		c.OnCreateFailure = types.StringValue(rollback)
	}
	c.Labels = lifecycle.Subset(c.Labels, labels, importing)
	c.Annotations = lifecycle.Subset(c.Annotations, annotations, importing)
	if importing {
		c.EffectiveLabels, c.EffectiveAnnotations = lifecycle.EmptyIfNull(c.Labels), lifecycle.EmptyIfNull(c.Annotations)
	} else {
		c.EffectiveLabels = lifecycle.Subset(c.EffectiveLabels, labels, false)
		c.EffectiveAnnotations = lifecycle.Subset(c.EffectiveAnnotations, annotations, false)
	}
	diags.Append(r.Definition.Read(ctx, live, m, importing)...)
	r.remember(live, m)
	return diags
}

// remember puts into the model what became of the object.
func (r *Resource[M]) remember(live *kube.Object, m *M) {
	ready, message := r.State(m, live)
	c := r.Common(m)
	c.Ready, c.StatusMessage = types.BoolValue(ready), lifecycle.NullIfEmpty(message)
	if r.Outcome != nil {
		r.Outcome(live, m)
	}
}
