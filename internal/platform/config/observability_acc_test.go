package config_test

import (
	"fmt"
	"maps"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sls-platform/terraform-provider-sls/internal/acctest"
	"github.com/sls-platform/terraform-provider-sls/internal/platform/config"
)

// What is read here of config-observability in Knative's place, Knative's webhook
// reads and refuses the same: each key with all sorts of values, and each
// protocol with and without an endpoint.
func TestAccPlatformConfigReadsObservabilityAsKnative(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	live := p.live("config-observability")
	client := acctest.OnCluster(t).Core.ConfigMaps(p.namespace)

	var cases []map[string]string
	for _, key := range config.ObservabilityKeys() {
		for _, value := range []string{
			"", " ", "none", "prometheus", "http/protobuf", "grpc", "stdout", "otlp", "NONE", "collector:4317",
			"-1s", "0s", "5", "5s", "true", "True", "yes", "-0.1", "0.5", "1", "1.5", "enabled", "disabled", "on",
			"{{.Request", "{{.Request.Method}}", "{{nothing}}",
		} {
			cases = append(cases, map[string]string{key: value})
		}
	}
	for _, prefix := range []string{"metrics-", "request-metrics-", "tracing-"} {
		for _, protocol := range []string{"none", "prometheus", "http/protobuf", "grpc", "stdout", "otlp"} {
			for _, endpoint := range []string{"", "collector:4317"} {
				cases = append(cases, map[string]string{prefix + "protocol": protocol, prefix + "endpoint": endpoint})
			}
		}
	}
	for _, enabled := range []string{"true", "false"} {
		for _, template := range []string{"", "{{.TraceID}}"} {
			cases = append(cases, map[string]string{"logging.enable-request-log": enabled, "logging.request-log-template": template})
		}
	}

	accepted, refused := 0, 0
	for _, data := range cases {
		changed := live.DeepCopy()
		maps.Copy(changed.Data, data)
		_, err := client.Update(t.Context(), changed, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}})
		switch {
		case err == nil:
			accepted++
		case apierrors.IsBadRequest(err):
			refused++
		default:
			t.Fatalf("%v: %s", data, err)
		}
		if ours := config.ReadsObservability(data); (ours == nil) != (err == nil) {
			t.Errorf("%s: Knative says %v, we say %v", fmt.Sprint(data), err, ours)
		}
	}
	if accepted < 50 || refused < 50 {
		t.Errorf("Knative accepted %d and refused %d of them: does its webhook see them?", accepted, refused)
	}
}
