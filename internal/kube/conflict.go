package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
		part := Part{Path: steps(cause.Field, wanted.Object, live.Object)}
		conflict := Conflict{Field: cause.Field, Managers: OwnersOfPart(live, manager, part)}
		conflict.Live, _ = part.Within(live.Object)
		conflict.Wanted, _ = part.Within(wanted.Object)
		conflicts = append(conflicts, conflict)
	}
	return conflicts
}

// steps splits a field as the server writes it, such as
// .spec.volumes[name="logs"].emptyDir, into the steps of a Part's path.
func steps(field string, objects ...any) []string {
	var path []string
	keys, rest := fieldPath(field, objects...)
	for _, key := range keys {
		path = append(path, "f:"+key)
	}
	end := elementEnd(rest)
	if end < 0 {
		return path
	}
	path = append(path, elementStep(rest[1:end]))
	var below []any
	for _, object := range objects {
		if value, ok := (Part{Path: path}).Within(object); ok {
			below = append(below, value)
		}
	}
	return append(path, steps(rest[end+1:], below...)...)
}

// elementEnd returns where a text such as [name="a"].b closes its bracket, or -1
// if it begins with none.
func elementEnd(text string) int {
	if !strings.HasPrefix(text, "[") {
		return -1
	}
	quoted := false
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quoted:
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ']' && !quoted:
			return i
		}
	}
	return -1
}

// elementStep writes what the server has within brackets, such as name="a", ="a"
// or 1, as a step of a path: k:{"name":"a"}, v:"a" or i:1.
func elementStep(text string) string {
	if value, ok := strings.CutPrefix(text, "="); ok {
		return "v:" + value
	}
	keys := map[string]any{}
	for rest := text; strings.Contains(rest, "="); {
		name, value, _ := strings.Cut(rest, "=")
		decoder := json.NewDecoder(strings.NewReader(value))
		var decoded any
		if decoder.Decode(&decoded) != nil {
			break
		}
		keys[name] = decoded
		rest = strings.TrimPrefix(value[decoder.InputOffset():], ",")
	}
	encoded, err := json.Marshal(keys)
	if err != nil || len(keys) == 0 {
		return "i:" + text
	}
	return "k:" + string(encoded)
}

// fieldPath splits a field down to a list, and returns what follows. Keys may
// hold dots themselves, as an annotation's: only the objects tell where a key
// ends.
func fieldPath(field string, values ...any) (path []string, rest string) {
	var objects []map[string]any
	for _, value := range values {
		if object, ok := value.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	rest = field
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
	return path, rest
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
