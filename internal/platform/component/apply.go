package component

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// engine applies and removes one component.
type engine struct {
	cluster      *kube.Cluster
	component    string
	manager      string
	adopt        bool // take over what is nobody's
	force        bool // take over fields that others have set
	wait         bool
	deleteCRDs   bool
	forceDestroy bool
	requiredBy   []string // definitions whose objects need the component
}

// change is an apply under way.
type change struct {
	*engine
	set  *manifest.Set
	live map[manifest.ID]*kube.Object // as it was before, and then as it was written
	mu   sync.Mutex                   // of live and now
	now  *inventory

	dormant []dormant
}

// apply makes the cluster have a set of objects. before is what was noted last,
// or nil. It returns what is noted now, also with an error, once it has begun to
// write; warnings are for people.
func (e *engine) apply(ctx context.Context, set *manifest.Set, about about, before *inventory) (now *inventory, warnings []string, err error) {
	c := &change{engine: e, set: set}
	if err := c.prepare(ctx, before); err != nil {
		return nil, nil, err
	}
	if err := c.begin(ctx, about, before); err != nil {
		return nil, nil, err
	}
	for _, stage := range manifest.Stages {
		if err := c.stage(ctx, stage); err != nil {
			return c.now, nil, err
		}
	}
	if e.wait {
		if err := c.awaitJobs(ctx); err != nil {
			return c.now, nil, err
		}
	}
	warnings, err = c.prune(ctx)
	if err != nil {
		return c.now, warnings, err
	}
	c.now.phase = complete
	return c.now, warnings, e.save(ctx, c.now, "")
}

// prepare looks at what is there, and refuses what must not be written over.
// Nothing is written before.
func (c *change) prepare(ctx context.Context, before *inventory) error {
	live, err := c.survey(ctx, c.set, before)
	if err != nil {
		return err
	}
	c.live = live
	return c.refuse(ctx, c.set, live, before)
}

// survey resolves the kinds of a set's objects, and looks at those that are
// there.
func (e *engine) survey(ctx context.Context, set *manifest.Set, before *inventory) (map[manifest.ID]*kube.Object, error) {
	if err := e.resolve(ctx, set.Objects, false); err != nil {
		return nil, err
	}
	var places []place
	for _, object := range set.Objects {
		if object.Resource.Resource != "" {
			places = append(places, place{object.ID, object.Resource})
		}
	}
	return look(ctx, e.cluster, e.component, places, before != nil)
}

// resolve asks the cluster for the names of those kinds that neither Kubernetes
// nor the manifest brings. What it does not serve has no objects, and must be
// served by the time that one is written.
func (e *engine) resolve(ctx context.Context, objects []*manifest.Object, must bool) error {
	for _, object := range objects {
		if object.Resource.Resource != "" {
			continue
		}
		kind, namespaced, err := e.cluster.Served(ctx, object.GroupVersionKind())
		switch {
		case err != nil:
			return err
		case kind == nil && must:
			return &unservedKind{object}
		case kind == nil:
			continue
		case namespaced && object.Namespace == "":
			return &noNamespace{object}
		}
		object.Resource = *kind
	}
	return nil
}

// begin notes down what will be there during the apply: what is to come, and
// what was there before.
func (c *change) begin(ctx context.Context, about about, before *inventory) error {
	c.now = &inventory{component: c.component, phase: creating, about: about, fields: map[string][]byte{}}
	if before != nil {
		c.now.live, c.now.entries, c.now.fields = before.live, slices.Clone(before.entries), maps.Clone(before.fields)
		if before.phase != creating {
			c.now.phase = applying
		}
	}
	for _, object := range c.set.Objects {
		e := c.now.entry(object.ID)
		if e == nil {
			c.now.entries = append(c.now.entries, entry{ID: object.ID, Adopted: c.live[object.ID] != nil})
			e = &c.now.entries[len(c.now.entries)-1]
		}
		e.Version, e.Resource = object.Resource.Version, object.Resource.Resource
		e.Pending = e.Pending || !c.upToDate(object, e)
	}
	return c.save(ctx, c.now, "an apply is under way, or was interrupted")
}

func (e *engine) isOurs(object *kube.Object) bool {
	return object.GetLabels()[manifest.Label] == e.component
}

// upToDate reports whether an object needs no write: it is as it was applied
// last, and that is what is wanted.
func (c *change) upToDate(object *manifest.Object, e *entry) bool {
	if e.Pending || e.Digest != object.Digest {
		return false
	}
	live := c.live[object.ID]
	if live == nil {
		return isJob(object.ID) && e.Done
	}
	return live.GetDeletionTimestamp() == nil && fieldsDigest(kube.AppliedFields(live, c.manager)) == e.Fields
}

// stage writes the objects of a stage, and waits for what the next one needs.
func (c *change) stage(ctx context.Context, stage manifest.Stage) error {
	objects := c.set.Stage(stage)
	if stage == manifest.Customs {
		if err := c.resolveCustoms(ctx, objects); err != nil {
			return err
		}
	}
	if stage == manifest.Gates {
		// The workloads first: what the API server calls is among them.
		if c.wait {
			if err := c.awaitWorkloads(ctx); err != nil {
				return err
			}
		}
		if err := c.awaitEndpoints(ctx, objects); err != nil {
			return err
		}
	}
	if err := parallel(ctx, objects, c.put); err != nil {
		return err
	}
	switch {
	case stage == manifest.Definitions:
		return c.awaitEstablished(ctx, objects)
	case stage == manifest.Gates && c.wait:
		return c.awaitTrust(ctx, objects)
	}
	return nil
}

// put writes an object, unless it is as it should be.
func (c *change) put(ctx context.Context, object *manifest.Object) error {
	c.mu.Lock()
	e, live := c.now.entry(object.ID), c.live[object.ID]
	pending := e.Pending
	c.mu.Unlock()
	if !pending {
		return nil
	}
	written, err := c.write(ctx, object, live)
	if err != nil {
		return &objectError{object.ID, err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live[object.ID] = written
	c.now.note(object, kube.AppliedFields(written, c.manager))
	return nil
}

// finish notes down how far an apply that failed has come.
func (e *engine) finish(ctx context.Context, now *inventory, failed error) error {
	return e.save(ctx, now, problemOf(failed).Summary)
}

// aboutOf describes a component for its inventory.
func aboutOf(set *manifest.Set, m *Model, digest string, options manifest.Options) (about, error) {
	settings, err := json.Marshal(settingsOf(m, options))
	if err != nil {
		return about{}, err
	}
	inputs, err := inputsOf(digest, options)
	return about{Version: versionOf(set), Digest: digest, Inputs: inputs, Settings: settings, Ignored: set.Ignored}, err
}

// versionOf returns the version that most of the objects say they are of.
func versionOf(set *manifest.Set) string {
	counts := map[string]int{}
	for _, object := range set.Objects {
		if version := object.GetLabels()["app.kubernetes.io/version"]; version != "" {
			counts[version]++
		}
	}
	best := ""
	for _, version := range slices.Sorted(maps.Keys(counts)) {
		if counts[version] > counts[best] {
			best = version
		}
	}
	return strings.Trim(best, `"`)
}
