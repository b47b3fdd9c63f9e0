package config

import (
	"errors"
	"fmt"
	"slices"
	"text/template"
	"time"

	"knative.dev/pkg/configmap/parser"
)

// Knative's parser of config-observability is in packages that bring
// OpenTelemetry's exporters and Prometheus' with them: some thirty modules, and
// 1.6 MB of the provider, for sixteen keys. What follows reads and refuses the
// same as knative.dev/serving/pkg/observability.NewFromMap and,
// beneath it, NewFromMap of metrics, tracing and runtime in
// knative.dev/pkg/observability. An acceptance test shows it against Knative's
// own webhook.

const (
	protocolNone       = "none"
	protocolHTTP       = "http/protobuf"
	protocolGRPC       = "grpc"
	protocolPrometheus = "prometheus"
	protocolStdout     = "stdout"
)

var (
	metricsProtocols = []string{protocolNone, protocolPrometheus, protocolHTTP, protocolGRPC}
	tracingProtocols = []string{protocolNone, protocolHTTP, protocolGRPC, protocolStdout}
)

// observability is what Knative reads from config-observability.
type observability struct {
	Metrics, RequestMetrics exporter
	Tracing                 exporter
	SamplingRate            float64

	Profiling       string
	RuntimeInterval time.Duration

	VarLogCollection, RequestLog, ProbeRequestLog bool
	LoggingURLTemplate, RequestLogTemplate        string
}

type exporter struct {
	Protocol, Endpoint string
	Interval           time.Duration
}

func parseObservability(data map[string]string) (*observability, error) {
	o := &observability{
		Metrics: exporter{Protocol: protocolNone}, RequestMetrics: exporter{Protocol: protocolNone}, Tracing: exporter{Protocol: protocolNone},
		Profiling: "disabled", RuntimeInterval: 15 * time.Second,
		RequestLogTemplate: "{{.Request.URL}}", // Knative's own is longer
	}
	err := parser.Parse(data,
		parser.As("tracing-protocol", &o.Tracing.Protocol),
		parser.As("tracing-endpoint", &o.Tracing.Endpoint),
		parser.As("tracing-sampling-rate", &o.SamplingRate),
		o.Tracing.valid("tracing", tracingProtocols, protocolNone, protocolStdout),
		o.validSamplingRate,
		parser.As("metrics-protocol", &o.Metrics.Protocol),
		parser.As("metrics-endpoint", &o.Metrics.Endpoint),
		parser.As("metrics-export-interval", &o.Metrics.Interval),
		o.Metrics.valid("metrics", metricsProtocols, protocolNone),
		parser.As("runtime-profiling", &o.Profiling),
		parser.As("runtime-export-interval", &o.RuntimeInterval),
		o.validRuntime,
		parser.As("request-metrics-protocol", &o.RequestMetrics.Protocol),
		parser.As("request-metrics-endpoint", &o.RequestMetrics.Endpoint),
		parser.As("request-metrics-export-interval", &o.RequestMetrics.Interval),
		o.RequestMetrics.valid("request-metrics", metricsProtocols, protocolNone),
		parser.As("logging.enable-var-log-collection", &o.VarLogCollection),
		parser.As("logging.revision-url-template", &o.LoggingURLTemplate),
		parser.As("logging.request-log-template", &o.RequestLogTemplate),
		parser.As("logging.enable-request-log", &o.RequestLog),
		parser.As("logging.enable-probe-request-log", &o.ProbeRequestLog),
		o.validRequestLog,
	)
	return o, err
}

// valid refuses a protocol that there is not, and an endpoint that it lacks or
// has no use for.
func (e *exporter) valid(prefix string, protocols []string, without ...string) parser.ParseFunc {
	return func(map[string]string) error {
		switch {
		case !slices.Contains(protocols, e.Protocol):
			return fmt.Errorf("unsupported %s-protocol %q", prefix, e.Protocol)
		case slices.Contains(without, e.Protocol) && e.Endpoint != "":
			return fmt.Errorf("%[1]s-endpoint should not be set when %[1]s-protocol is %[2]q", prefix, e.Protocol)
		case (e.Protocol == protocolGRPC || e.Protocol == protocolHTTP) && e.Endpoint == "":
			return fmt.Errorf("%[1]s-endpoint should be set when %[1]s-protocol is %[2]q", prefix, e.Protocol)
		case e.Interval < 0:
			return fmt.Errorf("%s-export-interval %s should not be less than zero", prefix, e.Interval)
		}
		return nil
	}
}

func (o *observability) validSamplingRate(map[string]string) error {
	if o.SamplingRate < 0 || o.SamplingRate > 1 {
		return fmt.Errorf("tracing-sampling-rate %v should be from 0 to 1", o.SamplingRate)
	}
	return nil
}

func (o *observability) validRuntime(map[string]string) error {
	switch {
	case o.Profiling != "enabled" && o.Profiling != "disabled":
		return fmt.Errorf("unsupported runtime-profiling %q", o.Profiling)
	case o.RuntimeInterval < 0:
		return fmt.Errorf("runtime-export-interval %s should not be less than zero", o.RuntimeInterval)
	}
	return nil
}

func (o *observability) validRequestLog(map[string]string) error {
	if o.RequestLogTemplate == "" && o.RequestLog {
		return errors.New("logging.enable-request-log was set to true, but no logging.request-log-template was specified")
	}
	_, err := template.New("logging.request-log-template").Parse(o.RequestLogTemplate)
	return err
}
