package object

import (
	"testing"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// What a backup was made by stays, although its Velero goes on.
func TestKeepVersion(t *testing.T) {
	t.Parallel()
	var before, object kube.Object
	before.SetAnnotations(map[string]string{VersionNote: "1.17.2"})
	object.SetAnnotations(map[string]string{"team": "platform"})
	KeepVersion(t.Context(), nil, &object, &before) // no cluster to ask
	if got := object.GetAnnotations(); got[VersionNote] != "1.17.2" || got["team"] != "platform" {
		t.Errorf("the annotations are %v", got)
	}
	object = kube.Object{}
	if KeepVersion(t.Context(), nil, &object, &kube.Object{}); len(object.GetAnnotations()) > 0 {
		t.Errorf("of a backup without a note, %v is noted", object.GetAnnotations())
	}
}
