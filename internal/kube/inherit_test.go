package kube

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ownersAfter decodes what the managers own after an inheritance.
func ownersAfter(t *testing.T, entries []metav1.ManagedFieldsEntry) map[string]any {
	t.Helper()
	owners := map[string]any{}
	for _, entry := range entries {
		var fields any
		if err := json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields); err != nil {
			t.Fatal(err)
		}
		owners[entry.Manager+" "+string(entry.Operation)+entry.Subresource] = fields
	}
	return owners
}

func TestInherit(t *testing.T) {
	t.Parallel()
	predecessor := func(manager string) bool { return slices.Contains([]string{"kubectl-annotate", "kn"}, manager) }
	labelled := func(part Part) bool {
		return slices.Contains(part.Path, "f:labels") || slices.Contains(part.Path, "f:annotations")
	}
	before := ownersAfter(t, ownedObject(t).GetManagedFields())

	entries, changed, err := inherit(ownedObject(t), "sls-application", predecessor, labelled)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	want := map[string]any{}
	for owner, fields := range before {
		want[owner] = fields
	}
	delete(want, "kubectl-annotate Update") // of which nothing is left
	want["sls-application Apply"] = map[string]any{
		"f:metadata": map[string]any{
			"f:labels":      map[string]any{"f:team": map[string]any{}},
			"f:annotations": map[string]any{"f:example.com/owner": map[string]any{}},
		},
		"f:spec": before["sls-application Apply"].(map[string]any)["f:spec"], //nolint:errcheck // a panic says as much in a test
	}
	if got := ownersAfter(t, entries); !reflect.DeepEqual(got, want) {
		t.Errorf("the owners are %v\nwant           %v", got, want)
	}

	// Who owned nothing yet.
	entries, changed, err = inherit(ownedObject(t), "new", predecessor, labelled)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	is := ownersAfter(t, entries)["new Apply"]
	if want := map[string]any{"f:metadata": map[string]any{"f:annotations": map[string]any{"f:example.com/owner": map[string]any{}}}}; !reflect.DeepEqual(is, want) {
		t.Errorf("the new owner has %v", is)
	}

	for name, nothing := range map[string]struct {
		from func(string) bool
		take func(Part) bool
	}{
		"no predecessor":  {func(string) bool { return false }, labelled},
		"nothing of ours": {predecessor, func(Part) bool { return false }},
	} {
		entries, changed, err := inherit(ownedObject(t), "sls-application", nothing.from, nothing.take)
		if got := ownersAfter(t, entries); err != nil || changed || !reflect.DeepEqual(got, before) {
			t.Errorf("%s: the owners are %v, %v", name, got, err)
		}
	}
}
