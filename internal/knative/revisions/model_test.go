package revisions

import (
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/apis"
	duckv1 "knative.dev/pkg/apis/duck/v1"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

func revision(name, generation string, created time.Time) *servingv1.Revision {
	return &servingv1.Revision{ObjectMeta: metav1.ObjectMeta{
		Name: name, CreationTimestamp: metav1.NewTime(created),
		Labels: map[string]string{"serving.knative.dev/configurationGeneration": generation},
	}}
}

func TestFlatten(t *testing.T) {
	created := time.Date(2026, 1, 31, 13, 0, 0, 0, time.FixedZone("CET", 3600))
	full := revision("web-2", "2", created)
	full.Labels["sls-platform.github.io/version"] = "2.0"
	full.Labels["serving.knative.dev/routingState"] = "active"
	full.Annotations = map[string]string{"autoscaling.knative.dev/min-scale": "2"}
	full.Spec.Containers = []corev1.Container{{Name: "user-container", Image: "web:2"}}
	full.Status.ContainerStatuses = []servingv1.ContainerStatus{{Name: "user-container", ImageDigest: "web@sha256:2"}}
	full.Status.Conditions = duckv1.Conditions{{Type: apis.ConditionReady, Status: corev1.ConditionTrue}}

	failed := revision("web-1", "", created)
	failed.Labels["serving.knative.dev/routingState"] = "reserve"
	failed.Status.Conditions = duckv1.Conditions{{Type: apis.ConditionReady, Status: corev1.ConditionFalse, Reason: "ContainerMissing", Message: "no such image"}}

	percent := func(p int64) *int64 { return &p }
	service := &servingv1.Service{}
	service.Status.Traffic = []servingv1.TrafficTarget{
		{RevisionName: "web-2", Percent: percent(30)},
		{RevisionName: "other", Percent: percent(40), Tag: "other"},
		{RevisionName: "web-2", Percent: percent(30), Tag: "stable"},
		{RevisionName: "web-2", Tag: "canary"},
	}
	for _, test := range []struct {
		revision *servingv1.Revision
		want     Revision
	}{
		{full, Revision{
			Name: types.StringValue("web-2"), Version: types.StringValue("2.0"),
			Image: types.StringValue("web:2"), ImageDigest: types.StringValue("web@sha256:2"),
			Ready: types.BoolValue(true), Percent: types.Int64Value(60), Tags: []string{"canary", "stable"},
			MinScale: types.Int64Value(2), CreatedAt: types.StringValue("2026-01-31T12:00:00Z"),
			Generation: types.Int64Value(2), Collectable: types.BoolValue(false),
		}},
		{failed, Revision{
			Name: types.StringValue("web-1"), Ready: types.BoolValue(false),
			Reason: types.StringValue("ContainerMissing"), StatusMessage: types.StringValue("ContainerMissing: no such image"),
			Percent: types.Int64Value(0), Tags: []string{}, CreatedAt: types.StringValue("2026-01-31T12:00:00Z"),
			Collectable: types.BoolValue(true),
		}},
	} {
		if got := flatten(test.revision, service); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", test.revision.Name, got, test.want)
		}
	}
}
