package config

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// writer brings keys to the ConfigMaps of one namespace.
type writer struct {
	cluster   *kube.Cluster
	namespace string
	manager   string
	doing     string
	before    map[*section]map[string]string // what the state has
	force     bool                           // over anybody
	takeover  bool                           // over those who set keys before this configuration was there
	stamp     string                         // of a creation: the first write marks it as unfinished, and one more ends it
}

// read returns the ConfigMaps that exist, past every cache.
func (w *writer) read(ctx context.Context, diags *diag.Diagnostics) map[*section]*kube.Object {
	live, err := configMaps(ctx, w.cluster.Find, w.namespace)
	if err != nil {
		w.addError(diags, err)
	}
	return live
}

// write sets the wanted keys and gives back all others that are ours. After an
// error it does nothing.
//
// There are several ConfigMaps and no transaction. So each write is tried first:
// what can be refused is refused before the first one, and all that is refused is
// told at once.
func (w *writer) write(ctx context.Context, live map[*section]*kube.Object, wanted map[*section]map[string]string, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	changes := w.changes(wanted, live, diags)
	for _, c := range changes {
		c.validate(diags)
	}
	if diags.HasError() {
		return
	}
	for _, c := range changes {
		if !w.try(ctx, c, diags) {
			return
		}
	}
	if diags.HasError() {
		return
	}
	for i, c := range changes {
		stamp := ""
		if w.stamp != "" && i == 0 {
			stamp = unfinished
		}
		applied, err := w.apply(ctx, c, stamp)
		if err != nil {
			w.refuse(c, err, diags)
			return
		}
		c.left(applied, diags)
	}
	if w.stamp != "" && len(changes) > 0 {
		if _, err := w.apply(ctx, changes[0], w.stamp); err != nil {
			w.addError(diags, err)
		}
	}
}

// change is what becomes of one ConfigMap.
type change struct {
	*section
	manager string
	live    *kube.Object
	wanted  map[string]string
	given   []string // the keys that are ours, or were, and are not wanted any more
	force   bool
}

// changes returns what is to be done: for each ConfigMap that has wanted keys, or
// something of ours.
func (w *writer) changes(wanted map[*section]map[string]string, live map[*section]*kube.Object, diags *diag.Diagnostics) []*change {
	var changes []*change
	for _, s := range sections {
		c := &change{section: s, manager: w.manager, live: live[s], wanted: wanted[s], force: w.force}
		if c.live == nil {
			if len(c.wanted) > 0 {
				missing(s, w.namespace, diags)
			}
			continue
		}
		ours := ownKeys(c.live, w.manager)
		for key := range w.before[s] {
			ours[key] = true // unless somebody has taken it since
		}
		for _, key := range slices.Sorted(maps.Keys(ours)) {
			if _, kept := c.wanted[key]; !kept {
				c.given = append(c.given, key)
			}
		}
		if len(c.wanted) > 0 || len(c.given) > 0 || kube.Owned(c.live, w.manager) != nil {
			changes = append(changes, c)
		}
	}
	return changes
}

// missing tells of a ConfigMap that is not there. One made here would lack what a
// release puts in it, and Knative has no use for it where it is not installed.
func missing(s *section, namespace string, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root(s.attribute), fmt.Sprintf("There is no ConfigMap %s in %s", s.configMap, namespace),
		fmt.Sprintf("It comes with Knative Serving, which is not installed in the namespace %[1]s, or lacks it. Install Knative Serving first: if a sls_platform_component does, "+
			"let this resource depend on it. Or correct namespace = %[1]q.", namespace))
}

// validate has Knative's parser read the ConfigMap as it will be: with the keys of
// others, of which a plan knows nothing.
func (c *change) validate(diags *diag.Diagnostics) {
	if len(c.wanted) == 0 {
		return
	}
	others := dataOf(c.live)
	maps.DeleteFunc(others, func(key, _ string) bool {
		return slices.Contains(c.given, key) && len(kube.OwnersOf(c.live, c.manager, "data", key)) == 0
	})
	c.section.validate(c.wanted, others, diags)
}

// webhookPatience is how long Knative's webhook may be away. It has only just
// begun where Knative was installed by the same apply: its pod is ready, and the
// node of the API server does not lead there yet.
const webhookPatience = 10 * time.Second

// send applies a ConfigMap, and tries again while the webhook that is asked about
// it does not answer.
func (w *writer) send(ctx context.Context, object *kube.Object, options kube.ApplyOptions) (*kube.Object, error) {
	for began := time.Now(); ; {
		applied, err := w.cluster.Apply(ctx, configMapKind, object, options)
		if !apierrors.IsInternalError(err) || time.Since(began) > webhookPatience {
			return applied, err
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// try sends a change without effect, and reports whether it is worth trying the
// next one. Keys that others have set are told, or taken over.
func (w *writer) try(ctx context.Context, c *change, diags *diag.Diagnostics) bool {
	object := w.object(c, "")
	_, err := w.send(ctx, object, kube.ApplyOptions{Manager: w.manager, Force: c.force, DryRun: true})
	if err == nil {
		return true
	}
	conflicts := kube.Conflicts(err, c.live, object, w.manager)
	if len(conflicts) == 0 {
		w.refuse(c, err, diags)
		return false
	}
	for _, conflict := range conflicts {
		if !w.takeover || !kube.FromPredecessors(conflict.Managers) {
			w.addConflict(c, conflict, diags)
		}
	}
	c.force = true // if there is nothing against it
	return true
}

func (w *writer) apply(ctx context.Context, c *change, stamp string) (*kube.Object, error) {
	object := w.object(c, stamp)
	if c.force && !w.force {
		object.SetResourceVersion(c.live.GetResourceVersion()) // whose owners were looked at
	}
	applied, err := w.send(ctx, object, kube.ApplyOptions{Manager: w.manager, Force: c.force})
	if err == nil {
		c.live, c.force = applied, w.force // what was taken over is ours now
	}
	return applied, err
}

// object is a ConfigMap to apply: nothing but our keys. One without any has no
// data either: an empty map would be owned too.
func (w *writer) object(c *change, stamp string) *kube.Object {
	metadata := map[string]any{"namespace": w.namespace, "name": c.configMap}
	if stamp != "" {
		metadata["annotations"] = map[string]any{stampOf(w.manager): stamp}
	}
	object := map[string]any{"apiVersion": configMapKind.APIVersion(), "kind": configMapKind.Name, "metadata": metadata}
	if len(c.wanted) > 0 {
		data := map[string]any{}
		for key, value := range c.wanted {
			data[key] = value
		}
		object["data"] = data
	}
	return &kube.Object{Object: object}
}

// left warns of keys that were given back and that are there still, because
// somebody else has set them too.
func (c *change) left(applied *kube.Object, diags *diag.Diagnostics) {
	now := dataOf(applied)
	for _, key := range c.given {
		if value, there := now[key]; there {
			diags.AddWarning(fmt.Sprintf("%s stays as it is", c.named(key)),
				fmt.Sprintf("This configuration does not manage the key %s of the ConfigMap %s any more, but %s has set it: it still is %q. Remove it there if Knative's default is meant.",
					key, c.configMap, strings.Join(kube.OwnersOf(applied, c.manager, "data", key), " and "), value))
		}
	}
}
