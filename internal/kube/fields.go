package kube

import (
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AppliedFields returns the fields that a manager has set by server-side apply,
// as managedFields has them, or nil for none. As long as they stay the same,
// nobody has changed or removed what the manager set: who writes another value
// takes the field over.
func AppliedFields(object *Object, manager string) []byte {
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == manager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == "" && entry.FieldsV1 != nil {
			return entry.FieldsV1.GetRawBytes()
		}
	}
	return nil
}

// FieldPaths lists the fields of such a set that have none below them, each as
// the path of a Part, in order.
func FieldPaths(fields []byte) [][]string {
	var tree map[string]any
	if json.Unmarshal(fields, &tree) != nil {
		return nil
	}
	paths := leavesOf(nil, nil, tree)
	slices.SortFunc(paths, slices.Compare[[]string])
	return paths
}

func leavesOf(paths [][]string, at []string, tree map[string]any) [][]string {
	for step, below := range tree {
		if step == "." {
			continue // the value itself, beside those within it
		}
		here := append(slices.Clone(at), step)
		within, _ := below.(map[string]any)
		if len(within) == 0 || (len(within) == 1 && within["."] != nil) {
			paths = append(paths, here)
			continue
		}
		paths = leavesOf(paths, here, within)
	}
	return paths
}

// FieldName writes a Part's path as the API server does in its messages:
// .spec.containers[name="web"].image.
func FieldName(path []string) string {
	var name strings.Builder
	for _, step := range path {
		kind, text, _ := strings.Cut(step, ":")
		switch kind {
		case "f":
			name.WriteString("." + text)
		case "k":
			var keys map[string]any
			if json.Unmarshal([]byte(text), &keys) != nil {
				name.WriteString("[" + text + "]")
				continue
			}
			var pairs []string
			for key, value := range keys {
				pairs = append(pairs, key+"="+shown(value))
			}
			slices.Sort(pairs)
			name.WriteString("[" + strings.Join(pairs, ",") + "]")
		case "v":
			name.WriteString("[=" + text + "]")
		default:
			name.WriteString("[" + text + "]")
		}
	}
	return name.String()
}

// FieldOwners returns the managers other than except that own the field at a
// Part's path, or something below it, also by a subresource: an autoscaler
// writes by one.
func FieldOwners(object *Object, except string, path []string) []string {
	var owners []string
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == except || entry.FieldsV1 == nil {
			continue
		}
		var tree map[string]any
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &tree) != nil {
			continue
		}
		if reaches(tree, path) && !slices.Contains(owners, entry.Manager) {
			owners = append(owners, entry.Manager)
		}
	}
	return owners
}

func reaches(tree map[string]any, path []string) bool {
	for _, step := range path {
		below, there := tree[step].(map[string]any)
		if !there {
			return false
		}
		tree = below
	}
	return true
}
