package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
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
	if base != nil && !same(live, wanted) && !same(live, base) {
		m.conflicts = append(m.conflicts, Conflict{Field: at, Live: live, Wanted: wanted})
	}
	return wanted
}

func (m *merger) fields(at string, base, wanted, live map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range live {
		_, wantedNow := wanted[key]
		_, wantedBefore := base[key]
		if wantedNow || wantedBefore {
			continue
		}
		instead := alternative(key, wanted)
		if instead == "" {
			merged[key] = value
		} else if _, ours := base[instead]; ours {
			m.conflicts = append(m.conflicts, Conflict{Field: at + "." + key, Live: value, Wanted: nil})
		}
	}
	for key, value := range wanted {
		merged[key] = m.value(at+"."+key, base[key], value, live[key])
	}
	return merged
}

// alternatives are fields of which the API takes one.
var alternatives = [][]string{
	{"value", "valueFrom"},                   // of an environment variable
	{"exec", "grpc", "httpGet", "tcpSocket"}, // of a probe
}

// alternative returns the field that is wanted in the place of key, or "".
func alternative(key string, wanted map[string]any) string {
	for _, group := range alternatives {
		if !slices.Contains(group, key) {
			continue
		}
		for _, other := range group {
			if _, ok := wanted[other]; ok && other != key {
				return other
			}
		}
	}
	return ""
}

// same compares as the API sees it: a number that was kept as text and read
// again has another type in Go.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	textA, errA := json.Marshal(a)
	textB, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(textA, textB)
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
// if they are no such lists. Mounts and ports have names too, but a mount's is
// its volume's, which may be mounted twice, and a port's is its protocol.
func elementKey(lists ...[]any) string {
	for _, key := range []string{"mountPath", "devicePath", "containerPort", "name"} {
		if all(key, lists) {
			return key
		}
	}
	return ""
}

// all reports whether the elements have the key. One that is the only one of its
// list may go without, as a pod's container without a name, if others have it.
func all(key string, lists [][]any) bool {
	some := false
	for _, list := range lists {
		for _, element := range list {
			fields, ok := element.(map[string]any)
			if !ok || (fields[key] == nil && len(list) > 1) {
				return false
			}
			some = some || fields[key] != nil
		}
	}
	return some
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
		if wanted != nil && same(fields[key], wanted) {
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
