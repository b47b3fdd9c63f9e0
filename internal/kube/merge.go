package kube

import (
	"fmt"
	"reflect"
)

// Merge merges what is wanted into what is live, for a part of an object that
// the API treats as one field although several parties write into it, such as
// the containers of a pod. base is what we wanted the last time, or nil:
//
//   - what only others have set stays;
//   - what we wanted before and do not want any more goes;
//   - what we want is set. It is a conflict if somebody else has changed it
//     since the last time to a third value.
//
// Elements of lists are told apart by name (and mounts by path).
func Merge(base, wanted, live any) (merged any, conflicts []Conflict) {
	m := merger{}
	return m.value("", base, wanted, live), m.conflicts
}

type merger struct{ conflicts []Conflict }

func (m *merger) value(at string, base, wanted, live any) any {
	if live == nil {
		return wanted
	}
	switch wanted := wanted.(type) {
	case map[string]any:
		if live, ok := live.(map[string]any); ok {
			base, _ := base.(map[string]any)
			return m.fields(at, base, wanted, live)
		}
	case []any:
		if live, ok := live.([]any); ok {
			base, _ := base.([]any)
			if key := elementKey(wanted, live); key != "" {
				return m.elements(at, key, base, wanted, live)
			}
		}
	}
	if base != nil && !reflect.DeepEqual(live, wanted) && !reflect.DeepEqual(live, base) {
		m.conflicts = append(m.conflicts, Conflict{Field: at, Live: live, Wanted: wanted})
	}
	return wanted
}

func (m *merger) fields(at string, base, wanted, live map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range live {
		_, wantedNow := wanted[key]
		_, wantedBefore := base[key]
		if !wantedNow && !wantedBefore {
			merged[key] = value
		}
	}
	for key, value := range wanted {
		merged[key] = m.value(at+"."+key, base[key], value, live[key])
	}
	return merged
}

// elements keeps our order, and puts others' elements behind it.
func (m *merger) elements(at, key string, base, wanted, live []any) []any {
	var merged []any
	for i, value := range wanted {
		mine := find(live, key, value, i)
		merged = append(merged, m.value(fmt.Sprintf("%s[%v]", at, name(value, key, i)), find(base, key, value, i), value, mine))
	}
	for i, value := range live {
		if find(wanted, key, value, i) == nil && find(base, key, value, i) == nil {
			merged = append(merged, value)
		}
	}
	return merged
}

// elementKey returns the field that tells the elements of two lists apart, or ""
// if they are no such lists.
func elementKey(lists ...[]any) string {
	for _, key := range []string{"name", "mountPath", "containerPort"} {
		if all(key, lists) {
			return key
		}
	}
	return ""
}

// all reports whether the elements have the key, or are the only ones of their
// list, as a pod's container without a name.
func all(key string, lists [][]any) bool {
	for _, list := range lists {
		for _, element := range list {
			fields, ok := element.(map[string]any)
			if !ok || (fields[key] == nil && len(list) > 1) {
				return false
			}
		}
	}
	return true
}

// find returns the element of a list that is the same as one of another list:
// by its name, or the first when one of the two has none.
func find(list []any, key string, like any, at int) any {
	var wanted any
	if fields, ok := like.(map[string]any); ok {
		wanted = fields[key]
	}
	for i, element := range list {
		fields, _ := element.(map[string]any)
		if fields[key] == wanted && wanted != nil {
			return element
		}
		if (wanted == nil || fields[key] == nil) && i == 0 && at == 0 {
			return element
		}
	}
	return nil
}

func name(element any, key string, at int) any {
	if fields, ok := element.(map[string]any); ok && fields[key] != nil {
		return fields[key]
	}
	return at
}
