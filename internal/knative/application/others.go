package application

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"knative.dev/pkg/apis"
	"knative.dev/serving/pkg/apis/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// keptAnnotation names, on a Service, what others have put into those fields of
// its template that the API treats as one value, and that we have written since:
// from then on the field is ours, and nothing else would tell what in it is not.
const keptAnnotation = serving.Group + "/kept-from-others"

// others is what others have in the template of a Service. It is plain data, so
// that a plan can be made from what the last refresh has seen.
type others struct {
	// Parts are theirs alone: the API knows who owns each of them.
	Parts []kube.Part `json:"parts,omitempty"`
	// Shared are fields of the pod, such as containers, that the API treats as
	// one value, as they are now, into which others have written.
	Shared map[string]any `json:"shared,omitempty"`
	// Kept is what is others' in those of the shared fields that we have written
	// last; all that is not ours is theirs in the rest.
	Kept map[string][]string `json:"kept,omitempty"`
	// Inheritable are those of the parts that only predecessors own: the first write
	// after an import makes them ours.
	Inheritable []kube.Part `json:"inheritable,omitempty"`
	// Managers are those who have written the shared fields last.
	Managers map[string][]string `json:"-"`
}

// othersOf returns what others than the manager have in a Service's template.
func othersOf(service *kube.Object, manager string) others {
	o := others{Shared: map[string]any{}, Kept: map[string][]string{}, Managers: map[string][]string{}}
	for _, part := range kube.PartsOfOthers(service, manager, "spec", "template") {
		switch {
		case reservedPart(part.Path):
		case isShared(part):
			name := strings.TrimPrefix(part.Path[1], "f:")
			o.Shared[name] = part.Value
			o.Managers[name] = kube.OwnersOf(service, manager, "spec", "template", "spec", name)
		default:
			o.Parts = append(o.Parts, part)
		}
	}
	pod, _ := field(service, "spec", "template", "spec").(map[string]any)
	for _, at := range keptBefore(service) {
		name := topField(at)
		if _, theirs := o.Managers[name]; !theirs && pod[name] != nil {
			o.Shared[name] = pod[name]
			o.Kept[name] = append(o.Kept[name], at)
		}
	}
	return o
}

// inheritable returns those of the parts that only predecessors own.
func (o others) inheritable(service *kube.Object, manager string, predecessors ...string) (parts []kube.Part) {
	for _, part := range o.Parts {
		if kube.FromPredecessors(kube.OwnersOfPart(service, manager, part, "spec", "template"), predecessors...) {
			parts = append(parts, part)
		}
	}
	return parts
}

// inherited returns what is left to others once we have inherited what the base, which
// an import has read, has of theirs.
func (o others) inherited(base map[string]any) others {
	o.Parts = slices.DeleteFunc(slices.Clone(o.Parts), func(part kube.Part) bool {
		_, ours := part.Within(base)
		return ours && slices.ContainsFunc(o.Inheritable, func(of kube.Part) bool { return slices.Equal(of.Path, part.Path) })
	})
	return o
}

func (o others) none() bool { return len(o.Parts) == 0 && len(o.Shared) == 0 }

// isShared reports whether a part is a list or map of the pod as a whole.
func isShared(part kube.Part) bool {
	if len(part.Path) != 2 || part.Path[0] != "f:spec" {
		return false
	}
	switch part.Value.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

// reservedPart reports whether a part says nothing of what a revision runs: its
// name, and what tools note down for themselves. Scaling is the revision's.
func reservedPart(path []string) bool {
	if len(path) < 2 || path[0] != "f:metadata" {
		return false
	}
	var reserved []string
	switch path[1] {
	case "f:labels":
		reserved = reservedLabels
	case "f:annotations":
		reserved = reservedAnnotations
	default:
		return true
	}
	return len(path) < 3 || slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(path[2], "f:"+prefix) })
}

// keptBefore returns the fields that an earlier write has noted down.
func keptBefore(service *kube.Object) (fields []string) {
	if json.Unmarshal([]byte(service.GetAnnotations()[keptAnnotation]), &fields) != nil {
		return nil
	}
	return fields
}

// topField returns the field of the pod that a field such as .containers[log]
// is in.
func topField(at string) string {
	at = strings.TrimPrefix(at, ".")
	if end := strings.IndexAny(at, ".["); end >= 0 {
		return at[:end]
	}
	return at
}

// mergedTemplate is a template of ours merged with what others have in the live
// one.
type mergedTemplate struct {
	// template is what to send: ours, and what is others' in the shared fields.
	template map[string]any
	// theirs is what others have that is not in ours, wherever it is, by field:
	// the revision has it too.
	theirs []kube.Part
	// kept are the fields of theirs that the API does not know as theirs.
	kept      []string
	conflicts []kube.Conflict
	shared    []string // the fields of the pod that were merged
}

// revisionName names the revision: by our content alone, as it is planned where
// nobody else has anything in the template, or else by all of it, so that equal
// content still is the same revision, and other content another one.
func (m mergedTemplate) revisionName(want *desired) (string, error) {
	if len(m.theirs) == 0 {
		return want.revision, nil
	}
	return RevisionName(want.name, want.version, []any{want.template, m.theirs})
}

// sent returns the template to send. Going back to an earlier one, its revision
// holds the defaults of its own time, and Knative takes it up again only if they
// are the same. What others have in it they have in the live template too.
func (m mergedTemplate) sent(revision *kube.Object) map[string]any {
	if revision == nil {
		return m.template
	}
	template := runtime.DeepCopyJSON(m.template)
	template["spec"] = runtime.DeepCopyJSON(revision.Object)["spec"]
	for _, part := range m.theirs {
		part.Remove(template)
	}
	return template
}

// holds reports whether a field of the Service was merged with what others have.
func (m mergedTemplate) holds(at string) bool {
	name, ok := strings.CutPrefix(at, ".spec.template.spec.")
	return ok && slices.Contains(m.shared, name)
}

// merge merges a template of ours into the live one. base is what we wanted the
// last time, or nil.
func (o others) merge(base, wanted map[string]any) mergedTemplate {
	merged := mergedTemplate{template: wanted}
	for _, part := range o.Parts {
		part = wholeElement(part, wanted)
		if _, ours := part.Within(wanted); !ours {
			merged.theirs = append(merged.theirs, part)
		}
	}
	merged.theirs = slices.CompactFunc(merged.theirs, func(a, b kube.Part) bool { return slices.Equal(a.Path, b.Path) })
	basePod, wantedPod := podOf(base), podOf(wanted)
	var names []string // of the fields that hold something of ours
	for _, name := range slices.Sorted(maps.Keys(o.Shared)) {
		if basePod[name] != nil || wantedPod[name] != nil || len(o.Kept[name]) > 0 {
			names = append(names, name)
			continue
		}
		merged.theirs = append(merged.theirs, kube.Part{Path: []string{"f:spec", "f:" + name}, Value: o.Shared[name]})
	}
	if len(names) == 0 {
		return merged
	}
	merged.shared = names
	o.mergeShared(&merged, names, base, wanted)
	return merged
}

// mergeShared merges fields that the API treats as one value.
func (o others) mergeShared(merged *mergedTemplate, names []string, base, wanted map[string]any) {
	own := servingContainer(map[string]any{"spec": o.Shared})
	of := func(template map[string]any) map[string]any { return o.fields(names, podOf(template), own) }
	merging := kube.Merge{Wanted: of(wanted), Live: pick(o.Shared, names), Theirs: func(at string) bool {
		kept, ours := o.Kept[topField(at)] // written by us last
		return !ours || slices.Contains(kept, at)
	}}
	filled := wanted
	if base != nil {
		merging.Base, filled = of(base), base
	}
	merging.Filled = of(filledIn(filled, own))
	result := merging.Do()

	merged.template = runtime.DeepCopyJSON(wanted)
	pod := podOf(merged.template)
	values, _ := result.Value.(map[string]any)
	for name, value := range values {
		// One that is empty is sent only to take what was ours out of it.
		if pod[name] != nil || !empty(value) || len(o.Managers[name]) > 0 {
			pod[name] = value
		}
	}
	for _, at := range slices.Sorted(maps.Keys(result.Kept)) {
		merged.kept = append(merged.kept, at)
		merged.theirs = append(merged.theirs, kube.Part{Path: []string{at}, Value: result.Kept[at]})
	}
	for _, conflict := range result.Conflicts {
		if managers := o.Managers[topField(conflict.Field)]; len(managers) > 0 { // else it is ours to change
			conflict.Field, conflict.Managers = ".spec.template.spec"+conflict.Field, managers
			merged.conflicts = append(merged.conflicts, conflict)
		}
	}
}

// fields returns fields of a pod of ours. What it does not have is there, and
// empty, for what others have put beside it to stay.
func (o others) fields(names []string, pod, own map[string]any) map[string]any {
	fields := map[string]any{}
	for _, name := range names {
		_, isList := o.Shared[name].([]any)
		switch value := pod[name]; {
		case value != nil && name == "containers":
			// The one container that may go without a name is the one that serves.
			fields[name] = named(value, own)
		case value != nil:
			fields[name] = value
		case isList:
			fields[name] = []any{}
		default:
			fields[name] = map[string]any{}
		}
	}
	return fields
}

func pick(from map[string]any, names []string) map[string]any {
	picked := map[string]any{}
	for _, name := range names {
		picked[name] = from[name]
	}
	return picked
}

func empty(value any) bool {
	switch value := value.(type) {
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return value == nil
}

// wholeElement returns, of a part within an element of a list that a template of
// ours does not have at all, that element.
func wholeElement(part kube.Part, wanted map[string]any) kube.Part {
	for i, step := range part.Path {
		element := kube.Part{Path: part.Path[:i+1]}
		if _, ours := element.Within(wanted); !ours && strings.HasPrefix(step, "k:") {
			return element
		}
	}
	return part
}

// filledIn returns a template as Knative fills it in, where the platform's
// settings are Knative's own; own is the container that serves, as it is there.
func filledIn(template, own map[string]any) map[string]any {
	filled := fill(template, config.Disabled)
	for _, secure := range []config.Flag{config.AllowRootBounded, config.Enabled} {
		if other := fill(template, secure); own["securityContext"] != nil &&
			equality.Semantic.DeepEqual(servingContainer(other)["securityContext"], own["securityContext"]) {
			filled = other
		}
	}
	return filled
}

func fill(template map[string]any, secure config.Flag) map[string]any {
	typed := &servingv1.RevisionTemplateSpec{}
	if runtime.DefaultUnstructuredConverter.FromUnstructured(template, typed) != nil {
		return template
	}
	typed.SetDefaults(apis.WithinCreate(platformContext(secure)))
	filled, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return template
	}
	return filled
}

func podOf(template map[string]any) map[string]any {
	pod, _ := template["spec"].(map[string]any)
	return pod
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

// keptFields returns what an earlier write has kept, as it is now.
func (o others) keptFields() (fields []string) {
	for _, name := range slices.Sorted(maps.Keys(o.Kept)) {
		fields = append(fields, o.Kept[name]...)
	}
	return fields
}
