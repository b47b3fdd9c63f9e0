package application

import (
	"context"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// attempts is how often a write is tried whose object changes under it.
const attempts = 5

// writer writes applications to a cluster.
type writer struct {
	cluster     *kube.Cluster
	application string // field manager of the Service
	scaling     string // field manager of the revisions' annotations
	traffic     string // field manager of the Service's traffic
	force       bool
	manual      bool // a new revision gets no traffic
}

// change is one write of an application.
type change struct {
	want *desired
	// live is the Service as it is; nil if there is none.
	live *kube.Object
	// applied is the template as we last wrote it; nil if that is not known.
	applied map[string]any
	// base is what a merge with others' changes goes out from: applied, or what
	// an import has read.
	base map[string]any
	// sameTemplate says that what the template is made of has not changed. The
	// live template then stays as it is, whoever wrote it.
	sameTemplate bool
	// was is the scaling that the state knows; nil on create.
	was map[string]string
	// stamp marks a creation that is not finished.
	stamp string
}

// write applies a change and returns the Service as the server has it now. A
// merge with what others have set holds for what was read; when the Service has
// changed since, be it by a controller's status, it is read and merged again.
func (w *writer) write(ctx context.Context, c change) (*kube.Object, error) {
	for attempt := 1; ; attempt++ {
		service, err := w.writeOnce(ctx, c)
		if attempt == attempts || !kube.IsStale(err) {
			return service, err
		}
		if c.live, err = w.cluster.Get(ctx, services, c.want.namespace, c.want.name); err != nil {
			return nil, err
		}
	}
}

func (w *writer) writeOnce(ctx context.Context, c change) (*kube.Object, error) {
	if c.live == nil {
		object := c.want.object(c.want.template, c.want.revision, c.want.scaling)
		stamp(object, c.stamp)
		return w.cluster.Apply(ctx, services, object, kube.ApplyOptions{Manager: w.application, Force: w.force})
	}
	var revision *kube.Object // the one that the change leads to, if it exists already
	var object *kube.Object
	liveRevision, _, _ := unstructured.NestedString(c.live.Object, "spec", "template", "metadata", "name")
	same := c.sameTemplate || (liveRevision != "" && liveRevision == c.want.revision)
	if same {
		object = w.keepTemplate(c)
	} else {
		var err error
		if revision, err = w.ownRevision(ctx, c); err != nil {
			return nil, err
		}
		if w.manual {
			if c.live, err = w.pin(ctx, c.live); err != nil {
				return nil, err
			}
		}
		object = newTemplate(c, revision)
	}
	stamp(object, c.stamp)
	service, err := w.apply(ctx, c, object)
	if err == nil && (same || revision != nil) {
		err = w.scale(ctx, c, revision, currentRevision(service))
	}
	return service, err
}

// keepTemplate returns the Service to apply when its template does not change.
// Knative compares a template whose name stays with the live one, defaults and
// all, and refuses any difference; so what we own of it goes back as it is.
func (w *writer) keepTemplate(c change) *kube.Object {
	object := c.want.object(c.want.template, "", nil)
	owned := kube.Owned(c.live, w.application)
	template, _, _ := unstructured.NestedMap(owned, "spec", "template")
	if template == nil {
		// Never written by us: an import, or everything taken over by others.
		delete(object.Object, "spec")
		return object
	}
	object.Object["spec"] = map[string]any{"template": template}
	return object
}

// newTemplate returns the Service to apply when its template changes.
func newTemplate(c change, revision *kube.Object) *kube.Object {
	template := c.want.template
	if c.want.revision == "" { // CI's image stays
		template = runtime.DeepCopyJSON(template)
		setImage(template, imageOf(c.live))
	}
	if revision != nil {
		// Going back to an earlier template: its revision holds the defaults of
		// its own time, and Knative takes it up again only if they are the same.
		template = runtime.DeepCopyJSON(template)
		template["spec"] = runtime.DeepCopyJSON(revision.Object)["spec"]
	}
	return c.want.object(template, c.want.revision, c.want.scaling)
}

// ownRevision returns the revision that the wanted template was before, or nil
// if it is new.
func (w *writer) ownRevision(ctx context.Context, c change) (*kube.Object, error) {
	if c.want.revision == "" {
		return nil, nil
	}
	revision, err := w.cluster.Find(ctx, revisions, c.want.namespace, c.want.revision)
	if err != nil {
		return nil, fmt.Errorf("looking for the revision %s: %w", c.want.revision, err)
	}
	if revision == nil || revision.GetLabels()[serviceLabel] != c.want.name || revision.GetDeletionTimestamp() != nil {
		return nil, nil
	}
	return revision, nil
}

// apply applies the Service. Containers are one field to the API: when somebody
// else owns that field, what they added stays, and only a value that both of us
// set is a conflict.
func (w *writer) apply(ctx context.Context, c change, object *kube.Object) (*kube.Object, error) {
	// Not by force, even where it is allowed: that would replace containers whole.
	service, err := w.cluster.Apply(ctx, services, object, kube.ApplyOptions{Manager: w.application})
	conflicts := kube.Conflicts(err, c.live, object, w.application)
	if len(conflicts) == 0 {
		return service, err
	}
	var refused []kube.Conflict
	for _, conflict := range conflicts {
		switch {
		case conflict.Field == ".spec.template.spec.containers":
			refused = append(refused, w.mergeContainers(c, object)...)
		case conflict.Field == ".spec.template.metadata.name": // ours to give: it says what the template is
		case c.applied == nil && kube.FromPredecessors(conflict.Managers):
		default:
			refused = append(refused, conflict)
		}
	}
	if len(refused) > 0 && !w.force {
		return nil, &kube.ConflictError{Object: "Service " + c.want.namespace + "/" + c.want.name, Conflicts: refused}
	}
	object.SetResourceVersion(c.live.GetResourceVersion()) // what we merged with must still be there
	return w.cluster.Apply(ctx, services, object, kube.ApplyOptions{Manager: w.application, Force: true})
}

var containersPath = []string{"spec", "template", "spec", "containers"}

// mergeContainers merges the live containers into the object's.
func (w *writer) mergeContainers(c change, object *kube.Object) []kube.Conflict {
	live, _, _ := unstructured.NestedFieldNoCopy(c.live.Object, containersPath...)
	wanted, _, _ := unstructured.NestedFieldNoCopy(object.Object, containersPath...)
	before, _, _ := unstructured.NestedFieldNoCopy(c.base, containersPath[2:]...)
	if template, ok := field(c.live, containersPath[:2]...).(map[string]any); ok {
		// The one container that may go without a name is the one that serves.
		before, wanted = named(before, servingContainer(template)), named(wanted, servingContainer(template))
	}
	merged, conflicts := kube.Merge(before, wanted, live)
	for i := range conflicts {
		conflicts[i].Field = ".spec.template.spec.containers" + conflicts[i].Field
		conflicts[i].Managers = kube.OwnersOf(c.live, w.application, containersPath...)
	}
	if spec, ok := field(object, containersPath[:3]...).(map[string]any); ok {
		spec["containers"] = merged
	}
	return conflicts
}

// named returns a list of one unnamed container with the name of another.
func named(containers any, like map[string]any) any {
	list, ok := containers.([]any)
	if !ok || len(list) != 1 {
		return containers
	}
	container, ok := list[0].(map[string]any)
	if !ok || container["name"] != nil || like["name"] == nil {
		return containers
	}
	container = maps.Clone(container)
	container["name"] = like["name"]
	return []any{container}
}

func field(object *kube.Object, path ...string) any {
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
	return value
}

// stamp marks a Service whose creation is not finished.
func stamp(object *kube.Object, hash string) {
	if hash != "" {
		annotations := object.GetAnnotations()
		annotations[createStamp] = hash
		object.SetAnnotations(annotations)
	}
}
