package applications

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

type object = map[string]any

func service(status object) *kube.Object {
	return &kube.Object{Object: object{
		"apiVersion": "serving.knative.dev/v1", "kind": "Service",
		"metadata": object{
			"namespace": "prod", "name": "web", "generation": int64(3),
			"labels": object{"team": "shop", "networking.knative.dev/visibility": "cluster-local"},
			"annotations": object{
				"note": "x", "serving.knative.dev/creator": "ci",
				"kubectl.kubernetes.io/last-applied-configuration": "{}",
			},
		},
		"spec": object{"template": object{
			"metadata": object{"name": "web-2", "labels": object{"sls-platform.github.io/version": "2.0"}},
			"spec": object{"containers": []any{
				object{"name": "log", "image": "log:1"},
				object{"name": "web", "image": "web:2", "ports": []any{object{"containerPort": int64(8080)}}},
			}},
		}},
		"status": status,
	}}
}

func TestFlatten(t *testing.T) {
	base := Model{
		Namespace: types.StringValue("prod"), Name: types.StringValue("web"),
		Labels:      map[string]string{"team": "shop", "networking.knative.dev/visibility": "cluster-local"},
		Annotations: map[string]string{"note": "x", "serving.knative.dev/creator": "ci"},
		Visibility:  types.StringValue("cluster-local"), Version: types.StringValue("2.0"),
		Image: types.StringValue("web:2"), Revision: types.StringValue("web-2"),
	}
	ready := base
	ready.ImageDigest = types.StringValue("web@sha256:2")
	ready.LatestReadyRevision = types.StringValue("web-2")
	ready.Ready = types.BoolValue(true)
	ready.URL = types.StringValue("http://web.prod.example.com")
	ready.ClusterLocalURL = types.StringValue("http://web.prod.svc.cluster.local")
	ready.Traffic = []Target{
		{Revision: types.StringValue("web-2"), Percent: types.Int64Value(100), Latest: types.BoolValue(true)},
		{
			Revision: types.StringValue("web-1"), Percent: types.Int64Value(0), Latest: types.BoolValue(false),
			Tag: types.StringValue("old"), URL: types.StringValue("http://old-web.prod.example.com"),
		},
	}
	young := base
	young.Ready = types.BoolValue(false)
	young.StatusMessage = types.StringValue("Knative has not looked at the latest change yet")
	young.Traffic = []Target{}

	for name, test := range map[string]struct {
		status   object
		revision *kube.Object
		want     Model
	}{
		"ready": {
			object{
				"observedGeneration": int64(3), "latestReadyRevisionName": "web-2",
				"conditions": []any{object{"type": "Ready", "status": "True"}},
				"url":        "http://web.prod.example.com",
				"address":    object{"url": "http://web.prod.svc.cluster.local"},
				"traffic": []any{
					object{"revisionName": "web-2", "percent": int64(100), "latestRevision": true},
					object{"revisionName": "web-1", "latestRevision": false, "tag": "old", "url": "http://old-web.prod.example.com"},
				},
			},
			&kube.Object{Object: object{
				"kind": "Revision",
				"spec": object{"containers": []any{
					object{"name": "log"}, object{"name": "web", "ports": []any{object{"containerPort": int64(8080)}}},
				}},
				"status": object{"containerStatuses": []any{
					object{"name": "log", "imageDigest": "log@sha256:1"}, object{"name": "web", "imageDigest": "web@sha256:2"},
				}},
			}},
			ready,
		},
		"just made": {object{}, nil, young},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := flatten(service(test.status), test.revision)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got\n%+v\nwant\n%+v", *got, test.want)
			}
		})
	}
}

// A public Service is one without the label.
func TestFlattenPublic(t *testing.T) {
	object := service(nil)
	object.SetLabels(nil)
	got, err := flatten(object, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Visibility.ValueString() != "public" || got.Labels == nil || len(got.Labels) > 0 {
		t.Errorf("got visibility %s, labels %v", got.Visibility, got.Labels)
	}
}
