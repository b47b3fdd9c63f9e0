package kube

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Part is a part of an object that somebody owns. Its path is written as in an
// object's managedFields: "f:name" is a field, `k:{"name":"a"}` an element of a
// list by what names it, "v:1" one by its value.
type Part struct {
	Path  []string `json:"path"`
	Value any      `json:"value"`
}

// PartsOfOthers returns the parts of an object, beneath the fields of a path,
// that managers other than except own, with the values that they have now, in
// an order that does not change. Their paths begin below that path. What the
// server treats as one value is one part.
func PartsOfOthers(object *Object, except string, path ...string) []Part {
	var parts []Part
	value, _ := fieldAt(object.Object, path)
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == except || entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		var fields map[string]any
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		for _, key := range path {
			fields, _ = fields["f:"+key].(map[string]any)
		}
		parts = partsOf(parts, nil, fields, value)
	}
	slices.SortFunc(parts, func(a, b Part) int { return slices.Compare(a.Path, b.Path) })
	return slices.CompactFunc(parts, func(a, b Part) bool { return slices.Equal(a.Path, b.Path) })
}

func partsOf(parts []Part, at []string, fields map[string]any, in any) []Part {
	for step, below := range fields {
		value, there := stepInto(in, step)
		if !there {
			continue // "." is the value itself
		}
		here := append(slices.Clone(at), step)
		if below, ok := below.(map[string]any); ok && len(below) > 0 {
			parts = partsOf(parts, here, below, value)
			continue
		}
		parts = append(parts, Part{here, value})
	}
	return parts
}

// Within returns the value that a part has in another object, and whether it has
// it at all.
func (p Part) Within(value any) (any, bool) {
	for _, step := range p.Path {
		var ok bool
		if value, ok = stepInto(value, step); !ok {
			return nil, false
		}
	}
	return value, true
}

// Remove removes the part from a value, which it changes.
func (p Part) Remove(value map[string]any) {
	removeAt(value, p.Path)
}

func removeAt(value any, path []string) any {
	fields, isMap := value.(map[string]any)
	switch key, isField := strings.CutPrefix(path[0], "f:"); {
	case isMap && isField && len(path) == 1:
		delete(fields, key)
	case isMap && isField && fields[key] != nil:
		fields[key] = removeAt(fields[key], path[1:])
	case !isMap && !isField:
		list, _ := value.([]any)
		at := elementAt(list, path[0])
		if at < 0 {
			return value
		}
		if len(path) == 1 {
			return slices.Delete(slices.Clone(list), at, at+1)
		}
		list[at] = removeAt(list[at], path[1:])
	}
	return value
}

func fieldAt(value any, path []string) (any, bool) {
	for _, key := range path {
		var ok bool
		if value, ok = stepInto(value, "f:"+key); !ok {
			return nil, false
		}
	}
	return value, true
}

func stepInto(value any, step string) (any, bool) {
	if key, isField := strings.CutPrefix(step, "f:"); isField {
		fields, _ := value.(map[string]any)
		below, ok := fields[key]
		return below, ok
	}
	list, _ := value.([]any)
	if at := elementAt(list, step); at >= 0 {
		return list[at], true
	}
	return nil, false
}

// elementAt returns which element of a list a step leads to, or -1.
func elementAt(list []any, step string) int {
	kind, text, _ := strings.Cut(step, ":")
	var wanted any
	if json.Unmarshal([]byte(text), &wanted) != nil {
		return -1
	}
	switch kind {
	case "k":
		keys, _ := wanted.(map[string]any)
		return slices.IndexFunc(list, func(element any) bool {
			fields, ok := element.(map[string]any)
			for key, value := range keys {
				ok = ok && same(fields[key], value)
			}
			return ok && len(keys) > 0
		})
	case "v":
		return slices.IndexFunc(list, func(element any) bool { return same(element, wanted) })
	case "i":
		if at, err := strconv.Atoi(text); err == nil && at < len(list) {
			return at
		}
	}
	return -1
}
