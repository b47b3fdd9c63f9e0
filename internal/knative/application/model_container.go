package application

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// Container is what every container of a pod has: the application's own, a
// sidecar, one that runs before them.
type Container struct {
	Image           types.String           `tfsdk:"image"`
	ImagePullPolicy types.String           `tfsdk:"image_pull_policy"`
	Command         []string               `tfsdk:"command"`
	Args            []string               `tfsdk:"args"`
	WorkingDir      types.String           `tfsdk:"working_dir"`
	Env             map[string]string      `tfsdk:"env"`
	SecretEnv       map[string]KeyRef      `tfsdk:"secret_env"`
	ConfigEnv       map[string]KeyRef      `tfsdk:"config_env"`
	FieldEnv        map[string]string      `tfsdk:"field_env"`
	EnvFrom         []EnvFrom              `tfsdk:"env_from"`
	Resources       *Resources             `tfsdk:"resources"`
	SecurityContext *SecurityContext       `tfsdk:"security_context"`
	VolumeMounts    map[string]VolumeMount `tfsdk:"volume_mounts"`
}

// Probes are how the kubelet and Knative tell how a container fares.
type Probes struct {
	StartupProbe   *Probe `tfsdk:"startup_probe"`
	LivenessProbe  *Probe `tfsdk:"liveness_probe"`
	ReadinessProbe *Probe `tfsdk:"readiness_probe"`
}

// Sidecar is a container that runs beside the application's own.
type Sidecar struct {
	Container
	Probes
}

// InitContainer is a container that runs before the application's own.
type InitContainer struct {
	Name types.String `tfsdk:"name"`
	Container
}

// Port is the port that the application's container listens on.
type Port struct {
	Number   types.Int64  `tfsdk:"number"`
	Protocol types.String `tfsdk:"protocol"`
}

// Resources are what a container asks for and may use.
type Resources struct {
	Requests map[string]quantity.Value `tfsdk:"requests"`
	Limits   map[string]quantity.Value `tfsdk:"limits"`
}

// KeyRef is a key of a Secret or a ConfigMap.
type KeyRef struct {
	Name     types.String `tfsdk:"name"`
	Key      types.String `tfsdk:"key"`
	Optional types.Bool   `tfsdk:"optional"`
}

// ObjectRef is a whole Secret or ConfigMap.
type ObjectRef struct {
	Name     types.String `tfsdk:"name"`
	Optional types.Bool   `tfsdk:"optional"`
}

// EnvFrom makes variables of all keys of a Secret or a ConfigMap.
type EnvFrom struct {
	Prefix    types.String `tfsdk:"prefix"`
	Secret    *ObjectRef   `tfsdk:"secret"`
	ConfigMap *ObjectRef   `tfsdk:"config_map"`
}

// Probe asks a container, again and again, how it fares.
type Probe struct {
	HTTPGet             *HTTPGet    `tfsdk:"http_get"`
	TCPSocket           *TCPSocket  `tfsdk:"tcp_socket"`
	GRPC                *GRPCHealth `tfsdk:"grpc"`
	Exec                *Exec       `tfsdk:"exec"`
	InitialDelaySeconds types.Int64 `tfsdk:"initial_delay_seconds"`
	PeriodSeconds       types.Int64 `tfsdk:"period_seconds"`
	TimeoutSeconds      types.Int64 `tfsdk:"timeout_seconds"`
	SuccessThreshold    types.Int64 `tfsdk:"success_threshold"`
	FailureThreshold    types.Int64 `tfsdk:"failure_threshold"`
}

// HTTPGet is a probe by HTTP.
type HTTPGet struct {
	Path    types.String      `tfsdk:"path"`
	Port    types.Int64       `tfsdk:"port"`
	Host    types.String      `tfsdk:"host"`
	Scheme  types.String      `tfsdk:"scheme"`
	Headers map[string]string `tfsdk:"headers"`
}

// TCPSocket is a probe that opens a connection.
type TCPSocket struct {
	Port types.Int64  `tfsdk:"port"`
	Host types.String `tfsdk:"host"`
}

// GRPCHealth is a probe by gRPC's health protocol.
type GRPCHealth struct {
	Port    types.Int64  `tfsdk:"port"`
	Service types.String `tfsdk:"service"`
}

// Exec is a probe that runs a command in the container.
type Exec struct {
	Command []string `tfsdk:"command"`
}

// SecurityContext is what a container's processes may do.
type SecurityContext struct {
	RunAsUser                types.Int64     `tfsdk:"run_as_user"`
	RunAsGroup               types.Int64     `tfsdk:"run_as_group"`
	RunAsNonRoot             types.Bool      `tfsdk:"run_as_non_root"`
	ReadOnlyRootFilesystem   types.Bool      `tfsdk:"read_only_root_filesystem"`
	AllowPrivilegeEscalation types.Bool      `tfsdk:"allow_privilege_escalation"`
	Privileged               types.Bool      `tfsdk:"privileged"`
	Capabilities             *Capabilities   `tfsdk:"capabilities"`
	SeccompProfile           *SeccompProfile `tfsdk:"seccomp_profile"`
}

// PodSecurityContext is what the processes of all containers of a pod may do.
type PodSecurityContext struct {
	RunAsUser          types.Int64     `tfsdk:"run_as_user"`
	RunAsGroup         types.Int64     `tfsdk:"run_as_group"`
	RunAsNonRoot       types.Bool      `tfsdk:"run_as_non_root"`
	FSGroup            types.Int64     `tfsdk:"fs_group"`
	SupplementalGroups []int64         `tfsdk:"supplemental_groups"`
	SeccompProfile     *SeccompProfile `tfsdk:"seccomp_profile"`
}

// Capabilities are those that a container gets beside or loses of the default.
type Capabilities struct {
	Add  []string `tfsdk:"add"`
	Drop []string `tfsdk:"drop"`
}

// SeccompProfile limits the system calls.
type SeccompProfile struct {
	Type             types.String `tfsdk:"type"`
	LocalhostProfile types.String `tfsdk:"localhost_profile"`
}
