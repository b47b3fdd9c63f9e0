package application

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sls-platform/terraform-provider-sls/internal/quantity"
)

// onlyApplication is a provider that serves sls_application and nothing else:
// validation runs as Terraform asks for it, the framework's part included.
type onlyApplication struct{}

func (onlyApplication) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sls"
}
func (onlyApplication) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (onlyApplication) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (onlyApplication) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (onlyApplication) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{New}
}

var served = sync.OnceValues(providerserver.NewProtocol6WithError(onlyApplication{}))

// validated returns what validation has to say: the paths of its errors, with
// their texts.
func validated(t *testing.T, d document) map[string]string {
	t.Helper()
	server, err := served()
	if err != nil {
		t.Fatal(err)
	}
	value := d.value(t)
	config, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "sls_application", Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			found[d.Attribute.String()] += d.Summary + ": " + d.Detail + "\n"
		}
	}
	return found
}

func TestEveryAttributeIsAcceptedTogether(t *testing.T) {
	if found := validated(t, everyAttribute(t)); len(found) > 0 {
		t.Errorf("refused: %v", found)
	}
}

// refusals are values that are refused, each in a configuration that is accepted
// otherwise. A place is written with "|" between its steps; "+" adds a key.
var refusals = []struct {
	at    string
	value any
}{
	{"name", "Shop"},
	{"name", "1shop"},
	{"name", strings.Repeat("a", 53)},
	{"namespace", "Prod"},
	{"labels|bad key", "x"},
	{"labels|team", "no spaces"},
	{"labels|serving.knative.dev/x", "x"},
	{"labels|sls-platform.github.io/version", "1"},
	{"labels|networking.knative.dev/visibility", "cluster-local"},
	{"annotations|bad key", "x"},
	{"annotations|autoscaling.knative.dev/min-scale", "1"},
	{"annotations|sls-platform.github.io/create", "x"},
	{"annotations|serving.knative.dev/rollout-duration", "10s"},
	{"annotations|serving.knative.dev/creator", "me"},
	{"visibility", "private"},
	{"rollout_duration", "10"},
	{"rollout_duration", "-1s"},
	{"rollout_duration", "1500ms"},
	{"version", ""},
	{"version", "no spaces"},
	{"version", strings.Repeat("1", 64)},
	{"template_labels|bad key", "x"},
	{"template_labels|log-agent", "no spaces"},
	{"template_labels|serving.knative.dev/x", "x"},
	{"template_labels|sls-platform.github.io/version", "1"},
	{"template_labels|sls-platform.github.io/x", "1"},
	{"template_annotations|bad key", "x"},
	{"template_annotations|autoscaling.knative.dev/min-scale", "1"},
	{"template_annotations|serving.knative.dev/progress-deadline", "1m"},
	{"template_annotations|serving.knative.dev/x", "1m"},
	{"template_annotations|queue.sidecar.serving.knative.dev/cpu-resource-request", "1"},
	{"template_annotations|client.knative.dev/user-image", "x"},
	{"container_name", "Shop"},
	{"container_name", "queue-proxy"},
	{"container_name", "cache"},
	{"image", ""},
	{"image", "https://example.com/shop"},
	{"image", "Not:An:Image"},
	{"image_pull_policy", "Sometimes"},
	{"command", []any{}},
	{"args", []any{}},
	{"working_dir", ""},
	{"env|1BAD", "x"},
	{"env|PORT", "1"},
	{"env|K_SERVICE", "x"},
	{"secret_env|1BAD", map[string]any{"name": "a", "key": "b"}},
	{"secret_env|PORT", map[string]any{"name": "a", "key": "b"}},
	{"secret_env|PASSWORD|name", "Bad"},
	{"secret_env|PASSWORD|key", "not/a key"},
	{"config_env|1BAD", map[string]any{"name": "a", "key": "b"}},
	{"config_env|COLOR|name", "Bad"},
	{"field_env|1BAD", "metadata.name"},
	{"field_env|POD", "spec.hostname"},
	{"env_from", []any{}},
	{"env_from|0|prefix", "1-"},
	{"env_from|0|secret|name", "Bad"},
	{"env_from|1|config_map|name", "Bad"},
	{"port|number", 0},
	{"port|number", 65536},
	{"port|number", 8012},
	{"port|protocol", "udp"},
	{"resources|requests|bad key", "1"},
	{"resources|requests|cpu", "much"},
	{"resources|limits|memory", "-1"},
	{"startup_probe|http_get|path", "no-slash"},
	{"startup_probe|http_get|port", 0},
	{"startup_probe|http_get|host", ""},
	{"startup_probe|http_get|scheme", "ftp"},
	{"startup_probe|http_get|headers|bad header", "x"},
	{"startup_probe|initial_delay_seconds", -1},
	{"startup_probe|period_seconds", 0},
	{"startup_probe|timeout_seconds", 0},
	{"startup_probe|success_threshold", 2},
	{"startup_probe|failure_threshold", 0},
	{"liveness_probe|grpc|port", 65536},
	{"liveness_probe|grpc|service", ""},
	{"readiness_probe|tcp_socket|port", 0},
	{"readiness_probe|tcp_socket|host", ""},
	{"readiness_probe|success_threshold", 0},
	{"readiness_probe|failure_threshold", 3},
	{"readiness_probe|timeout_seconds", 3},
	{"security_context|run_as_user", -1},
	{"security_context|run_as_group", -1},
	{"security_context|privileged", true},
	{"security_context|capabilities|add", []any{}},
	{"security_context|capabilities|drop", []any{}},
	{"security_context|seccomp_profile|type", "Some"},
	{"security_context|seccomp_profile|localhost_profile", ""},
	{"volumes|Bad", map[string]any{"mount_path": "/x", "empty_dir": map[string]any{}}},
	{"volumes|conf|mount_path", "relative"},
	{"volumes|conf|mount_path", "/"},
	{"volumes|conf|mount_path", "/a:b"},
	{"volumes|conf|sub_path", "/absolute"},
	{"volumes|conf|sub_path", "../up"},
	{"volumes|conf|read_only", false},
	{"volumes|all|sub_path", "x"},
	{"volumes|conf|config_map|name", "Bad"},
	{"volumes|conf|config_map|default_mode", "644"},
	{"volumes|conf|config_map|items", []any{}},
	{"volumes|conf|config_map|items|0|key", "not/a key"},
	{"volumes|conf|config_map|items|0|path", "/absolute"},
	{"volumes|conf|config_map|items|0|mode", "0999"},
	{"volumes|keys|secret|name", "Bad"},
	{"volumes|all|projected|default_mode", "rw"},
	{"volumes|all|projected|sources", []any{}},
	{"volumes|all|projected|sources|0", map[string]any{}},
	{"volumes|all|projected|sources|1|config_map|name", "Bad"},
	{"volumes|all|projected|sources|1|config_map|items", []any{}},
	{"volumes|all|projected|sources|1|config_map|items|0|key", "not/a key"},
	{"volumes|all|projected|sources|1|config_map|items|0|path", "../up"},
	{"volumes|all|projected|sources|1|config_map|items|0|mode", "rw"},
	{"volumes|all|projected|sources|2|service_account_token|path", "/absolute"},
	{"volumes|all|projected|sources|2|service_account_token|audience", ""},
	{"volumes|all|projected|sources|2|service_account_token|expiration_seconds", 599},
	{"volumes|all|projected|sources|3|downward_api|items", []any{}},
	{"volumes|all|projected|sources|3|downward_api|items|0|field", "spec"},
	{"volumes|all|projected|sources|3|downward_api|items|0|path", ""},
	{"volumes|all|projected|sources|3|downward_api|items|0|mode", "7"},
	{"volumes|cache|empty_dir|medium", "Disk"},
	{"volumes|cache|empty_dir|size_limit", "much"},
	{"volumes|cache|empty_dir|size_limit", "-1"},
	{"volumes|data|persistent_volume_claim|claim_name", "Bad"},
	{"volumes|shared|read_only", false},
	{"volumes|logs|host_path|path", "relative"},
	{"volumes|logs|host_path|type", "Folder"},
	{"volumes|logs|read_only", false},
	{"volumes|all|read_only", true},
	{"volumes|unmounted", map[string]any{"empty_dir": map[string]any{}}},
	{"volumes|none", map[string]any{"mount_path": "/none"}},
	{"volumes|two", map[string]any{"mount_path": "/two", "empty_dir": map[string]any{}, "secret": map[string]any{"name": "a"}}},
	{"volume_mounts|relative", map[string]any{"volume": "all"}},
	{"volume_mounts|/run/token|volume", "Bad"},
	{"volume_mounts|/run/token|volume", "missing"},
	{"volume_mounts|/run/token|sub_path", "/absolute"},
	{"volume_mounts|/run/color|read_only", false},
	{"sidecars", map[string]any{}},
	{"sidecars|Bad", map[string]any{"image": "a"}},
	{"sidecars|queue-proxy", map[string]any{"image": "a"}},
	{"sidecars|user-container", map[string]any{"image": "a"}},
	{"sidecars|log-agent|env|K_REVISION", "x"},
	{"sidecars|cache|image", "Not:An:Image"},
	{"sidecars|cache|volume_mounts|/data|volume", "missing"},
	{"sidecars|log-agent|readiness_probe|exec|command", []any{}},
	{"sidecars|log-agent|volume_mounts|/logs|read_only", false},
	{"init_containers", []any{}},
	{"init_containers|0|name", "Bad"},
	{"init_containers|1|name", "migrate"},
	{"init_containers|1|name", "shop"},
	{"init_containers|0|image", "Not:An:Image"},
	{"init_containers|1|volume_mounts|/cache|volume", "missing"},
	{"service_account", "Bad"},
	{"image_pull_secrets", []any{}},
	{"image_pull_secrets|0", "Bad"},
	{"image_pull_secrets", []any{"a", "a"}},
	{"pod_security_context|run_as_user", -1},
	{"pod_security_context|run_as_group", -1},
	{"pod_security_context|fs_group", -1},
	{"pod_security_context|supplemental_groups", []any{}},
	{"pod_security_context|supplemental_groups|0", -1},
	{"node_selector|bad key", "x"},
	{"node_selector|pool", "no spaces"},
	{"affinity|node_affinity|required", []any{}},
	{"affinity|node_affinity|preferred|0|weight", 101},
	{"affinity|node_affinity|required|0|match_expressions", []any{}},
	{"affinity|node_affinity|required|0|match_expressions|0|key", "bad key"},
	{"affinity|node_affinity|required|0|match_expressions|0|operator", "Is"},
	{"affinity|node_affinity|required|0|match_expressions|0|values", []any{}},
	{"affinity|node_affinity|required|0|match_fields", []any{}},
	{"affinity|node_affinity|required|0|match_fields|0|key", "bad key"},
	{"affinity|node_affinity|required|0|match_fields|0|operator", "Exists"},
	{"affinity|node_affinity|required|0|match_fields|0|values", []any{}},
	{"affinity|pod_affinity|required", []any{}},
	{"affinity|pod_affinity|required|0|topology_key", "bad key"},
	{"affinity|pod_affinity|preferred|0|weight", 0},
	{"affinity|pod_affinity|required|0|namespaces", []any{}},
	{"affinity|pod_affinity|required|0|match_label_keys", []any{}},
	{"affinity|pod_affinity|required|0|mismatch_label_keys", []any{}},
	{"affinity|pod_affinity|required|0|label_selector|match_labels|bad key", "x"},
	{"affinity|pod_affinity|required|0|label_selector|match_expressions", []any{}},
	{"affinity|pod_affinity|required|0|label_selector|match_expressions|0|key", "bad key"},
	{"affinity|pod_affinity|required|0|label_selector|match_expressions|0|operator", "Gt"},
	{"affinity|pod_affinity|required|0|label_selector|match_expressions|0|values", []any{}},
	{"tolerations", []any{}},
	{"tolerations|0|key", "bad key"},
	{"tolerations|0|operator", "Is"},
	{"tolerations|0|value", "no spaces"},
	{"tolerations|0|effect", "NoRun"},
	{"tolerations|0|toleration_seconds", -1},
	{"topology_spread", []any{}},
	{"topology_spread|0|topology_key", "bad key"},
	{"topology_spread|0|max_skew", 0},
	{"topology_spread|0|when_unsatisfiable", "Wait"},
	{"topology_spread|0|label_selector|match_labels|app", "no spaces"},
	{"topology_spread|0|label_selector|match_expressions", []any{}},
	{"topology_spread|0|label_selector|match_expressions|0|key", "bad key"},
	{"topology_spread|0|label_selector|match_expressions|0|operator", "Gt"},
	{"topology_spread|0|label_selector|match_expressions|0|values", []any{}},
	{"topology_spread|0|match_label_keys", []any{}},
	{"topology_spread|0|min_domains", 0},
	{"topology_spread|0|node_affinity_policy", "Maybe"},
	{"topology_spread|0|node_taints_policy", "Maybe"},
	{"priority_class", "Bad"},
	{"runtime_class", "Bad"},
	{"scheduler_name", "Bad"},
	{"host_aliases|not-an-address", []any{"a"}},
	{"host_aliases|10.0.0.1", []any{}},
	{"host_aliases|10.0.0.1|0", "Bad_Name"},
	{"dns_policy", "Some"},
	{"dns_config|nameservers", []any{"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"}},
	{"dns_config|nameservers|0", "dns.example.com"},
	{"dns_config|searches", []any{}},
	{"dns_config|searches|0", "bad name"},
	{"dns_config|options|", "1"},
	{"timeout", "300"},
	{"timeout", "0s"},
	{"idle_timeout", "1500ms"},
	{"response_start_timeout", "soon"},
	{"concurrency", -1},
	{"progress_deadline", "0s"},
	{"progress_deadline", "100ms"},
	{"queue_proxy|resources|requests|nvidia.com/gpu", "1"},
	{"queue_proxy|resources|limits|cpu", "much"},
	{"queue_proxy|resources|limits|gpu", "1"},
	{"scaling|min", -1},
	{"scaling|max", -1},
	{"scaling|initial", -1},
	{"scaling|activation_scale", 1},
	{"scaling|class", "vpa"},
	{"scaling|metric", ""},
	{"scaling|metric", "cpu"},
	{"scaling|metric_aggregation", "median"},
	{"scaling|target", 0},
	{"scaling|utilization", 0},
	{"scaling|utilization", 101},
	{"scaling|target_burst_capacity", -2},
	{"scaling|window", "5s"},
	{"scaling|window", "2h"},
	{"scaling|panic_window_percentage", 0},
	{"scaling|panic_threshold_percentage", 100},
	{"scaling|scale_down_delay", "2h"},
	{"scaling|retention", "a while"},
	{"image_source", "elsewhere"},
	{"rollout", "slowly"},
	{"revision_history_limit", 0},
	{"on_create_failure", "panic"},
}

func TestEveryValidatorRefusesSomething(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.at, func(t *testing.T) {
			d := everyAttribute(t)
			steps := strings.Split(test.at, "|")
			keep := append([]string{"name", "namespace", "image", "container_name"}, steps[0])
			if slices.Contains(append(together, "container_name"), steps[0]) {
				keep = append(keep, together...)
			}
			maps.DeleteFunc(d, func(name string, _ any) bool { return !slices.Contains(keep, name) }) // for speed
			place(t, map[string]any(d), steps, test.value)
			want := pathOf(t, steps)
			found := validated(t, d)
			if text, ok := found[want]; !ok {
				t.Errorf("%v is not refused at %s; the errors are: %v", test.value, want, found)
			} else if test.value != nil && strings.TrimSpace(text) == "" {
				t.Error("the refusal says nothing")
			}
		})
	}
	// Which attributes were tried.
	missing := schemaAttributes(validates)
	for _, test := range refusals {
		var names []string
		attributes := schemaOnce().Attributes
		for _, step := range strings.Split(test.at, "|") {
			if attribute, ok := attributes[step]; ok {
				names = append(names, step)
				attributes = nestedAttributes(attribute)
			}
		}
		delete(missing, alike(strings.Join(names, ".")))
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("no refusal by %s is tested", name)
	}
}

// validates reports whether an attribute refuses anything.
func validates(attribute schema.Attribute) bool {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		return len(a.Validators) > 0 || a.CustomType != nil
	case schema.Int64Attribute:
		return len(a.Validators) > 0
	case schema.Float64Attribute:
		return len(a.Validators) > 0
	case schema.BoolAttribute:
		return len(a.Validators) > 0
	case schema.ListAttribute:
		return len(a.Validators) > 0
	case schema.MapAttribute:
		return len(a.Validators) > 0 || a.ElementType.Equal(quantity.Type{})
	case schema.ListNestedAttribute:
		return len(a.Validators) > 0
	case schema.MapNestedAttribute:
		return len(a.Validators) > 0
	}
	return false
}

// place sets a value in a document.
func place(t *testing.T, in any, steps []string, value any) {
	t.Helper()
	last := len(steps) == 1
	switch in := in.(type) {
	case map[string]any:
		if last {
			in[steps[0]] = value
			return
		}
		if in[steps[0]] == nil {
			t.Fatalf("there is no %s to go into", steps[0])
		}
		place(t, in[steps[0]], steps[1:], value)
	case []any:
		index, err := strconv.Atoi(steps[0])
		if err != nil {
			t.Fatal(err)
		}
		if last {
			in[index] = value
			return
		}
		place(t, in[index], steps[1:], value)
	default:
		t.Fatalf("can't go into a %T", in)
	}
}

// pathOf writes a place as the protocol does.
func pathOf(t *testing.T, steps []string) string {
	t.Helper()
	at := tftypes.NewAttributePath()
	attributes := schemaOnce().Attributes
	inElement := false
	for _, step := range steps {
		attribute, ok := attributes[step]
		if index, err := strconv.Atoi(step); err == nil && !ok {
			at = at.WithElementKeyInt(index)
			continue
		}
		if !ok || inElement {
			at, inElement = at.WithElementKeyString(step), false
			continue
		}
		at = at.WithAttributeName(step)
		attributes = nestedAttributes(attribute)
		_, inElement = attribute.(schema.MapNestedAttribute)
	}
	return at.String()
}

func TestWhatIsNotKnownYetIsNotJudged(t *testing.T) {
	for _, at := range []string{
		"image", "name", "env", "env|LOG_LEVEL", "volumes", "volumes|cache|mount_path", "sidecars", "sidecars|cache|volume_mounts", "init_containers",
		"scaling", "scaling|max", "port", "port|number", "startup_probe", "timeout", "queue_proxy|resources|requests|cpu", "volume_mounts|/run/token|volume",
	} {
		d := everyAttribute(t)
		place(t, map[string]any(d), strings.Split(at, "|"), unknownValue)
		if found := validated(t, d); len(found) > 0 {
			t.Errorf("%s is not known yet, but there are errors: %v", at, found)
		}
	}
	// What is known is judged all the same.
	d := everyAttribute(t)
	d["volumes"] = unknownValue
	d["image"] = unknownValue
	d["readiness_probe"] = map[string]any{}
	d["startup_probe"] = map[string]any{}
	if found := validated(t, d); found[`AttributeName("startup_probe")`] == "" {
		t.Errorf("a probe that asks nobody is not refused: %v", found)
	}
}

func TestContradictionsAreShownAtWhatTheyAreIn(t *testing.T) {
	d := everyAttribute(t)
	place(t, map[string]any(d), []string{"scaling", "max"}, 1)
	if found := validated(t, d); !strings.Contains(found[`AttributeName("scaling")`], "min-scale") {
		t.Errorf("max less than min is not refused at scaling: %v", found)
	}
}

func TestVariablesAreSetOnce(t *testing.T) {
	d := parse(t, `{"name": "a", "namespace": "a", "image": "a", "env": {"A": "x"}, "secret_env": {"A": {"name": "s", "key": "k"}}}`)
	want := tftypes.NewAttributePath().WithAttributeName("secret_env").WithElementKeyString("A").String()
	if found := validated(t, d); !strings.Contains(found[want], "env") {
		t.Errorf("a variable that is set twice is not refused at %s: %v", want, found)
	}
}

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
