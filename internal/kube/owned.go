package kube

import (
	"encoding/json"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Owned returns those fields of the object that a manager has set by
// server-side apply, with the values that they have now, or nil if it owns
// none. Sent again as they are, they change nothing and stay owned.
func Owned(object *Object, manager string) map[string]any {
	for _, entry := range object.GetManagedFields() {
		if entry.Manager != manager || entry.Operation != metav1.ManagedFieldsOperationApply || entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		var fields map[string]any
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
			return nil
		}
		owned, _ := pick(object.Object, fields).(map[string]any)
		return owned
	}
	return nil
}

// pick returns the part of value that a tree of fields names: "f:spec" goes
// down to the key spec, and a branch without fields below it is a whole value.
// Below a list, fields are not followed: a list is sent as a whole.
func pick(value any, fields map[string]any) any {
	from, ok := value.(map[string]any)
	if !ok {
		return value
	}
	part := map[string]any{}
	leaf := true
	for name, below := range fields {
		key, isField := strings.CutPrefix(name, "f:")
		if !isField {
			continue // "." is the value itself
		}
		leaf = false
		if child, there := from[key]; there {
			below, _ := below.(map[string]any)
			part[key] = pick(child, below)
		}
	}
	if leaf {
		return value
	}
	return part
}

// OwnersOf returns the managers other than except that own the field at the
// path, or something below it.
func OwnersOf(object *Object, except string, path ...string) []string {
	return OwnersOfPart(object, except, Part{}, path...)
}

// OwnersOfPart is OwnersOf for a part, beneath the fields of a path.
func OwnersOfPart(object *Object, except string, part Part, path ...string) []string {
	var steps []string
	for _, key := range path {
		steps = append(steps, "f:"+key)
	}
	steps = append(steps, part.Path...)
	if len(steps) == 0 {
		return nil // no field
	}
	var owners []string
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == except || entry.Subresource != "" || entry.FieldsV1 == nil {
			continue
		}
		var fields map[string]any
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		if reaches(fields, steps) {
			owners = append(owners, entry.Manager)
		}
	}
	return owners
}
