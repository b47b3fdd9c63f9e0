package application

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"knative.dev/pkg/apis"
	"knative.dev/serving/pkg/apis/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
)

func TestRequiredFeatures(t *testing.T) {
	volume := path.Root("volumes").AtMapKey("v")
	for _, test := range []struct {
		config, flag string
		at           path.Path
	}{
		{`{"sidecars": {"a": {"image": "a"}}}`, "multi-container", path.Root("sidecars")},
		{`{"sidecars": {"a": {"image": "a", "liveness_probe": {"exec": {"command": ["x"]}}}}}`, "multi-container-probing", path.Root("sidecars").AtMapKey("a").AtName("liveness_probe")},
		{`{"init_containers": [{"name": "a", "image": "a"}]}`, "kubernetes.podspec-init-containers", path.Root("init_containers")},
		{`{"field_env": {"POD": "metadata.name"}}`, "kubernetes.podspec-fieldref", path.Root("field_env")},
		{`{"init_containers": [{"name": "a", "image": "a", "field_env": {"POD": "metadata.name"}}]}`, "kubernetes.podspec-fieldref", path.Root("init_containers").AtListIndex(0).AtName("field_env")},
		{`{"security_context": {"capabilities": {"add": ["SYS_TIME"]}}}`, "kubernetes.containerspec-addcapabilities", path.Root("security_context").AtName("capabilities").AtName("add")},
		{`{"pod_security_context": {"fs_group": 1}}`, "kubernetes.podspec-securitycontext", path.Root("pod_security_context")},
		{`{"volumes": {"v": {"empty_dir": {}}}}`, "kubernetes.podspec-volumes-emptydir", volume.AtName("empty_dir")},
		{`{"volumes": {"v": {"host_path": {"path": "/x"}}}}`, "kubernetes.podspec-volumes-hostpath", volume.AtName("host_path")},
		{`{"volumes": {"v": {"persistent_volume_claim": {"claim_name": "x", "read_only": true}}}}`, "kubernetes.podspec-persistent-volume-claim", volume.AtName("persistent_volume_claim")},
		{`{"volumes": {"v": {"persistent_volume_claim": {"claim_name": "x"}}}}`, "kubernetes.podspec-persistent-volume-write", volume.AtName("persistent_volume_claim")},
		{`{"node_selector": {"a": "b"}}`, "kubernetes.podspec-nodeselector", path.Root("node_selector")},
		{`{"affinity": {}}`, "kubernetes.podspec-affinity", path.Root("affinity")},
		{`{"tolerations": [{"operator": "Exists"}]}`, "kubernetes.podspec-tolerations", path.Root("tolerations")},
		{`{"topology_spread": [{"topology_key": "a", "max_skew": 1, "when_unsatisfiable": "DoNotSchedule"}]}`, "kubernetes.podspec-topologyspreadconstraints", path.Root("topology_spread")},
		{`{"priority_class": "a"}`, "kubernetes.podspec-priorityclassname", path.Root("priority_class")},
		{`{"runtime_class": "a"}`, "kubernetes.podspec-runtimeclassname", path.Root("runtime_class")},
		{`{"scheduler_name": "a"}`, "kubernetes.podspec-schedulername", path.Root("scheduler_name")},
		{`{"host_aliases": {"10.0.0.1": ["a"]}}`, "kubernetes.podspec-hostaliases", path.Root("host_aliases")},
		{`{"dns_policy": "Default"}`, "kubernetes.podspec-dnspolicy", path.Root("dns_policy")},
		{`{"dns_config": {"searches": ["a"]}}`, "kubernetes.podspec-dnsconfig", path.Root("dns_config")},
	} {
		t.Run(test.flag, func(t *testing.T) {
			needed := requiredFeatures(configured(t, test.config))
			at := slices.IndexFunc(needed, func(f feature) bool { return f.flag.Key == test.flag })
			if at < 0 {
				t.Fatalf("%s needs it, but that was not told", test.config)
			}
			if !needed[at].at.Equal(test.at) {
				t.Errorf("it is told of %s instead of %s", needed[at].at, test.at)
			}
			off := checkFeatures(map[string]string{test.flag: "disabled"}, needed[at:at+1])
			if len(off) != 1 || !strings.Contains(off[0].Detail(), test.flag) || !strings.Contains(off[0].Detail(), "config-features") {
				t.Errorf("switched off, it is no error that says so: %v", off)
			}
			if on := checkFeatures(map[string]string{test.flag: "Enabled"}, needed[at:at+1]); on.HasError() {
				t.Errorf("switched on, it is an error: %v", on)
			}
		})
	}
}

func TestWhatNeedsNoFeature(t *testing.T) {
	for _, config := range []string{
		`{}`,
		`{"env": {"A": "b"}, "secret_env": {"B": {"name": "a", "key": "b"}}, "port": {"number": 1}, "concurrency": 1, "timeout": "1m"}`,
		`{"volumes": {"a": {"mount_path": "/a", "secret": {"name": "a"}}, "b": {"projected": {"sources": [{"config_map": {"name": "a"}}]}}}}`,
		`{"security_context": {"run_as_user": 1, "capabilities": {"drop": ["ALL"]}}, "service_account": "a", "image_pull_secrets": ["a"]}`,
		`{"readiness_probe": {"http_get": {}}, "queue_proxy": {"resources": {"requests": {"cpu": "1"}}}, "template_labels": {"a": "b"}}`,
	} {
		if needed := requiredFeatures(configured(t, config)); len(needed) > 0 {
			t.Errorf("%s needs %s", config, needed[0].flag.Key)
		}
	}
}

func TestFeaturesHaveKnativesDefaults(t *testing.T) {
	if off := checkFeatures(nil, requiredFeatures(configured(t, `{"sidecars": {"a": {"image": "a"}}, "volumes": {"a": {"empty_dir": {}}}}`))); off.HasError() {
		t.Errorf("on by default, but refused: %v", off)
	}
	off := checkFeatures(nil, requiredFeatures(configured(t, `{"node_selector": {"a": "b"}}`)))
	if len(off) != 1 || !strings.Contains(off[0].Detail(), "default") {
		t.Errorf("off by default, but: %v", off)
	}
	if off := checkFeatures(map[string]string{"kubernetes.podspec-nodeselector": "allowed"}, requiredFeatures(configured(t, `{"node_selector": {"a": "b"}}`))); off.HasError() {
		t.Errorf("allowed is enough here: %v", off)
	}
	if off := checkFeatures(map[string]string{"kubernetes.podspec-init-containers": "allowed"}, requiredFeatures(configured(t, `{"init_containers": [{"name": "a", "image": "a"}]}`))); !off.HasError() {
		t.Error("allowed is not enough here")
	}
}

func TestSecurePodDefaultsAllowSome(t *testing.T) {
	secure := map[string]string{"secure-pod-defaults": "Enabled"}
	for config, want := range map[string]bool{
		`{"pod_security_context": {"seccomp_profile": {"type": "RuntimeDefault"}}}`:                false,
		`{"pod_security_context": {"seccomp_profile": {"type": "RuntimeDefault"}, "fs_group": 1}}`: true,
		`{"security_context": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}`:                    false,
		`{"security_context": {"capabilities": {"add": ["NET_BIND_SERVICE", "SYS_TIME"]}}}`:        true,
	} {
		if off := checkFeatures(secure, requiredFeatures(configured(t, config))); off.HasError() != want {
			t.Errorf("%s: %v", config, off)
		}
	}
}

// TestKnativeAsksForTheSameFeatures takes Knative's own validation as the judge:
// with the flags that we say are needed it accepts a configuration that uses
// everything, and without any one of them it does not.
func TestKnativeAsksForTheSameFeatures(t *testing.T) {
	m := modelOf(t, everyAttribute(t).value(t))
	flags := map[string]string{}
	for _, f := range requiredFeatures(m) {
		flags[f.flag.Key] = "Enabled"
	}
	if problem := knativeSays(t, m, flags); problem != nil {
		t.Fatalf("Knative wants more: %s", problem)
	}
	for _, f := range requiredFeatures(m) {
		for _, value := range []string{"Disabled", "Allowed"} {
			before := flags[f.flag.Key]
			flags[f.flag.Key] = value
			if refused := knativeSays(t, m, flags) != nil; refused == (value == "Allowed" && f.flag.allowedIsEnough) {
				t.Errorf("with %s = %s, Knative refuses it: %t", f.flag.Key, value, refused)
			}
			flags[f.flag.Key] = before
		}
	}
}

func knativeSays(t *testing.T, m *nested, flags map[string]string) *apis.FieldError {
	t.Helper()
	template, err := typedTemplate(m)
	if err != nil {
		t.Fatal(err)
	}
	features, err := config.NewFeaturesConfigFromMap(flags)
	if err != nil {
		t.Fatal(err)
	}
	service := &servingv1.Service{}
	service.Name, service.Spec.Template = "shop", *template
	ctx := apis.WithinCreate(config.ToContext(context.Background(), &config.Config{Features: features}))
	service.SetDefaults(ctx)
	return service.Validate(ctx).Filter(apis.ErrorLevel)
}
