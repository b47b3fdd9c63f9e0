package component

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

const us = "sls-component-x"

// managed returns an object with the fields that we and another manager have.
func managed(ours, theirs string) *kube.Object {
	object := &kube.Object{Object: map[string]any{}}
	entries := []metav1.ManagedFieldsEntry{{Manager: us, Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(ours)}}
	if theirs != "" {
		entries = append(entries, metav1.ManagedFieldsEntry{Manager: "them", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: metav1.NewFieldsV1(theirs)})
	}
	object.SetManagedFields(entries)
	return object
}

func TestDrift(t *testing.T) {
	id := manifest.ID{Kind: "ConfigMap", Namespace: "ns", Name: "a"}
	job := manifest.ID{Group: "batch", Kind: "Job", Namespace: "ns", Name: "a"}
	const applied = `{"f:data":{"f:a":{},"f:b":{},"f:c":{},"f:d":{},"f:ignored":{}}}`
	leaving := managed(applied, "")
	now := metav1.Now()
	leaving.SetDeletionTimestamp(&now)
	for name, test := range map[string]struct {
		entry entry
		live  *kube.Object
		want  string
	}{
		"as applied":      {entry{ID: id}, managed(applied, ""), ""},
		"they add":        {entry{ID: id}, managed(applied, `{"f:data":{"f:more":{}}}`), ""},
		"missing":         {entry{ID: id}, nil, "missing"},
		"leaving":         {entry{ID: id}, leaving, "being deleted"},
		"unfinished":      {entry{ID: id, Pending: true}, managed(applied, ""), "not applied yet: an apply was interrupted"},
		"a Job that ran":  {entry{ID: job, Done: true}, nil, ""},
		"they change one": {entry{ID: id}, managed(`{"f:data":{"f:b":{},"f:c":{},"f:d":{},"f:ignored":{}}}`, `{"f:data":{"f:a":{}}}`), "changed by them: .data.a"},
		"they remove one": {entry{ID: id}, managed(`{"f:data":{"f:b":{},"f:c":{},"f:d":{},"f:ignored":{}}}`, ""), "removed: .data.a"},
		"they are let":    {entry{ID: id}, managed(`{"f:data":{"f:a":{},"f:b":{},"f:c":{},"f:d":{}}}`, `{"f:data":{"f:ignored":{}}}`), ""},
		"they change all": {entry{ID: id}, managed(`{}`, `{"f:data":{"f:a":{},"f:b":{},"f:c":{}}}`), "changed by them: .data.a, .data.b, .data.c; removed: .data.d"},
		"many":            {entry{ID: id}, managed(`{}`, applied), "changed by them: .data.a, .data.b, .data.c and 1 more"},
	} {
		t.Run(name, func(t *testing.T) {
			noted := &inventory{
				about:  about{Ignored: manifest.Ignored{{Kind: "ConfigMap", Paths: []string{"/data/ignored"}}}},
				fields: map[string][]byte{test.entry.String(): []byte(applied)},
			}
			test.entry.Fields = fieldsDigest([]byte(applied))
			if got := driftOf(&test.entry, noted, test.live, us); got != test.want {
				t.Errorf("it is %q, not %q", got, test.want)
			}
		})
	}
}
