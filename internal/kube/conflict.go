package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Conflict is one field that two managers set to different values.
type Conflict struct {
	Field    string   // as the server writes it, such as .metadata.labels.team
	Managers []string // the others that own it
	Live     any      // what is there
	Wanted   any      // what we want
}

// ConflictError is the refusal of an apply because other managers own some of
// its fields.
type ConflictError struct {
	Object    string // kind and name
	Conflicts []Conflict
}

func (e *ConflictError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s has fields that others have set to other values:", e.Object)
	for _, c := range e.Conflicts {
		fmt.Fprintf(&b, "\n  - %s, set by %s: it is %s, this configuration wants %s",
			c.Field, strings.Join(c.Managers, " and "), shown(c.Live), shown(c.Wanted))
	}
	return b.String()
}

func shown(value any) string {
	if value == nil {
		return "not set"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%v", value)
	}
	return string(text)
}

// Conflicts returns the fields that a server-side apply of wanted by a manager
// was refused for, or nil if err is something else. live is the object as it
// was before.
func Conflicts(err error, live, wanted *Object, manager string) []Conflict {
	var status apierrors.APIStatus
	if !apierrors.IsConflict(err) || !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var conflicts []Conflict
	for _, cause := range status.Status().Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		path := fieldPath(cause.Field, wanted.Object, live.Object)
		conflict := Conflict{Field: cause.Field, Managers: OwnersOf(live, manager, path...)}
		conflict.Live, _, _ = unstructured.NestedFieldNoCopy(live.Object, path...)
		conflict.Wanted, _, _ = unstructured.NestedFieldNoCopy(wanted.Object, path...)
		conflicts = append(conflicts, conflict)
	}
	return conflicts
}

// fieldPath splits a field as the server writes it, with keys that hold dots
// themselves, such as an annotation's: only the objects tell where a key ends.
// The path ends at a list, whose elements the server names by their content.
func fieldPath(field string, objects ...map[string]any) []string {
	var path []string
	rest := field
	for strings.HasPrefix(rest, ".") {
		key, _, _ := strings.Cut(rest[1:], ".")
		known := ""
		for _, object := range objects {
			for candidate := range object {
				if tail, ok := strings.CutPrefix(rest[1:], candidate); ok && len(candidate) > len(known) &&
					(tail == "" || tail[0] == '.' || tail[0] == '[') {
					known = candidate
				}
			}
		}
		if known != "" {
			key = known
		}
		path, rest = append(path, key), rest[1+len(key):]
		var below []map[string]any
		for _, object := range objects {
			if child, ok := object[key].(map[string]any); ok {
				below = append(below, child)
			}
		}
		objects = below
	}
	return path
}

// IsStale reports whether a write was refused because the object is not any
// more what was read: reading it again and writing again may succeed.
func IsStale(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsConflict(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details == nil || len(details.Causes) == 0
}
