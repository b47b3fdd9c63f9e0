package application

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
)

func TestFieldsHaveAttributes(t *testing.T) {
	m := modelOf(t, everyAttribute(t).value(t))
	template, err := typedTemplate(m)
	if err != nil {
		t.Fatal(err)
	}
	root := path.Root
	exact := fieldMap{m.template, &template.Spec.PodSpec}
	for _, test := range []struct {
		field        string
		exact, rough path.Path
	}{
		{"metadata.name", root("name"), root("name")},
		{"metadata.labels", root("labels"), root("labels")},
		{"metadata.annotations.foo", root("annotations"), root("annotations")},
		{"metadata.annotations.serving.knative.dev/rollout-duration", root("rollout_duration"), root("rollout_duration")},
		{"spec.template.metadata.name", root("name"), root("name")},
		{"spec.template.metadata.labels", root("template_labels"), root("template_labels")},
		{"spec.template.metadata.annotations.autoscaling.knative.dev/max-scale", root("scaling").AtName("max"), root("scaling").AtName("max")},
		{"spec.template.metadata.annotations.autoscaling.knative.dev/other", root("scaling"), root("scaling")},
		{"spec.template.metadata.annotations[queue.sidecar.serving.knative.dev/cpu-resource-limit]", root("queue_proxy"), root("queue_proxy")},
		{"spec.template.metadata.annotations.serving.knative.dev/progress-deadline", root("progress_deadline"), root("progress_deadline")},
		{"spec.template.metadata.annotations.example.com/x", root("template_annotations"), root("template_annotations")},
		{"spec.template.spec.containers[0].image", root("image"), root("image")},
		{"spec.template.spec.containers[0].env[0].valueFrom", root("field_env").AtMapKey("POD"), root("env")},
		{"spec.template.spec.containers[0].env[1].name", root("config_env").AtMapKey("COLOR"), root("env")},
		{"spec.template.spec.containers[0].env[2].name", root("secret_env").AtMapKey("PASSWORD"), root("env")},
		{"spec.template.spec.containers[0].env[3].name", root("env").AtMapKey("DSN"), root("env")},
		{"spec.template.spec.containers[0].envFrom[1].configMapRef", root("env_from").AtListIndex(1).AtName("config_map"), root("env_from").AtListIndex(1).AtName("config_map")},
		{"spec.template.spec.containers[0].name", root("container_name"), root("container_name")},
		{"spec.template.spec.containers[0].ports[0].containerPort", root("port"), root("port")},
		{"spec.template.spec.containers[*].ports", root("port"), root("port")},
		{"spec.template.spec.containers[0].resources", root("resources"), root("resources")},
		{"spec.template.spec.containers[0].livenessProbe.httpGet.port", root("liveness_probe").AtName("http_get").AtName("port"), root("liveness_probe").AtName("http_get").AtName("port")},
		{"spec.template.spec.containers[0].securityContext.runAsUser", root("security_context").AtName("run_as_user"), root("security_context").AtName("run_as_user")},
		{"spec.template.spec.containers[0].volumeMounts[0].mountPath", root("volumes").AtMapKey("cache").AtName("mount_path"), root("volume_mounts")},
		{"spec.template.spec.containers[0].volumeMounts[5].readOnly", root("volume_mounts").AtMapKey("/run/token").AtName("read_only"), root("volume_mounts")},
		{"spec.template.spec.containers[1].image", root("sidecars").AtMapKey("cache").AtName("image"), root("sidecars")},
		{"spec.template.spec.containers[2].volumeMounts[0].name", root("sidecars").AtMapKey("log-agent").AtName("volume_mounts").AtMapKey("/logs").AtName("volume"), root("sidecars")},
		{"spec.template.spec.initContainers[1].image", root("init_containers").AtListIndex(1).AtName("image"), root("init_containers")},
		{"spec.template.spec.volumes[0].projected[2].serviceAccountToken.path", root("volumes").AtMapKey("all").AtName("projected").AtName("sources").AtListIndex(2).AtName("service_account_token").AtName("path"), root("volumes")},
		{"spec.template.spec.volumes[1].emptyDir.medium", root("volumes").AtMapKey("cache").AtName("empty_dir").AtName("medium"), root("volumes")},
		{"spec.template.spec.affinity", root("affinity"), root("affinity")},
		{"spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution", root("affinity").AtName("node_affinity").AtName("required"), root("affinity").AtName("node_affinity").AtName("required")},
		{"spec.template.spec.containerConcurrency", root("concurrency"), root("concurrency")},
		{"spec.template.spec.timeoutSeconds", root("timeout"), root("timeout")},
		{"spec.template.spec.idleTimeoutSeconds", root("idle_timeout"), root("idle_timeout")},
		{"spec.template.spec.responseStartTimeoutSeconds", root("response_start_timeout"), root("response_start_timeout")},
		{"spec.template.spec.serviceAccountName", root("service_account"), root("service_account")},
		{"spec.template.spec.imagePullSecrets", root("image_pull_secrets"), root("image_pull_secrets")},
		{"spec.template.spec.securityContext.fsGroup", root("pod_security_context").AtName("fs_group"), root("pod_security_context").AtName("fs_group")},
		{"spec.template.spec.nodeSelector", root("node_selector"), root("node_selector")},
		{"spec.template.spec.tolerations[1].key", root("tolerations").AtListIndex(1).AtName("key"), root("tolerations").AtListIndex(1).AtName("key")},
		{"spec.template.spec.topologySpreadConstraints", root("topology_spread"), root("topology_spread")},
		{"spec.template.spec.priorityClassName", root("priority_class"), root("priority_class")},
		{"spec.template.spec.runtimeClassName", root("runtime_class"), root("runtime_class")},
		{"spec.template.spec.schedulerName", root("scheduler_name"), root("scheduler_name")},
		{"spec.template.spec.hostAliases", root("host_aliases"), root("host_aliases")},
		{"spec.template.spec.dnsPolicy", root("dns_policy"), root("dns_policy")},
		{"spec.template.spec.dnsConfig", root("dns_config"), root("dns_config")},
		{"spec.traffic", path.Empty(), path.Empty()},
		{"spec.template.spec.hostNetwork", path.Empty(), path.Empty()},
	} {
		if at, _ := exact.attribute(test.field); !at.Equal(test.exact) {
			t.Errorf("%s is %s, not %s", test.field, at, test.exact)
		}
		if at, _ := (fieldMap{}).attribute(test.field); !at.Equal(test.rough) {
			t.Errorf("%s is roughly %s, not %s", test.field, at, test.rough)
		}
	}
}
