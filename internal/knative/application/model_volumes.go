package application

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// Volume is a volume of the pod, and where the application's container has it.
type Volume struct {
	MountPath types.String `tfsdk:"mount_path"`
	SubPath   types.String `tfsdk:"sub_path"`
	ReadOnly  types.Bool   `tfsdk:"read_only"`

	Secret                *FilesOf     `tfsdk:"secret"`
	ConfigMap             *FilesOf     `tfsdk:"config_map"`
	Projected             *Projected   `tfsdk:"projected"`
	EmptyDir              *EmptyDir    `tfsdk:"empty_dir"`
	PersistentVolumeClaim *VolumeClaim `tfsdk:"persistent_volume_claim"`
	HostPath              *HostPath    `tfsdk:"host_path"`
}

// VolumeMount is where a container has a volume; the path is its key.
type VolumeMount struct {
	Volume   types.String `tfsdk:"volume"`
	SubPath  types.String `tfsdk:"sub_path"`
	ReadOnly types.Bool   `tfsdk:"read_only"`
}

// FilesOf are files made of the keys of a Secret or a ConfigMap.
type FilesOf struct {
	Name        types.String `tfsdk:"name"`
	Optional    types.Bool   `tfsdk:"optional"`
	DefaultMode types.String `tfsdk:"default_mode"`
	Items       []Item       `tfsdk:"items"`
}

// Item is the file that is made of one key.
type Item struct {
	Key  types.String `tfsdk:"key"`
	Path types.String `tfsdk:"path"`
	Mode types.String `tfsdk:"mode"`
}

// Projected are files from several sources in one directory.
type Projected struct {
	DefaultMode types.String `tfsdk:"default_mode"`
	Sources     []Projection `tfsdk:"sources"`
}

// Projection is one source of files.
type Projection struct {
	Secret              *ProjectedFiles      `tfsdk:"secret"`
	ConfigMap           *ProjectedFiles      `tfsdk:"config_map"`
	ServiceAccountToken *ServiceAccountToken `tfsdk:"service_account_token"`
	DownwardAPI         *DownwardAPI         `tfsdk:"downward_api"`
}

// ProjectedFiles are files made of the keys of a Secret or a ConfigMap, with
// the modes of the volume that they are a part of.
type ProjectedFiles struct {
	Name     types.String `tfsdk:"name"`
	Optional types.Bool   `tfsdk:"optional"`
	Items    []Item       `tfsdk:"items"`
}

// ServiceAccountToken is a file with a token of the pod's service account.
type ServiceAccountToken struct {
	Path              types.String `tfsdk:"path"`
	Audience          types.String `tfsdk:"audience"`
	ExpirationSeconds types.Int64  `tfsdk:"expiration_seconds"`
}

// DownwardAPI are files made of fields of the pod.
type DownwardAPI struct {
	Items []PodField `tfsdk:"items"`
}

// PodField is the file that is made of one field of the pod.
type PodField struct {
	Field types.String `tfsdk:"field"`
	Path  types.String `tfsdk:"path"`
	Mode  types.String `tfsdk:"mode"`
}

// EmptyDir is a directory that lives as long as the pod.
type EmptyDir struct {
	Medium    types.String   `tfsdk:"medium"`
	SizeLimit quantity.Value `tfsdk:"size_limit"`
}

// VolumeClaim is a volume that outlives the pod.
type VolumeClaim struct {
	ClaimName types.String `tfsdk:"claim_name"`
	ReadOnly  types.Bool   `tfsdk:"read_only"`
}

// HostPath is a file or directory of the node.
type HostPath struct {
	Path types.String `tfsdk:"path"`
	Type types.String `tfsdk:"type"`
}
