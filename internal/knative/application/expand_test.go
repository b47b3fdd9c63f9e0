package application

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestExpansionIsFrozen keeps what a configuration with everything in it is
// applied as. A change of an existing line mints a revision of every application
// that sets that attribute, and must not happen; lines may be added for
// attributes that are new (go test -run TestExpansionIsFrozen -update).
func TestExpansionIsFrozen(t *testing.T) {
	const golden = "testdata/every_attribute.golden.json"
	want, err := expand(modelOf(t, everyAttribute(t).value(t)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(want.object(want.template, want.revision, want.scaling).Object, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	frozen, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, frozen) {
		t.Errorf("The expansion is not what %s has; it is:\n%s", golden, got)
	}
}

func TestExpand(t *testing.T) {
	for _, test := range []struct {
		what, config, template string
	}{
		{
			"other spellings of the same are no other revision",
			`{"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}, "timeout": "2m", "progress_deadline": "2m",
			  "queue_proxy": {"resources": {"requests": {"cpu": "0.5"}}}}`,
			`{"metadata": {"annotations": {"serving.knative.dev/progress-deadline": "120s", "queue.sidecar.serving.knative.dev/cpu-resource-request": "500m"}},
			  "spec": {"containers": [{"image": "registry.example.com/shop:1", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}], "timeoutSeconds": 120}}`,
		},
		{
			"beside a sidecar, the application's container has a name and a port",
			`{"sidecars": {"b": {"image": "b"}, "a": {"image": "a"}}}`,
			`{"spec": {"containers": [
			  {"image": "registry.example.com/shop:1", "name": "user-container", "ports": [{"containerPort": 8080}]},
			  {"image": "a", "name": "a"}, {"image": "b", "name": "b"}]}}`,
		},
		{
			"plain variables come last, and may refer to the others",
			`{"env": {"A": "$(Z)"}, "secret_env": {"Z": {"name": "s", "key": "k"}}, "field_env": {"Y": "metadata.name"}, "config_env": {"X": {"name": "c", "key": "k"}}}`,
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1", "env": [
			  {"name": "Y", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
			  {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
			  {"name": "Z", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
			  {"name": "A", "value": "$(Z)"}]}]}}`,
		},
		{
			"mounts are in the order of their paths, wherever they are said",
			`{"volumes": {"z": {"mount_path": "/b", "empty_dir": {}}, "y": {"secret": {"name": "s"}}}, "volume_mounts": {"/c": {"volume": "y"}, "/a": {"volume": "y"}}}`,
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1", "volumeMounts": [
			  {"name": "y", "mountPath": "/a"}, {"name": "z", "mountPath": "/b"}, {"name": "y", "mountPath": "/c"}]}],
			  "volumes": [{"name": "y", "secret": {"secretName": "s"}}, {"name": "z", "emptyDir": {}}]}}`,
		},
		{
			"a probe without a port asks the application's",
			`{"readiness_probe": {"http_get": {"path": "/"}}, "startup_probe": {"tcp_socket": {}}, "liveness_probe": {"grpc": {}}}`,
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1",
			  "readinessProbe": {"httpGet": {"path": "/"}}, "startupProbe": {"tcpSocket": {}}, "livenessProbe": {"grpc": {}}}]}}`,
		},
		{
			"zero is sent where it is said",
			`{"concurrency": 0, "security_context": {"run_as_user": 0, "run_as_non_root": false}}`,
			`{"spec": {"containerConcurrency": 0, "containers": [{"image": "registry.example.com/shop:1", "securityContext": {"runAsUser": 0, "runAsNonRoot": false}}]}}`,
		},
		{
			"scaling is no part of it",
			`{"scaling": {"min": 1}, "labels": {"a": "b"}, "rollout_duration": "1m", "visibility": "cluster-local"}`,
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1"}]}}`,
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			template, err := expandTemplate(configured(t, test.config))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := json.MarshalIndent(template, "", "  ")
			want, _ := json.MarshalIndent(parse(t, test.template), "", "  ")
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestRolloutDurationIsAnAnnotationOfTheService(t *testing.T) {
	want, err := expand(configured(t, `{"rollout_duration": "2m", "annotations": {"a": "b"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := want.annotations; len(got) != 2 || got["serving.knative.dev/rollout-duration"] != "120s" || got["a"] != "b" {
		t.Errorf("the annotations are %v", got)
	}
}
