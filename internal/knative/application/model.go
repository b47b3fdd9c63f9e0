package application

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Model is the shape of sls_application in HCL. Nested attributes are objects,
// lists and maps at this level, so that a plan in which one of them is not known
// yet can still be read; inside they are plain structs.
type Model struct {
	Name      types.String `tfsdk:"name"`
	Namespace types.String `tfsdk:"namespace"`

	// Metadata of the Knative Service.
	Labels               types.Map    `tfsdk:"labels"`
	Annotations          types.Map    `tfsdk:"annotations"`
	EffectiveLabels      types.Map    `tfsdk:"effective_labels"`
	EffectiveAnnotations types.Map    `tfsdk:"effective_annotations"`
	Visibility           types.String `tfsdk:"visibility"`
	RolloutDuration      types.String `tfsdk:"rollout_duration"`

	// The revision template: what a change of mints a revision. See Template.
	Version              types.String `tfsdk:"version"`
	TemplateLabels       types.Map    `tfsdk:"template_labels"`
	TemplateAnnotations  types.Map    `tfsdk:"template_annotations"`
	ContainerName        types.String `tfsdk:"container_name"`
	Image                types.String `tfsdk:"image"`
	ImagePullPolicy      types.String `tfsdk:"image_pull_policy"`
	Command              types.List   `tfsdk:"command"`
	Args                 types.List   `tfsdk:"args"`
	WorkingDir           types.String `tfsdk:"working_dir"`
	Env                  types.Map    `tfsdk:"env"`
	SecretEnv            types.Map    `tfsdk:"secret_env"`
	ConfigEnv            types.Map    `tfsdk:"config_env"`
	FieldEnv             types.Map    `tfsdk:"field_env"`
	EnvFrom              types.List   `tfsdk:"env_from"`
	Port                 types.Object `tfsdk:"port"`
	Resources            types.Object `tfsdk:"resources"`
	StartupProbe         types.Object `tfsdk:"startup_probe"`
	LivenessProbe        types.Object `tfsdk:"liveness_probe"`
	ReadinessProbe       types.Object `tfsdk:"readiness_probe"`
	SecurityContext      types.Object `tfsdk:"security_context"`
	VolumeMounts         types.Map    `tfsdk:"volume_mounts"`
	Volumes              types.Map    `tfsdk:"volumes"`
	Sidecars             types.Map    `tfsdk:"sidecars"`
	InitContainers       types.List   `tfsdk:"init_containers"`
	ServiceAccount       types.String `tfsdk:"service_account"`
	ImagePullSecrets     types.List   `tfsdk:"image_pull_secrets"`
	PodSecurityContext   types.Object `tfsdk:"pod_security_context"`
	NodeSelector         types.Map    `tfsdk:"node_selector"`
	Affinity             types.Object `tfsdk:"affinity"`
	Tolerations          types.List   `tfsdk:"tolerations"`
	TopologySpread       types.List   `tfsdk:"topology_spread"`
	PriorityClass        types.String `tfsdk:"priority_class"`
	RuntimeClass         types.String `tfsdk:"runtime_class"`
	SchedulerName        types.String `tfsdk:"scheduler_name"`
	HostAliases          types.Map    `tfsdk:"host_aliases"`
	DNSPolicy            types.String `tfsdk:"dns_policy"`
	DNSConfig            types.Object `tfsdk:"dns_config"`
	Timeout              types.String `tfsdk:"timeout"`
	IdleTimeout          types.String `tfsdk:"idle_timeout"`
	ResponseStartTimeout types.String `tfsdk:"response_start_timeout"`
	Concurrency          types.Int64  `tfsdk:"concurrency"`
	ProgressDeadline     types.String `tfsdk:"progress_deadline"`
	QueueProxy           types.Object `tfsdk:"queue_proxy"`

	// Scaling mints no revision: it is written to the current one.
	Scaling types.Object `tfsdk:"scaling"`

	// How the provider goes about it.
	ImageSource          types.String   `tfsdk:"image_source"`
	Rollout              types.String   `tfsdk:"rollout"`
	RevisionHistoryLimit types.Int64    `tfsdk:"revision_history_limit"`
	DeletionProtection   types.Bool     `tfsdk:"deletion_protection"`
	Adopt                types.Bool     `tfsdk:"adopt"`
	ForceConflicts       types.Bool     `tfsdk:"force_conflicts"`
	OnCreateFailure      types.String   `tfsdk:"on_create_failure"`
	Wait                 types.Bool     `tfsdk:"wait"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`

	// What the platform made of it.
	Revision            types.String `tfsdk:"revision"`
	LatestReadyRevision types.String `tfsdk:"latest_ready_revision"`
	ImageDigest         types.String `tfsdk:"image_digest"`
	URL                 types.String `tfsdk:"url"`
	ClusterLocalURL     types.String `tfsdk:"cluster_local_url"`
	Ready               types.Bool   `tfsdk:"ready"`
	StatusMessage       types.String `tfsdk:"status_message"`
}

// Template is that part of a Model that a revision is made of, decoded; nil is
// what is not set. The application's own container is spread over it, since it
// is what most applications have to say.
type Template struct {
	Labels        map[string]string `tfsdk:"template_labels"`
	Annotations   map[string]string `tfsdk:"template_annotations"`
	ContainerName types.String      `tfsdk:"container_name"`
	Container
	Probes
	Port           *Port              `tfsdk:"port"`
	Volumes        map[string]Volume  `tfsdk:"volumes"`
	Sidecars       map[string]Sidecar `tfsdk:"sidecars"`
	InitContainers []InitContainer    `tfsdk:"init_containers"`

	ServiceAccount     types.String        `tfsdk:"service_account"`
	ImagePullSecrets   []string            `tfsdk:"image_pull_secrets"`
	PodSecurityContext *PodSecurityContext `tfsdk:"pod_security_context"`
	NodeSelector       map[string]string   `tfsdk:"node_selector"`
	Affinity           *Affinity           `tfsdk:"affinity"`
	Tolerations        []Toleration        `tfsdk:"tolerations"`
	TopologySpread     []TopologySpread    `tfsdk:"topology_spread"`
	PriorityClass      types.String        `tfsdk:"priority_class"`
	RuntimeClass       types.String        `tfsdk:"runtime_class"`
	SchedulerName      types.String        `tfsdk:"scheduler_name"`
	HostAliases        map[string][]string `tfsdk:"host_aliases"`
	DNSPolicy          types.String        `tfsdk:"dns_policy"`
	DNSConfig          *DNSConfig          `tfsdk:"dns_config"`

	Timeout              types.String `tfsdk:"timeout"`
	IdleTimeout          types.String `tfsdk:"idle_timeout"`
	ResponseStartTimeout types.String `tfsdk:"response_start_timeout"`
	Concurrency          types.Int64  `tfsdk:"concurrency"`
	ProgressDeadline     types.String `tfsdk:"progress_deadline"`
	QueueProxy           *QueueProxy  `tfsdk:"queue_proxy"`
}

// Scaling is how many pods a revision has, and when.
type Scaling struct {
	Min                      types.Int64   `tfsdk:"min"`
	Max                      types.Int64   `tfsdk:"max"`
	Initial                  types.Int64   `tfsdk:"initial"`
	ActivationScale          types.Int64   `tfsdk:"activation_scale"`
	Class                    types.String  `tfsdk:"class"`
	Metric                   types.String  `tfsdk:"metric"`
	MetricAggregation        types.String  `tfsdk:"metric_aggregation"`
	Target                   types.Float64 `tfsdk:"target"`
	Utilization              types.Float64 `tfsdk:"utilization"`
	TargetBurstCapacity      types.Float64 `tfsdk:"target_burst_capacity"`
	Window                   types.String  `tfsdk:"window"`
	PanicWindowPercentage    types.Float64 `tfsdk:"panic_window_percentage"`
	PanicThresholdPercentage types.Float64 `tfsdk:"panic_threshold_percentage"`
	ScaleDownDelay           types.String  `tfsdk:"scale_down_delay"`
	Retention                types.String  `tfsdk:"retention"`
}

const (
	rollback = "rollback"
	keep     = "keep"

	imageFromTerraform = "terraform"
	imageFromOutside   = "external"

	rolloutImmediate = "immediate"
	rolloutManual    = "manual"
)

// Where Model and Template have each attribute.
var (
	modelFields    = fieldsByAttribute(reflect.TypeFor[Model]())
	templateFields = fieldsByAttribute(reflect.TypeFor[Template]())
)

// templateAttributes are the attributes that the revision template is made of:
// the revision's name is known as soon as they are.
var templateAttributes = func() []string {
	names := []string{"name", "version"}
	for name := range templateFields {
		names = append(names, name)
	}
	return names
}()

func fieldsByAttribute(of reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for _, field := range reflect.VisibleFields(of) {
		if name, ok := field.Tag.Lookup("tfsdk"); ok {
			fields[name] = field.Index
		}
	}
	return fields
}

// attributeTypes are the types of the attributes.
var attributeTypes = sync.OnceValue(func() map[string]attr.Type {
	of := map[string]attr.Type{}
	for name, attribute := range schemaOnce().Attributes {
		of[name] = attribute.GetType()
	}
	return of
})

// nested is a model with its nested attributes decoded; nil is one that is not
// set.
type nested struct {
	*Model
	template *Template
	scaling  *Scaling
}

// decode decodes the nested attributes, which must be known.
func decode(ctx context.Context, m *Model, diags *diag.Diagnostics) *nested {
	return &nested{
		Model:    m,
		template: decodeTemplate(ctx, m, diags),
		scaling:  object[Scaling](ctx, m.Scaling, diags),
	}
}

// decodeTemplate decodes what the template is made of, which must be known.
func decodeTemplate(ctx context.Context, m *Model, diags *diag.Diagnostics) *Template {
	t := &Template{}
	model, into := reflect.ValueOf(m).Elem(), reflect.ValueOf(t).Elem()
	for name, at := range templateFields {
		value, ok := model.FieldByIndex(modelFields[name]).Interface().(attr.Value)
		if ok && !value.IsNull() && !value.IsUnknown() {
			diags.Append(rooted(name, tfsdk.ValueAs(ctx, value, into.FieldByIndex(at).Addr().Interface()))...)
		}
	}
	return t
}

// encodeTemplate is the way back: it puts the template into the model.
func encodeTemplate(ctx context.Context, t *Template, m *Model, diags *diag.Diagnostics) {
	from, into := reflect.ValueOf(t).Elem(), reflect.ValueOf(m).Elem()
	for name, at := range templateFields {
		value, target := from.FieldByIndex(at), into.FieldByIndex(modelFields[name])
		if was, ok := target.Interface().(attr.Value); ok && was.IsNull() && value.IsZero() {
			continue // most attributes of most applications
		}
		diags.Append(tfsdk.ValueFrom(ctx, value.Interface(), attributeTypes()[name], target.Addr().Interface())...)
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
