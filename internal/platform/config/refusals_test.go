package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sls-platform/terraform-provider-sls/internal/lifecycle"
	"github.com/sls-platform/terraform-provider-sls/internal/plantest"
)

// refused are values that a plan refuses, each in a configuration that it accepts
// otherwise, and what it says.
var refused = map[string]struct {
	value any
	at    []any
	says  string
}{
	"namespace": {"Knative", []any{"namespace"}, "namespace: Invalid value"},

	// What Knative's parsers refuse.
	"rate that does not scale":                     {1, []any{"autoscaler", "max_scale_up_rate"}, "autoscaler.max_scale_up_rate: Knative refuses the value: In config-autoscaler, Knative's own check says: max-scale-up-rate = 1, must be greater than 1.0"},
	"window below its least":                       {"5s", []any{"autoscaler", "stable_window"}, "autoscaler.stable_window: Knative refuses the value"},
	"window of half a second":                      {"90s500ms", []any{"autoscaler", "stable_window"}, "autoscaler.stable_window: Knative refuses the value"},
	"no grace":                                     {"0s", []any{"autoscaler", "scale_to_zero_grace_period"}, "autoscaler.scale_to_zero_grace_period: Knative refuses the value"},
	"negative retention":                           {"-1s", []any{"autoscaler", "scale_to_zero_pod_retention_period"}, "autoscaler.scale_to_zero_pod_retention_period: Knative refuses the value"},
	"negative delay":                               {"-1s", []any{"autoscaler", "scale_down_delay"}, "autoscaler.scale_down_delay: Knative refuses the value"},
	"capacity of nothing":                          {0.5, []any{"autoscaler", "activator_capacity"}, "autoscaler.activator_capacity: Knative refuses the value"},
	"burst":                                        {-2, []any{"autoscaler", "target_burst_capacity"}, "autoscaler.target_burst_capacity: Knative refuses the value"},
	"panic window":                                 {101, []any{"autoscaler", "panic_window_percentage"}, "autoscaler.panic_window_percentage: Knative refuses the value"},
	"percents over a hundred":                      {101, []any{"autoscaler", "container_concurrency_target_percentage"}, "autoscaler.container_concurrency_target_percentage: Knative refuses the value"},
	"target of nothing":                            {0, []any{"autoscaler", "container_concurrency_target_default"}, "autoscaler.container_concurrency_target_default: Knative refuses the value"},
	"requests of nothing":                          {0, []any{"autoscaler", "requests_per_second_target_default"}, "autoscaler.requests_per_second_target_default: Knative refuses the value"},
	"negative scale":                               {-1, []any{"autoscaler", "min_scale"}, "autoscaler.min_scale: Knative refuses the value"},
	"scale beyond 32 bits":                         {1 << 32, []any{"autoscaler", "max_scale"}, "autoscaler.max_scale: Knative refuses the value"},
	"min over max":                                 {21, []any{"autoscaler", "min_scale"}, "They don't go together: change autoscaler.max_scale or autoscaler.min_scale"},
	"max over its limit":                           {60, []any{"autoscaler", "max_scale"}, "They don't go together: change autoscaler.max_scale or autoscaler.max_scale_limit"},
	"zero that is not allowed":                     {false, []any{"autoscaler", "allow_zero_initial_scale"}, "autoscaler.initial_scale"},
	"more revisions kept than the most":            {"1", []any{"gc", "max_non_active_revisions"}, "gc.max_non_active_revisions: Knative refuses the value"},
	"negative revisions":                           {-1, []any{"gc", "min_non_active_revisions"}, "gc.min_non_active_revisions: Knative refuses the value"},
	"negative time":                                {"-1h", []any{"gc", "retain_since_create_time"}, "gc.retain_since_create_time: Knative refuses the value"},
	"timeout over the longest":                     {901, []any{"defaults", "revision_timeout_seconds"}, "change defaults.max_revision_timeout_seconds or defaults.revision_timeout_seconds"},
	"response start over the timeout":              {701, []any{"defaults", "revision_response_start_timeout_seconds"}, "defaults.revision_response_start_timeout_seconds"},
	"idle over the timeout":                        {701, []any{"defaults", "revision_idle_timeout_seconds"}, "defaults.revision_idle_timeout_seconds"},
	"concurrency over its limit":                   {501, []any{"defaults", "container_concurrency"}, "defaults.container_concurrency"},
	"concurrency limit of nothing":                 {0, []any{"defaults", "container_concurrency_max_limit"}, "defaults.container_concurrency_max_limit"},
	"container name of no field":                   {"{{.Title}}", []any{"defaults", "container_name_template"}, "defaults.container_name_template: Knative refuses the value"},
	"init container name of no form":               {"{{.Name", []any{"defaults", "init_container_name_template"}, "defaults.init_container_name_template: Knative refuses the value"},
	"no progress":                                  {"0s", []any{"deployment", "progress_deadline"}, "deployment.progress_deadline: Knative refuses the value"},
	"progress of half a second":                    {"1500ms", []any{"deployment", "progress_deadline"}, "deployment.progress_deadline: Knative refuses the value"},
	"no time for digests":                          {"0s", []any{"deployment", "digest_resolution_timeout"}, "deployment.digest_resolution_timeout: Knative refuses the value"},
	"runtime class":                                {map[string]any{"Kata_1": map[string]any{}}, []any{"deployment", "runtime_class_name"}, "deployment.runtime_class_name: Knative refuses the value"},
	"domain template of no form":                   {"{{.Name}.{{.Domain}}", []any{"network", "domain_template"}, "network.domain_template: Knative refuses the value"},
	"domain template with a path":                  {"{{.Domain}}/{{.Name}}", []any{"network", "domain_template"}, "network.domain_template: Knative refuses the value"},
	"domain template of no host":                   {"{{.Labels.x}}", []any{"network", "domain_template"}, "network.domain_template: Knative refuses the value"},
	"domain template of a label that not all have": {"{{.Labels.stage}}.{{.Domain}}", []any{"network", "domain_template"}, "network.domain_template: Knative refuses the value"},
	"tag template of no form":                      {"{{.Tag", []any{"network", "tag_template"}, "network.tag_template: Knative refuses the value"},
	"metrics to nowhere":                           {nil, []any{"observability", "metrics_endpoint"}, "observability.metrics_protocol: Knative refuses the value"},
	"metrics that are not sent":                    {"none", []any{"observability", "metrics_protocol"}, `observability.metrics_endpoint: Knative refuses the value: In config-observability, Knative's own check says: metrics-endpoint should not be set when metrics-protocol is "none"`},
	"request metrics to nowhere":                   {nil, []any{"observability", "request_metrics_endpoint"}, "observability.request_metrics_protocol: Knative refuses the value"},
	"traces to nowhere":                            {nil, []any{"observability", "tracing_endpoint"}, "observability.tracing_protocol: Knative refuses the value"},
	"traces to standard output":                    {"stdout", []any{"observability", "tracing_protocol"}, "observability.tracing_endpoint"},
	"more than all traces":                         {1.1, []any{"observability", "tracing_sampling_rate"}, "observability.tracing_sampling_rate: Knative refuses the value"},
	"negative traces":                              {-0.1, []any{"observability", "tracing_sampling_rate"}, "observability.tracing_sampling_rate: Knative refuses the value"},
	"negative interval":                            {"-1s", []any{"observability", "metrics_export_interval"}, "observability.metrics_export_interval: Knative refuses the value"},
	"negative interval of requests":                {"-1s", []any{"observability", "request_metrics_export_interval"}, "observability.request_metrics_export_interval: Knative refuses the value"},
	"negative interval of the runtime":             {"-1s", []any{"observability", "runtime_export_interval"}, "observability.runtime_export_interval: Knative refuses the value"},
	"request log of no form":                       {"{{.Request", []any{"observability", "logging_request_log_template"}, "observability.logging_request_log_template: Knative refuses the value"},
	"request log of nothing":                       {"", []any{"observability", "logging_request_log_template"}, "observability.logging_enable_request_log"},

	// What Knative's parsers let pass, and what goes wrong later.
	"feature flag":                  {"enable", []any{"features", "multi_container"}, "features.multi_container: Invalid"},
	"secure defaults":               {"allowed", []any{"features", "secure_pod_defaults"}, "features.secure_pod_defaults: Invalid"},
	"mesh":                          {"on", []any{"network", "mesh_compatibility_mode"}, "network.mesh_compatibility_mode: Invalid"},
	"external TLS":                  {"true", []any{"network", "external_domain_tls"}, "network.external_domain_tls: Invalid"},
	"internal TLS":                  {"true", []any{"network", "system_internal_tls"}, "network.system_internal_tls: Invalid"},
	"local TLS":                     {"true", []any{"network", "cluster_local_domain_tls"}, "network.cluster_local_domain_tls: Invalid"},
	"protocol":                      {"disabled", []any{"network", "http_protocol"}, "network.http_protocol: Invalid"},
	"scheme":                        {"ftp", []any{"network", "default_external_scheme"}, "network.default_external_scheme: Invalid"},
	"ingress class":                 {"Istio", []any{"network", "ingress_class"}, "network.ingress_class: Invalid value"},
	"certificate class":             {"a b", []any{"network", "certificate_class"}, "network.certificate_class: Invalid value"},
	"autoscaler class":              {"KPA", []any{"autoscaler", "pod_autoscaler_class"}, "autoscaler.pod_autoscaler_class: Invalid value"},
	"rollout without a unit":        {"60", []any{"network", "rollout_duration"}, "network.rollout_duration: Invalid value"},
	"rollout of half a second":      {"500ms", []any{"network", "rollout_duration"}, "network.rollout_duration: Invalid value"},
	"typo in a branch":              {`{{if index .Annotations "short"}}{{.Title}}{{else}}{{.Name}}.{{.Namespace}}{{end}}.{{.Domain}}`, []any{"network", "domain_template"}, "network.domain_template: Invalid value: network.domain_template"},
	"typo in a tag":                 {`{{if eq .Name "x"}}{{$.Revision}}{{end}}{{.Tag}}`, []any{"network", "tag_template"}, "network.tag_template: Invalid value"},
	"typo in the request log":       {"{{.Response.Status}}", []any{"observability", "logging_request_log_template"}, "there is no Status, only Code, Size, Latency"},
	"request log of two lines":      {"{{.TraceID}}\n", []any{"observability", "logging_request_log_template"}, "observability.logging_request_log_template: Invalid value"},
	"namespaces: operator":          {"Not", []any{"network", "namespace_wildcard_cert_selector", "match_expressions", 0, "operator"}, "match_expressions[0].operator: Invalid"},
	"namespaces: no values":         {nil, []any{"network", "namespace_wildcard_cert_selector", "match_expressions", 0, "values"}, "match_expressions[0].values: Invalid combination"},
	"namespaces: values of nothing": {"DoesNotExist", []any{"network", "namespace_wildcard_cert_selector", "match_expressions", 0, "operator"}, "match_expressions[0].values: Invalid combination"},
	"namespaces: label":             {map[string]any{"a b": "c"}, []any{"network", "namespace_wildcard_cert_selector", "match_labels"}, "Invalid value"},
	"fraction for percents":         {0.7, []any{"autoscaler", "container_concurrency_target_percentage"}, "Write 70 for 70 %, not 0.7"},
	"window without a unit":         {"60", []any{"autoscaler", "stable_window"}, "autoscaler.stable_window: Invalid value"},
	"time that is no time":          {"forever", []any{"gc", "retain_since_create_time"}, "gc.retain_since_create_time: Invalid value"},
	"number that is no number":      {"all", []any{"gc", "max_non_active_revisions"}, "gc.max_non_active_revisions: Invalid value"},
	"negative number":               {"-1", []any{"gc", "max_non_active_revisions"}, "gc.max_non_active_revisions: Invalid value"},
	"quantity":                      {"1 GB", []any{"defaults", "revision_memory_limit"}, "defaults.revision_memory_limit: Not a quantity"},
	"negative quantity":             {"-1", []any{"deployment", "queue_sidecar_cpu_request"}, "deployment.queue_sidecar_cpu_request: Negative quantity"},
	"service links":                 {"yes", []any{"defaults", "enable_service_links"}, "defaults.enable_service_links: Invalid"},
	"TLS version":                   {"1.1", []any{"deployment", "queue_sidecar_tls_min_version"}, "deployment.queue_sidecar_tls_min_version: Invalid"},
	"cipher suite":                  {[]any{"TLS_RSA_WITH_RC4_128_SHA"}, []any{"deployment", "queue_sidecar_tls_cipher_suites"}, "deployment.queue_sidecar_tls_cipher_suites[0]: Invalid"},
	"curve":                         {[]any{"P-192"}, []any{"deployment", "queue_sidecar_tls_curve_preferences"}, "deployment.queue_sidecar_tls_curve_preferences[0]: Invalid"},
	"audience with a comma":         {[]any{"a,b"}, []any{"deployment", "queue_sidecar_token_audiences"}, "deployment.queue_sidecar_token_audiences"},
	"no audience":                   {[]any{}, []any{"deployment", "queue_sidecar_token_audiences"}, "deployment.queue_sidecar_token_audiences: Invalid"},
	"affinity":                      {"spread", []any{"deployment", "default_affinity_type"}, "deployment.default_affinity_type: Invalid"},
	"metrics protocol":              {"otlp", []any{"observability", "metrics_protocol"}, "observability.metrics_protocol: Invalid"},
	"tracing protocol":              {"zipkin", []any{"observability", "tracing_protocol"}, "observability.tracing_protocol: Invalid"},
	"profiling":                     {"true", []any{"observability", "runtime_profiling"}, "observability.runtime_profiling: Invalid"},
	"domain":                        {map[string]any{"*.example.com": map[string]any{}}, []any{"domain"}, `domain["*.example.com"]: Invalid value`},
	"domain's label":                {"eu west", []any{"domain", "eu.example.com", "selector", "region"}, `domain["eu.example.com"].selector["region"]: Invalid value`},
	"domain's type":                 {"regional", []any{"domain", "eu.example.com", "type"}, `domain["eu.example.com"].type: Invalid`},
	"domain of no labels":           {map[string]any{}, []any{"domain", "eu.example.com", "selector"}, `domain["eu.example.com"].selector: Invalid`},
}

func TestRefusals(t *testing.T) {
	planner := plantest.NewPlanner(t, lifecycle.Ingress{}, schemaOnce(), New)
	if lines := planner.Refusals(t, everyAttribute(t)); len(lines) > 0 {
		t.Fatalf("what is right is refused: %q", lines)
	}
	for name, test := range refused {
		t.Run(name, func(t *testing.T) {
			lines := planner.Refusals(t, everyAttribute(t).With(t, test.value, test.at...))
			if len(lines) != 1 {
				t.Errorf("refused %d times, want once: %q", len(lines), lines)
			}
			for _, line := range lines {
				if strings.Contains(line, test.says) {
					return
				}
			}
			t.Errorf("refused for %q, want %q", lines, test.says)
		})
	}
}

// What is written in one of Knative's own ways is no reason to refuse it.
func TestAcceptances(t *testing.T) {
	planner := plantest.NewPlanner(t, lifecycle.Ingress{}, schemaOnce(), New)
	for name, test := range map[string]struct {
		value any
		at    []any
	}{
		"nothing at all":             {nil, []any{"autoscaler"}},
		"an empty ConfigMap":         {map[string]any{}, []any{"gc"}},
		"every namespace":            {map[string]any{}, []any{"network", "namespace_wildcard_cert_selector"}},
		"all tags resolved":          {[]any{}, []any{"deployment", "registries_skipping_tag_resolving"}},
		"no limit":                   {"disabled", []any{"gc", "max_non_active_revisions"}},
		"the cluster's own domain":   {map[string]any{"svc.cluster.local": map[string]any{"selector": map[string]any{"app": "secret"}}}, []any{"domain"}},
		"no domain":                  {map[string]any{}, []any{"domain"}},
		"annotations by a range":     {`{{range $k, $v := .Annotations}}{{$v}}{{end}}{{.Name}}.{{.Domain}}`, []any{"network", "domain_template"}},
		"an annotation by a with":    {`{{with index .Annotations "sub"}}{{.}}.{{end}}{{.Name}}.{{$.Domain}}`, []any{"network", "domain_template"}},
		"a label by its name":        {`{{.Name}}{{index .Labels "stage"}}.{{.Domain}}`, []any{"network", "domain_template"}},
		"a request's deeper fields":  {`{{.Request.URL.Path}} {{.Request.Header.Get "x-user"}} {{.Request.UserAgent}}`, []any{"observability", "logging_request_log_template"}},
		"prometheus on its own port": {map[string]any{"metrics_protocol": "prometheus"}, []any{"observability"}},
	} {
		if lines := planner.Refusals(t, everyAttribute(t).With(t, test.value, test.at...)); len(lines) > 0 {
			t.Errorf("%s is refused: %q", name, lines)
		}
	}
}

// A value that is not known yet is no reason to refuse a configuration.
func TestUnknownValuesAreNotRefused(t *testing.T) {
	planner := plantest.NewPlanner(t, lifecycle.Ingress{}, schemaOnce(), New)
	everyAttribute(t).Leaves(func(at []any) {
		if at[0] == "adopt" || at[0] == "force_conflicts" {
			return
		}
		if lines := planner.Refusals(t, everyAttribute(t).With(t, plantest.Unknown, at...)); len(lines) > 0 {
			t.Errorf("with an unknown %v: %q", at, lines)
		}
	})
}

// What others have in a ConfigMap is read together with what is ours: it is told
// whose the fault is.
func TestOthersKeysAreReadToo(t *testing.T) {
	for name, test := range map[string]struct {
		ours, others map[string]string
		says         string
	}{
		"fit": {map[string]string{"min-scale": "2"}, map[string]string{"max-scale": "3", exampleKey: "…"}, ""},
		"ours does not fit": {
			map[string]string{"min-scale": "5", "scale-down-delay": "1s"},
			map[string]string{"max-scale": "3"},
			`autoscaler.min_scale: Knative refuses the value: In config-autoscaler, .*min-scale \(5\) must be less than max-scale \(3\).*Change autoscaler.min_scale, or what others have set in the ConfigMap config-autoscaler`,
		},
		"theirs is wrong": {
			map[string]string{"min-scale": "1"},
			map[string]string{"stable-window": "1s"},
			`autoscaler: Knative can't read the ConfigMap config-autoscaler: Not because of this configuration`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var diags diag.Diagnostics
			autoscalerSection.validate(test.ours, test.others, &diags)
			var lines []string
			for _, d := range diags {
				at, _ := d.(diag.DiagnosticWithPath)
				lines = append(lines, at.Path().String()+": "+d.Summary()+": "+d.Detail())
			}
			if got := strings.Join(lines, "\n"); (test.says == "") != (got == "") || !regexp.MustCompile(`(?s)`+test.says).MatchString(got) {
				t.Errorf("told %q, want %q", got, test.says)
			}
		})
	}
}

// The names in a refusal are few: only those keys that it takes.
func TestTheGuilty(t *testing.T) {
	every := planned(t, everyAttribute(t)).expand()
	for name, test := range map[string]struct {
		of      *section
		changed map[string]string
		want    []string
	}{
		"one of many":    {defaultsSection, map[string]string{"revision-cpu-limit": "much"}, []string{"revision-cpu-limit"}},
		"a pair of many": {defaultsSection, map[string]string{"revision-timeout-seconds": "901"}, []string{"max-revision-timeout-seconds", "revision-timeout-seconds"}},
		"its default":    {defaultsSection, map[string]string{"container-concurrency-max-limit": "0"}, []string{"container-concurrency-max-limit"}},
	} {
		t.Run(name, func(t *testing.T) {
			data := maps.Clone(every[test.of])
			maps.Copy(data, test.changed)
			if got, err := test.of.refused(data, nil); err == nil || !slices.Equal(got, test.want) {
				t.Errorf("guilty are %v (%v), want %v", got, err, test.want)
			}
		})
	}
}
