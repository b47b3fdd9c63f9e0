// Package config is sls_platform_config: typed keys of the ConfigMaps that
// Knative Serving is configured by.
//
// A key is a row of a table: its name, what it means, and its type. See
// keys_….go, one for each ConfigMap. What is no table is domain.go, whose keys
// are the user's own.
package config

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
)

// Resource is sls_platform_config.
type Resource struct{ lifecycle.Resource }

var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
)

// concern names the field manager.
const concern = "platform-config"

// identity is what tells one sls_platform_config from another.
var identity = lifecycle.SingleIdentity{
	Attribute: "namespace", Description: "The namespace that Knative Serving is in.",
	Object: "The configuration of Knative Serving in", Example: defaultNamespace,
}

// New returns the resource.
func New() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_platform_config"
	resp.ResourceBehavior = lifecycle.Behavior
}

var schemaOnce = sync.OnceValue(func() schema.Schema { return configSchema(context.Background()) })

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schemaOnce()
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identity.Schema()
}

// ImportState implements resource.ResourceWithImportState.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	identity.Import(ctx, req, resp)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// importedKey is there, beside the state, from an import to the first write.
const importedKey = "imported"

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	namespace := state.Namespace.ValueString()
	identity.Keep(ctx, resp.Identity, namespace, &resp.Diagnostics)
	cluster := r.ClusterForRead(ctx, &resp.Diagnostics)
	if cluster == nil {
		return
	}
	// First of all: on another cluster, that there is nothing means nothing.
	identity.Set(ctx, cluster, resp.Identity, namespace, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	live, err := configMaps(ctx, cluster.Read, namespace)
	if err != nil {
		lifecycle.AddError(&resp.Diagnostics, "Can't read the configuration of Knative Serving in "+namespace, err)
		return
	}
	if len(live) == 0 {
		resp.State.RemoveResource(ctx)
		return
	}
	flat := flatten(&state, live, r.Platform.Manager(concern), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, flat)...)
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	identity.Set(ctx, cluster, resp.Identity, plan.Namespace.ValueString(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster, &plan)
	w.doing = "Can't configure Knative Serving in " + w.namespace
	w.takeover = plan.Adopt.ValueBool()
	wanted := plan.expand()
	var err error
	if w.stamp, err = hash(wanted); err != nil {
		w.addError(&resp.Diagnostics, err)
		return
	}
	live := w.read(ctx, &resp.Diagnostics)
	w.look(live, plan.Adopt.ValueBool(), &resp.Diagnostics)
	w.write(ctx, live, wanted, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state Model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	imported, problems := req.Private.GetKey(ctx, importedKey)
	resp.Diagnostics.Append(problems...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	identity.Set(ctx, cluster, resp.Identity, plan.Namespace.ValueString(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster, &plan)
	w.doing = "Can't change the configuration of Knative Serving in " + w.namespace
	w.takeover, w.before = imported != nil, state.expand()
	w.write(ctx, w.read(ctx, &resp.Diagnostics), plan.expand(), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return // what was written is written again by the next apply: the state stays
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state Model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	cluster := r.Cluster(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, problems := state.Timeouts.Delete(ctx, defaultTimeout)
	resp.Diagnostics.Append(problems...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer lifecycle.AddWarnings(&resp.Diagnostics, cluster)

	identity.Set(ctx, cluster, req.Identity, state.Namespace.ValueString(), &resp.Diagnostics) // not a namesake elsewhere
	if resp.Diagnostics.HasError() {
		return
	}
	w := r.writer(cluster, &state)
	w.doing = "Can't give back the configuration of Knative Serving in " + w.namespace
	w.before = state.expand()
	w.write(ctx, w.read(ctx, &resp.Diagnostics), nil, &resp.Diagnostics)
}

func (r *Resource) writer(cluster *kube.Cluster, m *Model) *writer {
	return &writer{
		cluster:   cluster,
		namespace: m.Namespace.ValueString(),
		manager:   r.Platform.Manager(concern),
		force:     m.ForceConflicts.ValueBool(),
	}
}

// flatten returns the model of what is on the cluster: of the keys that the
// configuration has, and of those that are ours although it does not have them,
// as after an apply that was killed. On import these are all that can be.
func flatten(prior *Model, live map[*section]*kube.Object, manager string, diags interface{ AddWarning(string, string) }) *Model {
	m := *prior
	importing := prior.none()
	ours := map[*section]map[string]bool{}
	some := false
	for _, s := range sections {
		ours[s] = ownKeys(live[s], manager)
		some = some || len(ours[s]) > 0
	}
	for _, s := range sections {
		before := s.content.expand(prior.value(s))
		value, problems := s.content.flatten(dataOf(live[s]), prior.value(s), func(key string) bool {
			_, configured := before[key]
			return configured || ours[s][key] || (importing && !some && s.content.knows(key))
		})
		m.setValue(s, value)
		for _, p := range problems {
			diags.AddWarning(fmt.Sprintf("%s has no value that can be read", s.named(p.key)),
				fmt.Sprintf("The key %s of the ConfigMap %s is %q: %s. Here it counts as not set.", p.key, s.configMap, p.value, p.problem))
		}
	}
	if importing {
		m.Adopt, m.ForceConflicts = types.BoolValue(false), types.BoolValue(false)
	}
	return &m
}
