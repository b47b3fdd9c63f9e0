// Package object is what the resources that are one object of Velero's share:
// their metadata, how they are created, changed, waited for and removed, and
// what a plan can tell. A resource's own package says what the object's spec is,
// and when Velero's server has accepted it.
package object

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	velero "github.com/vmware-tanzu/velero/pkg/apis/velero/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// The kinds of Velero's that this provider knows.
var (
	Locations = kindOf("backupstoragelocations", "BackupStorageLocation")
	Schedules = kindOf("schedules", "Schedule")
	Backups   = kindOf("backups", "Backup")
	Restores  = kindOf("restores", "Restore")

	DeleteRequests   = kindOf("deletebackuprequests", "DeleteBackupRequest")
	DownloadRequests = kindOf("downloadrequests", "DownloadRequest")
)

func kindOf(plural, name string) kube.Kind {
	return kube.Kind{GroupVersionResource: velero.SchemeGroupVersion.WithResource(plural), Name: name}
}

// ServerManagers are the field managers that Velero's server writes as, by what
// its program is called.
var ServerManagers = []string{"velero-server", "velero"}

// Object is an object as the cluster has it.
type Object = kube.Object

// Decode reads an object into Velero's type of it.
func Decode[T any](from *kube.Object) (*T, error) {
	into := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(from.Object, into); err != nil {
		return nil, fmt.Errorf("decoding the %s %s/%s: %w", from.GetKind(), from.GetNamespace(), from.GetName(), err)
	}
	return into, nil
}

// Definition says what one resource is. M is its Model.
type Definition[M any] struct {
	Type    string    // without the provider's name: backup_schedule
	What    string    // in messages: backup schedule
	Concern string    // names the field manager
	Kind    kube.Kind // of the object

	Schema func() schema.Schema
	Common func(*M) *Common

	// Validate says what is wrong with a configuration, as far as that is known.
	Validate func(context.Context, *M) diag.Diagnostics

	// Plan completes a plan; prior is nil for one that creates. It asks the
	// cluster nothing. Optional.
	Plan func(ctx context.Context, plan, prior *M, resp *resource.ModifyPlanResponse)

	// Spec returns the object's spec with what the plan sets, and nothing else:
	// what is sent is owned. prior and live are nil when the object is created.
	Spec func(ctx context.Context, plan, prior *M, live *kube.Object) (map[string]any, diag.Diagnostics)

	// Read puts into the model what the object's spec says, of all or of what the
	// model has.
	Read func(ctx context.Context, live *kube.Object, model *M, all bool) diag.Diagnostics

	// State says what became of the object, as the configuration sees it.
	State func(m *M, live *kube.Object) (ready bool, message string)

	// Outcome puts into the model what else there is to say of it. Optional.
	Outcome func(live *kube.Object, m *M)

	// Judge says whether Velero's server has accepted a write that made live of
	// before, which is nil for a new object. A *Refusal ends the wait. again is
	// when to ask even if nothing happens.
	Judge func(m *M, before, live *kube.Object, written Written) (done bool, again time.Duration, err error)

	// Waiting says what is waited for, when the time is over.
	Waiting func(live *kube.Object) string

	// Note adds to what is written what only the cluster knows. before is nil for a
	// new object. Optional.
	Note func(ctx context.Context, cluster *kube.Cluster, object, before *kube.Object)

	// Notice warns of what only the cluster knows. Optional.
	Notice func(ctx context.Context, cluster *kube.Cluster, plan *M) diag.Diagnostics

	// Watch warns at each read of what only the cluster knows. Optional.
	Watch func(ctx context.Context, cluster *kube.Cluster, live *kube.Object, state *M) diag.Diagnostics

	// Explain adds to what Judge has against the object what only Velero's server
	// can tell. Optional.
	Explain func(ctx context.Context, cluster *kube.Cluster, live *kube.Object, refusal *Refusal)

	// Remove removes the object, where deleting it is not enough. Optional.
	Remove func(ctx context.Context, cluster *kube.Cluster, live *kube.Object) error

	// Expired reports whether an object that is not there any more has come to its
	// end by itself, which is no reason to make another one. Optional.
	Expired func(m *M) bool

	// ServerSets are fields of the spec that Velero's server sets by itself, and
	// that the configuration takes back when Spec sends them.
	ServerSets []string
}

// Written is a write that is waited for.
type Written struct {
	At      time.Time
	Changed bool // false if the object was like that already
}

// Refusal is what Velero's server has against an object.
type Refusal struct {
	At      path.Path // the attribute at fault
	Summary string
	Detail  string
}

func (e *Refusal) Error() string { return e.Summary + ": " + e.Detail }

// Resource is a resource by its definition.
type Resource[M any] struct {
	lifecycle.Resource
	Definition[M]
}

// New returns a resource.
func New[M any](d Definition[M]) resource.Resource { return &Resource[M]{Definition: d} }

var (
	_ resource.ResourceWithConfigure      = (*Resource[struct{}])(nil)
	_ resource.ResourceWithIdentity       = (*Resource[struct{}])(nil)
	_ resource.ResourceWithImportState    = (*Resource[struct{}])(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource[struct{}])(nil)
	_ resource.ResourceWithValidateConfig = (*Resource[struct{}])(nil)
)

// Metadata implements resource.Resource.
func (r *Resource[M]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.Type
	resp.ResourceBehavior = lifecycle.Behavior
}

// Schema implements resource.Resource.
func (r *Resource[M]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.Definition.Schema()
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource[M]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = lifecycle.IdentitySchema()
}

// ImportState implements resource.ResourceWithImportState.
func (r *Resource[M]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	lifecycle.ImportNamespaced(ctx, req, resp)
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *Resource[M]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config M
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.Validate(ctx, &config)...)
	}
}

// Read implements resource.Resource.
func (r *Resource[M]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state M
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace, name := r.place(&state)
	lifecycle.KeepIdentity(ctx, resp.Identity, namespace, name, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	// First of all: on another cluster, that there is nothing means nothing.
	lifecycle.SetIdentity(ctx, cluster, resp.Identity, namespace, name, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := cluster.Read(ctx, r.Kind, namespace, name)
	switch {
	case err != nil:
		lifecycle.AddError(&resp.Diagnostics, fmt.Sprintf("Can't read the %s %s/%s", r.What, namespace, name), err)
		return
	case live == nil && r.expired(&state):
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		return
	case live == nil, live.GetDeletionTimestamp() != nil:
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(r.flatten(ctx, live, &state)...)
	if r.Watch != nil {
		resp.Diagnostics.Append(r.Watch(ctx, cluster, live, &state)...)
	}
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

// Delete implements resource.Resource.
func (r *Resource[M]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state M
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := r.Common(&state).Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	namespace, name := r.place(&state)
	lifecycle.SetIdentity(ctx, cluster, req.Identity, namespace, name, &resp.Diagnostics) // not a namesake elsewhere
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := cluster.Find(ctx, r.Kind, namespace, name)
	if err == nil && live != nil {
		err = r.remove(ctx, cluster, live)
	}
	if err != nil {
		AddError(&resp.Diagnostics, fmt.Sprintf("Can't delete the %s %s/%s", r.What, namespace, name), err)
	}
}

func (r *Resource[M]) expired(m *M) bool { return r.Expired != nil && r.Expired(m) }

// remove deletes an object and waits until it is gone: one of the same name may
// be made next.
func (r *Resource[M]) remove(ctx context.Context, cluster *kube.Cluster, live *kube.Object) error {
	if r.Remove != nil {
		return r.Remove(ctx, cluster, live)
	}
	return cluster.Remove(ctx, r.Kind, live.GetNamespace(), live.GetName(), live.GetUID())
}

func (r *Resource[M]) place(m *M) (namespace, name string) {
	common := r.Common(m)
	return common.Namespace.ValueString(), common.Name.ValueString()
}
