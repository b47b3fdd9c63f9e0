package application

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// Model is the shape of sls_application in HCL. Nested attributes are objects
// at this level, so that a plan in which one of them is not known yet can still
// be read; inside they are plain structs.
type Model struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`

	// Metadata of the Knative Service.
	Labels               types.Map    `tfsdk:"labels"`
	Annotations          types.Map    `tfsdk:"annotations"`
	EffectiveLabels      types.Map    `tfsdk:"effective_labels"`
	EffectiveAnnotations types.Map    `tfsdk:"effective_annotations"`
	Visibility           types.String `tfsdk:"visibility"`

	// The revision template: what a change of mints a revision.
	Version   types.String `tfsdk:"version"`
	Image     types.String `tfsdk:"image"`
	Command   types.List   `tfsdk:"command"`
	Args      types.List   `tfsdk:"args"`
	Env       types.Map    `tfsdk:"env"`
	Port      types.Object `tfsdk:"port"`
	Resources types.Object `tfsdk:"resources"`

	// Scaling mints no revision: it is written to the current one.
	Scaling types.Object `tfsdk:"scaling"`

	// How the provider goes about it.
	Adopt           types.Bool     `tfsdk:"adopt"`
	ForceConflicts  types.Bool     `tfsdk:"force_conflicts"`
	OnCreateFailure types.String   `tfsdk:"on_create_failure"`
	Wait            types.Bool     `tfsdk:"wait"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`

	// What the platform made of it.
	Revision            types.String `tfsdk:"revision"`
	LatestReadyRevision types.String `tfsdk:"latest_ready_revision"`
	ImageDigest         types.String `tfsdk:"image_digest"`
	URL                 types.String `tfsdk:"url"`
	ClusterLocalURL     types.String `tfsdk:"cluster_local_url"`
	Ready               types.Bool   `tfsdk:"ready"`
	StatusMessage       types.String `tfsdk:"status_message"`
}

// Port is the port that the application's container listens on.
type Port struct {
	Number   types.Int64  `tfsdk:"number"`
	Protocol types.String `tfsdk:"protocol"`
}

// Resources are what the application's container asks for and may use.
type Resources struct {
	Requests map[string]quantity.Value `tfsdk:"requests"`
	Limits   map[string]quantity.Value `tfsdk:"limits"`
}

// Scaling is how many pods a revision has, and when.
type Scaling struct {
	Min                      types.Int64   `tfsdk:"min"`
	Max                      types.Int64   `tfsdk:"max"`
	Initial                  types.Int64   `tfsdk:"initial"`
	ActivationScale          types.Int64   `tfsdk:"activation_scale"`
	Class                    types.String  `tfsdk:"class"`
	Metric                   types.String  `tfsdk:"metric"`
	Target                   types.Float64 `tfsdk:"target"`
	Utilization              types.Float64 `tfsdk:"utilization"`
	TargetBurstCapacity      types.Float64 `tfsdk:"target_burst_capacity"`
	Window                   types.String  `tfsdk:"window"`
	PanicWindowPercentage    types.Float64 `tfsdk:"panic_window_percentage"`
	PanicThresholdPercentage types.Float64 `tfsdk:"panic_threshold_percentage"`
	ScaleDownDelay           types.String  `tfsdk:"scale_down_delay"`
	Retention                types.String  `tfsdk:"retention"`
}

// templateAttributes are the attributes that the revision template is made of:
// the revision's name is known as soon as they are.
var templateAttributes = []string{"name", "version", "image", "command", "args", "env", "port", "resources"}

const (
	visibilityPublic = "public"
	visibilityLocal  = "cluster-local"

	rollback = "rollback"
	keep     = "keep"
)

// nested is a model with its nested attributes decoded; nil is one that is not
// set.
type nested struct {
	*Model
	port      *Port
	resources *Resources
	scaling   *Scaling
}

// decode decodes the nested attributes, which must be known.
func decode(ctx context.Context, m *Model, diags *diag.Diagnostics) *nested {
	return &nested{
		Model:     m,
		port:      object[Port](ctx, m.Port, diags),
		resources: object[Resources](ctx, m.Resources, diags),
		scaling:   object[Scaling](ctx, m.Scaling, diags),
	}
}

func object[T any](ctx context.Context, o types.Object, diags *diag.Diagnostics) *T {
	if o.IsNull() || o.IsUnknown() {
		return nil
	}
	decoded := new(T)
	diags.Append(o.As(ctx, decoded, basetypes.ObjectAsOptions{})...)
	return decoded
}
