package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Inherit makes a manager the owner of parts that others own now, as if it had applied
// them itself: what it does not send from then on is removed, and what it sends is no
// conflict. Else, those who will never write again would keep fields for good that an
// import has made somebody else's to remove. take says which parts, by their path from
// the object's root. Nothing is asked of the server where there is nothing to take.
func (c *Cluster) Inherit(ctx context.Context, kind Kind, live *Object, manager string, from func(manager string) bool, take func(Part) bool) (*Object, error) {
	entries, changed, err := inherit(live, manager, from, take)
	if err != nil || !changed {
		return live, err
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": live.GetResourceVersion(), // whose owners were looked at
		"managedFields":   entries,
	}})
	if err != nil {
		return nil, fmt.Errorf("encoding the owners of %s %s/%s: %w", kind.Name, live.GetNamespace(), live.GetName(), err)
	}
	return c.Patch(ctx, kind, live.GetNamespace(), live.GetName(), patch, manager)
}

// inherit returns an object's entries after the manager has inherited.
func inherit(live *Object, manager string, from func(manager string) bool, take func(Part) bool) (entries []metav1.ManagedFieldsEntry, changed bool, err error) {
	taken := map[string]any{}
	for _, entry := range live.GetManagedFields() {
		if entry.Manager == manager || entry.Subresource != "" || entry.FieldsV1 == nil || !from(entry.Manager) {
			entries = append(entries, entry)
			continue
		}
		var fields map[string]any
		if err := json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields); err != nil {
			return nil, false, fmt.Errorf("decoding what %s owns: %w", entry.Manager, err)
		}
		kept, theirs := split(fields, nil, live.Object, take)
		unite(taken, theirs)
		if len(kept) == 0 {
			continue
		}
		if entry.FieldsV1, err = encodeFields(kept); err != nil {
			return nil, false, err
		}
		entries = append(entries, entry)
	}
	if len(taken) == 0 {
		return entries, false, nil
	}
	ours := slices.IndexFunc(entries, func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == manager && entry.Operation == metav1.ManagedFieldsOperationApply && entry.Subresource == ""
	})
	if ours < 0 {
		ours = len(entries)
		entries = append(entries, metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationApply, APIVersion: live.GetAPIVersion(), FieldsType: "FieldsV1",
		})
	} else if own := map[string]any{}; json.Unmarshal(entries[ours].FieldsV1.GetRawBytes(), &own) == nil {
		unite(taken, own)
	}
	entries[ours].FieldsV1, err = encodeFields(taken)
	return entries, true, err
}

// split parts a tree of owned fields.
func split(fields map[string]any, at []string, in any, take func(Part) bool) (kept, taken map[string]any) {
	kept, taken = map[string]any{}, map[string]any{}
	for step, below := range fields {
		here := append(slices.Clone(at), step)
		value, there := stepInto(in, step)
		if below, ok := below.(map[string]any); ok && len(below) > 0 {
			stays, goes := split(below, here, value, take)
			if len(stays) > 0 {
				kept[step] = stays
			}
			if len(goes) > 0 {
				taken[step] = goes
			}
			continue
		}
		if there && take(Part{here, value}) {
			taken[step] = below
		} else {
			kept[step] = below
		}
	}
	if _, itself := kept["."]; itself && len(kept) == 1 && len(taken) > 0 {
		return nil, taken // a map of which nothing is left
	}
	return kept, taken
}

// unite adds a tree of fields to another.
func unite(into, fields map[string]any) {
	for step, below := range fields {
		has, _ := into[step].(map[string]any)
		if below, ok := below.(map[string]any); ok && len(below) > 0 && has != nil {
			unite(has, below)
			continue
		}
		if len(has) == 0 {
			into[step] = below
		}
	}
}

func encodeFields(fields map[string]any) (*metav1.FieldsV1, error) {
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("encoding the fields %v: %w", slices.Sorted(maps.Keys(fields)), err)
	}
	return metav1.NewFieldsV1(string(text)), nil
}
