package component

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/manifest"
)

// What is as it was applied last needs no write, and nothing else goes without.
func TestUpToDate(t *testing.T) {
	const applied = `{"f:data":{"f:a":{}}}`
	leaving := managed(applied, "")
	now := metav1.Now()
	leaving.SetDeletionTimestamp(&now)
	job := manifest.ID{Group: "batch", Kind: "Job", Namespace: "ns", Name: "a"}
	as := entry{Digest: "1", Fields: fieldsDigest([]byte(applied))}
	for name, test := range map[string]struct {
		id     manifest.ID
		change func(*entry)
		live   *kube.Object
		want   bool
	}{
		"as it was applied":        {someID, func(*entry) {}, managed(applied, `{"f:data":{"f:b":{}}}`), true},
		"its write was not noted":  {someID, func(e *entry) { e.Pending = true }, managed(applied, ""), false},
		"another content":          {someID, func(e *entry) { e.Digest = "2" }, managed(applied, ""), false},
		"somebody has changed it":  {someID, func(*entry) {}, managed(`{}`, `{"f:data":{"f:a":{}}}`), false},
		"it is being deleted":      {someID, func(*entry) {}, leaving, false},
		"it is gone":               {someID, func(*entry) {}, nil, false},
		"a Job that ran is gone":   {job, func(e *entry) { e.Done = true }, nil, true},
		"a Job went before it ran": {job, func(*entry) {}, nil, false},
	} {
		e := as
		e.ID = test.id
		test.change(&e)
		c := &change{engine: &engine{manager: us}, live: map[manifest.ID]*kube.Object{}}
		if test.live != nil {
			c.live[test.id] = test.live
		}
		if got := c.upToDate(&manifest.Object{ID: test.id, Digest: "1"}, &e); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestVersionOf(t *testing.T) {
	set := &manifest.Set{}
	for _, version := range []string{"1.2", `"1.23.0"`, "", `"1.23.0"`} {
		object := &manifest.Object{}
		object.Object.Object = map[string]any{}
		if version != "" {
			object.SetLabels(map[string]string{"app.kubernetes.io/version": version})
		}
		set.Objects = append(set.Objects, object)
	}
	if got := versionOf(set); got != "1.23.0" {
		t.Errorf("the version is %q", got)
	}
	if got := versionOf(&manifest.Set{}); got != "" {
		t.Errorf("of nothing the version is %q", got)
	}
}
