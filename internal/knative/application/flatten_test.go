package application

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/knative/serving"
	"github.com/sls-platform/terraform-provider-sls/internal/kube"
)

// liveService is a Service as the cluster has it, with that template.
func liveService(t *testing.T, template string) *kube.Object {
	t.Helper()
	return &kube.Object{Object: map[string]any{
		"apiVersion": "serving.knative.dev/v1", "kind": "Service",
		"metadata": map[string]any{"name": "shop", "namespace": "prod"},
		"spec":     map[string]any{"template": map[string]any(parse(t, template))},
	}}
}

// TestFlattenReadsWhatIsOurs: what the prior model has is read back as it is
// now, and nothing else, whatever others or Knative have set.
func TestFlattenReadsWhatIsOurs(t *testing.T) {
	for _, test := range []struct {
		what, prior, live, want string
	}{
		{
			"Knative's defaults are not ours",
			`{}`,
			`{"spec": {"containerConcurrency": 0, "timeoutSeconds": 300, "enableServiceLinks": false, "containers": [{
			  "name": "user-container", "image": "registry.example.com/shop:1", "resources": {},
			  "readinessProbe": {"tcpSocket": {"port": 0}, "successThreshold": 1}}]}}`,
			`{}`,
		},
		{
			"what others set is not ours",
			`{"env": {"A": "1"}, "resources": {"limits": {"cpu": "1"}}, "template_labels": {"a": "b"}, "image_pull_secrets": ["ours"]}`,
			`{"metadata": {"labels": {"a": "b", "injected": "yes"}, "annotations": {"theirs": "x"}},
			  "spec": {"imagePullSecrets": [{"name": "theirs"}, {"name": "ours"}], "nodeSelector": {"pool": "x"}, "volumes": [{"name": "injected", "emptyDir": {}}], "containers": [
			  {"image": "registry.example.com/shop:1", "ports": [{"containerPort": 80}], "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
			   "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1"}}, "volumeMounts": [{"name": "injected", "mountPath": "/x"}]},
			  {"name": "istio-proxy", "image": "istio"}]}}`,
			`{"env": {"A": "1"}, "resources": {"limits": {"cpu": "1"}}, "template_labels": {"a": "b"}, "image_pull_secrets": ["ours"]}`,
		},
		{
			"what others change is shown, and what they take away",
			`{"env": {"A": "1", "B": "2"}, "secret_env": {"C": {"name": "s", "key": "k"}}, "args": ["a"], "concurrency": 5, "service_account": "ours", "timeout": "2m"}`,
			`{"spec": {"containerConcurrency": 6, "serviceAccountName": "theirs", "containers": [{"image": "registry.example.com/shop:1",
			  "env": [{"name": "A", "value": "other"}, {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "other"}}}]}]}}`,
			`{"env": {"A": "other"}, "secret_env": {"C": {"name": "s", "key": "other"}}, "args": [], "concurrency": 6, "service_account": "theirs"}`,
		},
		{
			"another spelling of the same is the same",
			`{"resources": {"limits": {"cpu": "1000m"}}, "timeout": "2m", "progress_deadline": "2m", "queue_proxy": {"resources": {"requests": {"cpu": "0.5"}}},
			  "volumes": {"v": {"empty_dir": {"size_limit": "1024Mi"}}}}`,
			`{"metadata": {"annotations": {"serving.knative.dev/progress-deadline": "120s", "queue.sidecar.serving.knative.dev/cpu-resource-request": "500m"}},
			  "spec": {"timeoutSeconds": 120, "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}],
			  "containers": [{"image": "registry.example.com/shop:1", "resources": {"limits": {"cpu": "1"}}}]}}`,
			`{"resources": {"limits": {"cpu": "1000m"}}, "timeout": "2m", "progress_deadline": "2m", "queue_proxy": {"resources": {"requests": {"cpu": "0.5"}}},
			  "volumes": {"v": {"empty_dir": {"size_limit": "1024Mi"}}}}`,
		},
		{
			"a probe that Knative has completed",
			`{"readiness_probe": {"http_get": {"path": "/"}, "period_seconds": 5}}`,
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1",
			  "readinessProbe": {"httpGet": {"path": "/", "port": 0}, "periodSeconds": 5, "successThreshold": 1, "failureThreshold": 3, "timeoutSeconds": 1}}]}}`,
			`{"readiness_probe": {"http_get": {"path": "/"}, "period_seconds": 5}}`,
		},
		{
			"a probe that asks in another way now",
			`{"readiness_probe": {"http_get": {"path": "/"}}}`,
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1", "readinessProbe": {"exec": {"command": ["x"]}}}]}}`,
			`{"readiness_probe": {}}`,
		},
		{
			"a mount that was moved, one that is gone, and one that is made read-only by Knative",
			`{"volumes": {"a": {"mount_path": "/a", "empty_dir": {}}, "b": {"mount_path": "/b", "empty_dir": {}}, "c": {"mount_path": "/c", "secret": {"name": "s"}}},
			  "volume_mounts": {"/a2": {"volume": "a"}}}`,
			`{"spec": {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b", "emptyDir": {}}, {"name": "c", "secret": {"secretName": "s"}}], "containers": [
			  {"image": "registry.example.com/shop:1", "volumeMounts": [{"name": "a", "mountPath": "/a2"}, {"name": "a", "mountPath": "/moved"}, {"name": "c", "mountPath": "/c", "readOnly": true}]}]}}`,
			`{"volumes": {"a": {"mount_path": "/moved", "empty_dir": {}}, "b": {"empty_dir": {}}, "c": {"mount_path": "/c", "secret": {"name": "s"}}},
			  "volume_mounts": {"/a2": {"volume": "a"}}}`,
		},
		{
			"containers by their names",
			`{"sidecars": {"a": {"image": "a:1"}, "gone": {"image": "g"}}, "init_containers": [{"name": "i", "image": "i:1"}]}`,
			`{"spec": {"initContainers": [{"name": "injected", "image": "x"}, {"name": "i", "image": "i:2"}], "containers": [
			  {"name": "a", "image": "a:2", "env": [{"name": "A", "value": "theirs"}]},
			  {"name": "user-container", "image": "registry.example.com/shop:1", "ports": [{"containerPort": 8080}]}]}}`,
			`{"sidecars": {"a": {"image": "a:2"}}, "init_containers": [{"name": "i", "image": "i:2"}]}`,
		},
		{
			"of tolerations and spread those that are ours, in our order",
			`{"tolerations": [{"key": "a", "operator": "Exists"}, {"key": "b", "value": "1"}, {"key": "gone"}],
			  "topology_spread": [{"topology_key": "zone", "max_skew": 1, "when_unsatisfiable": "DoNotSchedule"}]}`,
			`{"spec": {"tolerations": [{"key": "theirs"}, {"key": "b", "value": "1"}, {"key": "a", "operator": "Exists"}, {"key": "gone", "effect": "NoExecute"}],
			  "topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 3, "whenUnsatisfiable": "ScheduleAnyway"}, {"topologyKey": "zone", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule"}],
			  "containers": [{"image": "registry.example.com/shop:1"}]}}`,
			`{"tolerations": [{"key": "a", "operator": "Exists"}, {"key": "b", "value": "1"}],
			  "topology_spread": [{"topology_key": "zone", "max_skew": 2, "when_unsatisfiable": "DoNotSchedule"}]}`,
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			compare(t, configured(t, test.prior), liveService(t, test.live), false, test.want)
		})
	}
}

// TestImportReadsWhatIsThere: all that can be expressed, but for what Knative
// has filled in by itself.
func TestImportReadsWhatIsThere(t *testing.T) {
	for _, test := range []struct {
		what, live, want string
	}{
		{
			"as little as there is",
			`{"spec": {"containerConcurrency": 0, "timeoutSeconds": 300, "enableServiceLinks": false, "containers": [{
			  "name": "user-container", "image": "registry.example.com/shop:1", "resources": {},
			  "readinessProbe": {"tcpSocket": {"port": 0}, "successThreshold": 1}}]}}`,
			`{}`,
		},
		{
			"of a long timeout, Knative's default for the first byte",
			`{"spec": {"containerConcurrency": 10, "timeoutSeconds": 600, "responseStartTimeoutSeconds": 300, "containers": [{"image": "registry.example.com/shop:1"}]}}`,
			`{"timeout": "600s", "concurrency": 10}`,
		},
		{
			"of annotations, those that are somebody's own",
			`{"metadata": {"labels": {"a": "b", "sls-platform.github.io/version": "2"}, "annotations": {"autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/maxScale": "5",
			  "client.knative.dev/user-image": "x", "example.com/a": "b", "serving.knative.dev/progress-deadline": "10m0s", "queue.sidecar.serving.knative.dev/memory-resource-limit": "64Mi"}},
			  "spec": {"containers": [{"image": "registry.example.com/shop:1"}]}}`,
			`{"version": "2", "template_labels": {"a": "b"}, "template_annotations": {"example.com/a": "b"}, "scaling": {"min": 1, "max": 5},
			  "progress_deadline": "10m0s", "queue_proxy": {"resources": {"limits": {"memory": "64Mi"}}}}`,
		},
		{
			"a pod with names of its own",
			`{"spec": {"serviceAccountName": "sa", "volumes": [{"name": "v", "configMap": {"name": "c", "defaultMode": 420}}, {"name": "d", "emptyDir": {}}], "containers": [
			  {"name": "agent", "image": "agent", "resources": {}, "volumeMounts": [{"name": "d", "mountPath": "/d"}]},
			  {"name": "app", "image": "registry.example.com/shop:1", "ports": [{"containerPort": 80, "name": "h2c", "protocol": "TCP"}], "resources": {},
			   "readinessProbe": {"tcpSocket": {"port": 0}, "periodSeconds": 5, "successThreshold": 1, "failureThreshold": 3, "timeoutSeconds": 1},
			   "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": true}, {"name": "v", "mountPath": "/w", "readOnly": true, "subPath": "w"}]}]}}`,
			`{"container_name": "app", "port": {"number": 80, "protocol": "h2c"}, "service_account": "sa", "readiness_probe": {"period_seconds": 5},
			  "volumes": {"v": {"mount_path": "/v", "config_map": {"name": "c", "default_mode": "0644"}}, "d": {"empty_dir": {}}},
			  "volume_mounts": {"/w": {"volume": "v", "sub_path": "w"}},
			  "sidecars": {"agent": {"image": "agent", "volume_mounts": {"/d": {"volume": "d"}}}}}`,
		},
		{
			"where pods are secure by default",
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1", "securityContext": {"allowPrivilegeEscalation": false, "runAsNonRoot": true,
			  "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}}]}}`,
			`{}`,
		},
		{
			"a security context of one's own",
			`{"spec": {"containers": [{"image": "registry.example.com/shop:1", "securityContext": {"runAsNonRoot": true}}]}}`,
			`{"security_context": {"run_as_non_root": true}}`,
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			nothing := modelOf(t, tftypes.NewValue(schemaOnce().Type().TerraformType(context.Background()), nil))
			compare(t, nothing, liveService(t, test.live), true, test.want)
		})
	}
}

func compare(t *testing.T, prior *nested, live *kube.Object, importing bool, wanted string) {
	t.Helper()
	o, err := observe(live, nil)
	if err != nil {
		t.Fatal(err)
	}
	var diags diag.Diagnostics
	flat := flatten(context.Background(), prior, o, importing, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	d := parse(t, wanted)
	d["visibility"] = serving.VisibilityPublic
	want := configuredAs(t, d)
	got := valueOfModel(t, flat)
	for name := range want {
		if !got[name].Equal(want[name]) {
			t.Errorf("%s is\n%s, not\n%s", name, got[name], want[name])
		}
	}
}

func configuredAs(t *testing.T, d document) map[string]tftypes.Value {
	t.Helper()
	for name, value := range map[string]string{"name": "shop", "namespace": "prod", "image": "registry.example.com/shop:1"} {
		d[name] = value
	}
	return valueOfModel(t, modelOf(t, d.value(t)).Model)
}

func TestAnImportReadsTheServicesOwnMetadata(t *testing.T) {
	live := liveService(t, `{"spec": {"containers": [{"image": "registry.example.com/shop:1"}]}}`)
	live.SetLabels(map[string]string{"team": "shop", serving.VisibilityLabel: serving.VisibilityLocal})
	live.SetAnnotations(map[string]string{"note": "x", "serving.knative.dev/rollout-duration": "2m", "serving.knative.dev/creator": "me"})
	o, err := observe(live, nil)
	if err != nil {
		t.Fatal(err)
	}
	var diags diag.Diagnostics
	nothing := modelOf(t, tftypes.NewValue(schemaOnce().Type().TerraformType(context.Background()), nil))
	flat := flatten(context.Background(), nothing, o, true, &diags)
	if diags.HasError() {
		t.Fatal(diags)
	}
	if len(flat.Labels.Elements()) != 1 || len(flat.Annotations.Elements()) != 1 || flat.RolloutDuration.ValueString() != "2m" || flat.Visibility.ValueString() != serving.VisibilityLocal {
		t.Errorf("labels %s, annotations %s, rollout_duration %s, visibility %s", flat.Labels, flat.Annotations, flat.RolloutDuration, flat.Visibility)
	}
}
