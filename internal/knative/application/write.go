package application

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	knative "knative.dev/serving/pkg/apis/serving"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// attempts is how often a write is tried whose object changes under it.
const attempts = 5

// errChanged says that a revision can't be taken up again as planned: with what
// others have put into the template since, it would be another one.
var errChanged = errors.New("somebody has changed the Knative Service since it was planned; plan again")

// writer writes applications to a cluster.
type writer struct {
	cluster     *kube.Cluster
	application string // field manager of the Service
	scaling     string // field manager of the revisions' annotations
	traffic     string // field manager of the Service's traffic
	// predecessors are managers whose fields the first write takes over, besides
	// those that are known.
	predecessors []string
	force        bool
	manual       bool // a new revision gets no traffic
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
	// inherits is the Service that an import has read, as far as it is ours from then
	// on; nil once we have written it. What predecessors own of it becomes ours first.
	inherits *kube.Object
	// sameTemplate says that what the template is made of has not changed. The
	// live template then stays as it is, whoever wrote it.
	sameTemplate bool
	// was is the scaling that the state knows; nil on create.
	was map[string]string
	// planned is the revision that the plan has named, if it has.
	planned string
	// create says that the plan did not look at what is live: if there is
	// something, others' parts in it may make it another revision than planned.
	create bool
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
		if c.live, err = w.cluster.Get(ctx, serving.Services, c.want.namespace, c.want.name); err != nil {
			return nil, err
		}
	}
}

func (w *writer) writeOnce(ctx context.Context, c change) (*kube.Object, error) {
	if c.live == nil {
		object := c.want.object(c.want.template, c.want.revision, c.want.scaling)
		stamp(object, c.stamp)
		return w.cluster.Apply(ctx, serving.Services, object, kube.ApplyOptions{Manager: w.application, Force: w.force})
	}
	if err := w.inherit(ctx, &c); err != nil {
		return nil, err
	}
	theirs := othersOf(c.live, w.application)
	var revision *kube.Object // the one that the change leads to, if it exists already
	var object *kube.Object
	var merged mergedTemplate
	kept := theirs.keptFields()
	liveRevision, _, _ := unstructured.NestedString(c.live.Object, "spec", "template", "metadata", "name")
	same := c.sameTemplate || (liveRevision != "" && liveRevision == cmp.Or(c.planned, c.want.revision))
	if same {
		object = w.keepTemplate(c)
	} else {
		merged = theirs.merge(c.base, ownTemplate(c))
		kept = merged.kept
		name, existing, err := w.target(ctx, c, merged)
		if err != nil {
			return nil, err
		}
		revision = existing
		if w.manual {
			if c.live, err = w.pin(ctx, c.live); err != nil {
				return nil, err
			}
		}
		object = c.want.object(merged.sent(revision), name, c.want.scaling)
		if !theirs.none() {
			object.SetResourceVersion(c.live.GetResourceVersion()) // what we merged with must still be there
		}
	}
	stamp(object, c.stamp)
	noteKept(object, kept)
	service, err := w.apply(ctx, c, object, merged, same)
	if err == nil && (same || revision != nil) {
		err = w.scale(ctx, c, revision, serving.CurrentRevision(service))
	}
	return service, err
}

// inherit makes ours what an import has read and predecessors own, so that it can be
// changed and removed as all that we have written. Those fields of the pod stay with
// them that the API treats as one value: what in those is ours, a merge finds.
func (w *writer) inherit(ctx context.Context, c *change) error {
	if c.inherits == nil {
		return nil
	}
	live, err := w.cluster.Inherit(ctx, serving.Services, c.live, w.application,
		func(manager string) bool { return kube.FromPredecessors([]string{manager}, w.predecessors...) },
		func(part kube.Part) bool {
			_, ours := part.Within(c.inherits.Object)
			return ours && (len(part.Path) < 3 || !isShared(kube.Part{Path: part.Path[2:], Value: part.Value}))
		})
	if err == nil {
		c.live = live
	}
	return err
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

// ownTemplate returns the template that we want; where CI deploys the images,
// with CI's.
func ownTemplate(c change) map[string]any {
	template := c.want.template
	if c.want.revision == "" {
		template = runtime.DeepCopyJSON(template)
		setImage(template, imageOf(c.live))
	}
	return template
}

// target returns the name of the revision that a change leads to, and that
// revision, if it is there already: the planned one, else that of the content.
func (w *writer) target(ctx context.Context, c change, merged mergedTemplate) (string, *kube.Object, error) {
	if c.want.revision == "" {
		return "", nil, nil
	}
	byContent, err := merged.revisionName(c.want)
	if err != nil {
		return "", nil, err
	}
	name := cmp.Or(c.planned, byContent)
	revision, err := w.ownRevision(ctx, c, name)
	switch {
	case err != nil || revision == nil || name == byContent:
		return name, revision, err
	case !c.create:
		return "", nil, errChanged
	}
	revision, err = w.ownRevision(ctx, c, byContent)
	return byContent, revision, err
}

// ownRevision returns the revision that the wanted template was before, or nil
// if it is new.
func (w *writer) ownRevision(ctx context.Context, c change, name string) (*kube.Object, error) {
	revision, err := w.cluster.Find(ctx, serving.Revisions, c.want.namespace, name)
	if err != nil {
		return nil, fmt.Errorf("looking for the revision %s: %w", name, err)
	}
	if revision == nil || revision.GetLabels()[knative.ServiceLabelKey] != c.want.name || revision.GetDeletionTimestamp() != nil {
		return nil, nil
	}
	return revision, nil
}

// apply applies the Service. Where somebody else owns a field that the API
// treats as one value, what they added stays, and only a value that both of us
// set is a conflict.
func (w *writer) apply(ctx context.Context, c change, object *kube.Object, merged mergedTemplate, same bool) (*kube.Object, error) {
	// Not by force, even where it is allowed: first it must be known of what.
	service, err := w.cluster.Apply(ctx, serving.Services, object, kube.ApplyOptions{Manager: w.application})
	conflicts := kube.Conflicts(err, c.live, object, w.application)
	if len(conflicts) == 0 {
		return service, err
	}
	refused := merged.conflicts
	for _, conflict := range conflicts {
		inTemplate := strings.HasPrefix(conflict.Field, ".spec.template.")
		switch {
		case inTemplate && same: // it has changed since it was read, which the server will tell
		case inTemplate && merged.holds(conflict.Field):
		case conflict.Field == ".spec.template.metadata.name": // ours to give: it says what the template is
		case c.applied == nil && kube.FromPredecessors(conflict.Managers, w.predecessors...):
		default:
			refused = append(refused, conflict)
		}
	}
	if len(refused) > 0 && !w.force {
		return nil, &kube.ConflictError{Object: "Service " + c.want.namespace + "/" + c.want.name, Conflicts: refused}
	}
	object.SetResourceVersion(c.live.GetResourceVersion()) // what was looked at must still be there
	return w.cluster.Apply(ctx, serving.Services, object, kube.ApplyOptions{Manager: w.application, Force: true})
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

// noteKept notes down what the write keeps of others' in fields that are ours
// from then on.
func noteKept(object *kube.Object, fields []string) {
	if len(fields) == 0 {
		return
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return // strings can be encoded
	}
	annotations := object.GetAnnotations()
	annotations[keptAnnotation] = string(text)
	object.SetAnnotations(annotations)
}
