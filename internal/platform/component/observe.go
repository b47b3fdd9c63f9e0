package component

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// observed is what a refresh sees of a component.
type observed struct {
	objects map[string]string // by name: the digest of what it should be, or how it drifted
	waiting []string          // what is not ready, in sentences
}

// observe compares a component's objects with what was noted of them.
func observe(ctx context.Context, cluster *kube.Cluster, noted *inventory, manager string) (*observed, error) {
	live, err := look(ctx, cluster, noted.component, noted.places(), true)
	if err != nil {
		return nil, err
	}
	seen := &observed{objects: map[string]string{}}
	for at := range noted.entries {
		e := &noted.entries[at]
		object := live[e.ID]
		drift := driftOf(e, noted, object, manager)
		if drift == "" {
			drift = e.Digest
		}
		seen.objects[e.String()] = drift
		if object != nil && e.stage() == manifest.Workloads {
			if state := assess(object); state.phase != running {
				seen.waiting = append(seen.waiting, fmt.Sprintf("%s: %s", e.ID, state.message))
			}
		}
	}
	return seen, nil
}

// driftOf tells how an object differs from what was applied, or returns "".
func driftOf(e *entry, noted *inventory, object *kube.Object, manager string) string {
	switch {
	case e.Pending:
		return "not applied yet: an apply was interrupted"
	case object == nil && (e.Done || isJob(e.ID)):
		return "" // it ran, and somebody, or its own time to live, has cleaned up
	case object == nil:
		return "missing"
	case object.GetDeletionTimestamp() != nil:
		return "being deleted"
	}
	current := kube.AppliedFields(object, manager)
	if fieldsDigest(current) == e.Fields {
		return ""
	}
	return describe(lost(noted.fields[e.String()], current, noted.ignored().Of(e.ID)), object, manager)
}

func isJob(id manifest.ID) bool { return id.Group == "batch" && id.Kind == "Job" }

// ignored returns the rules of the fields that others may take over.
func (i *inventory) ignored() manifest.Ignored { return manifest.WithBuiltIn(i.about.Ignored) }

// lost returns the fields that were ours and no longer are.
func lost(before, now []byte, ignored manifest.Patterns) [][]string {
	still := map[string]bool{}
	for _, path := range kube.FieldPaths(now) {
		still[strings.Join(path, "\x00")] = true
	}
	return slices.DeleteFunc(kube.FieldPaths(before), func(path []string) bool {
		return still[strings.Join(path, "\x00")] || ignored.Match(path)
	})
}

// shownFields is how many fields of an object a plan names.
const shownFields = 3

// describe tells who has changed which fields.
func describe(fields [][]string, object *kube.Object, manager string) string {
	by := map[string][]string{}
	for _, path := range fields {
		who := "removed"
		if owners := kube.FieldOwners(object, manager, path); len(owners) > 0 {
			who = "changed by " + strings.Join(owners, " and ")
		}
		by[who] = append(by[who], kube.FieldName(path))
	}
	var parts []string
	for _, who := range slices.Sorted(maps.Keys(by)) {
		names := by[who]
		text := who + ": " + strings.Join(names[:min(shownFields, len(names))], ", ")
		if more := len(names) - shownFields; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// flatten puts what was seen into the model.
func flatten(noted *inventory, seen *observed, m *Model) {
	m.Objects = stringMap(seen.objects)
	m.SourceDigest = types.StringValue(noted.about.Digest)
	message := ""
	switch {
	case noted.phase != complete:
		message = "an apply of the component was not finished"
		if text, _, _ := unstructured.NestedString(noted.live.Object, "data", "message"); text != "" {
			message = text
		}
	case len(seen.waiting) > 0:
		message = seen.waiting[0]
		if more := len(seen.waiting) - 1; more > 0 {
			message += fmt.Sprintf(" (and %d more)", more)
		}
	}
	setReady(m, message)
}

func setReady(m *Model, message string) {
	m.Ready, m.StatusMessage = types.BoolValue(message == ""), types.StringNull()
	if message != "" {
		m.StatusMessage = types.StringValue(message)
	}
}
