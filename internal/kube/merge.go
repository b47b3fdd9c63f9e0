package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Merge merges what is wanted into what is live, for a part of an object that
// the API treats as one field although several parties write into it, such as
// the containers of a pod:
//
//   - what only others have set stays;
//   - what we wanted before and do not want any more goes, and so does what the
//     API filled in by itself: it fills it in again;
//   - what we want is set. It is a conflict if somebody else has changed it
//     since the last time to a third value.
//
// Elements of lists are told apart by what names them.
type Merge struct {
	Base   any // what we wanted the last time; nil if that is not known
	Filled any // the same, as the API fills it in; nil if that is not known
	Wanted any
	Live   any
	// Theirs says of a part that is neither wanted nor filled in whether others
	// have set it; nil says so of every part.
	Theirs func(field string) bool
}

// Merged is what a merge has come to.
type Merged struct {
	Value     any
	Conflicts []Conflict
	// Kept is what others have set, by field, such as .containers[log] or
	// .containers[app].env[X].
	Kept map[string]any
}

// Do merges.
func (m Merge) Do() Merged {
	merger := merger{theirs: m.Theirs, kept: map[string]any{}}
	value := merger.value("", sides{m.Base, m.Filled}, m.Wanted, m.Live)
	return Merged{value, merger.conflicts, merger.kept}
}

type merger struct {
	theirs    func(string) bool
	conflicts []Conflict
	kept      map[string]any
}

// sides is what was ours the last time: as we wanted it, and as the API had it.
type sides struct{ base, filled any }

func (s sides) field(key string) sides {
	base, _ := s.base.(map[string]any)
	filled, _ := s.filled.(map[string]any)
	return sides{base[key], filled[key]}
}

func (m *merger) value(at string, last sides, wanted, live any) any {
	if live == nil {
		return wanted
	}
	switch wanted := wanted.(type) {
	case map[string]any:
		if live, ok := live.(map[string]any); ok {
			return m.fields(at, last, wanted, live)
		}
	case []any:
		if live, ok := live.([]any); ok {
			if name := naming(at, wanted, live); name != nil {
				return m.elements(at, name, last, wanted, live)
			}
		}
	}
	if last.base != nil && !same(live, wanted) && !same(live, last.base) && !same(live, last.filled) {
		m.conflicts = append(m.conflicts, Conflict{Field: at, Live: live, Wanted: wanted})
	}
	return wanted
}

func (m *merger) fields(at string, last sides, wanted, live map[string]any) map[string]any {
	merged := map[string]any{}
	for key, value := range live {
		field, before := at+"."+key, last.field(key)
		if _, wantedNow := wanted[key]; wantedNow || before.base != nil {
			continue
		}
		if instead := alternative(key, wanted); instead != "" {
			if last.field(instead).base != nil && !same(value, before.filled) {
				m.conflicts = append(m.conflicts, Conflict{Field: field, Live: value, Wanted: nil})
			}
			continue
		}
		if !same(value, before.filled) && m.isTheirs(field) {
			merged[key], m.kept[field] = value, value
		}
	}
	for key, value := range wanted {
		merged[key] = m.value(at+"."+key, last.field(key), value, live[key])
	}
	return merged
}

func (m *merger) isTheirs(field string) bool { return m.theirs == nil || m.theirs(field) }

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
func (m *merger) elements(at string, name nameOf, last sides, wanted, live []any) []any {
	base, _ := last.base.([]any)
	filled, _ := last.filled.([]any)
	before := func(element any, i int) sides {
		return sides{find(base, name, element, i), find(filled, name, element, i)}
	}
	merged := []any{}
	for i, value := range wanted {
		merged = append(merged, m.value(element(at, name, value, i), before(value, i), value, find(live, name, value, i)))
	}
	for i, value := range live {
		if find(wanted, name, value, i) != nil || before(value, i) != (sides{}) {
			continue
		}
		if field := element(at, name, value, i); m.isTheirs(field) {
			merged = append(merged, value)
			m.kept[field] = value
		}
	}
	return merged
}

// nameOf returns what tells an element of a list from the others, or nil.
type nameOf func(element map[string]any) any

func key(name string) nameOf {
	return func(element map[string]any) any { return element[name] }
}

// naming returns how the elements of two lists are told apart, or nil if they
// are no such lists. Mounts and ports have names too, but a mount's is its
// volume's, which may be mounted twice, and a port's is its protocol.
func naming(at string, lists ...[]any) nameOf {
	switch at[strings.LastIndex(at, ".")+1:] {
	case "tolerations": // which have nothing but their content
		return func(element map[string]any) any { return text(element) }
	case "topologySpreadConstraints":
		return func(element map[string]any) any {
			return text([]any{element["topologyKey"], element["whenUnsatisfiable"]})
		}
	case "hostAliases":
		return key("ip")
	}
	for _, name := range []string{"mountPath", "devicePath", "containerPort", "name"} {
		if all(name, lists) {
			return key(name)
		}
	}
	return nil
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
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
func find(list []any, name nameOf, like any, at int) any {
	var wanted any
	if fields, ok := like.(map[string]any); ok {
		wanted = name(fields)
	}
	for i, element := range list {
		fields, _ := element.(map[string]any)
		if wanted != nil && same(name(fields), wanted) {
			return element
		}
		if (wanted == nil || name(fields) == nil) && i == 0 && at == 0 {
			return element
		}
	}
	return nil
}

// element writes where an element of a list is.
func element(at string, name nameOf, element any, i int) string {
	if fields, ok := element.(map[string]any); ok && name(fields) != nil {
		return fmt.Sprintf("%s[%v]", at, name(fields))
	}
	return fmt.Sprintf("%s[%d]", at, i)
}
