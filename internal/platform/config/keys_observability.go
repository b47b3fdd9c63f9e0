package config

var observabilitySection = &section{
	attribute: "observability",
	configMap: "config-observability",
	about:     "Logs, metrics and traces of Knative and of the queue proxies, in the ConfigMap config-observability. Since Knative 1.19 traces are part of it, and config-tracing is empty.",
	parse:     func(data map[string]string) (any, error) { return parseObservability(data) },
	content: typedKeys{
		{"logging.enable-probe-request-log", "Whether queue proxies write an entry for each probe.", "false", boolean()},
		{"logging.enable-request-log", "Whether queue proxies write an entry for each request to their standard output.", "false", boolean()},
		{"logging.enable-var-log-collection", "Whether pods get a volume for /var/log, for a daemon set that collects it.", "false", boolean()},
		{
			"logging.request-log-template", "The entry of a request, as a Go template of one line with `.Request`, `.Response`, `.Revision` and `.TraceID`; an entry in JSON by default.", "",
			text(oneLine(), templateOf("request log", requestLogValues{})),
		},
		{"logging.revision-url-template", "Where the logs of a revision are, for its status; Knative replaces `${REVISION_UID}`, which HCL writes `$${REVISION_UID}`. None by default.", "", text(oneLine())},
		{"metrics-endpoint", "Where Knative's own metrics go, such as `http://collector.observability:4318/v1/metrics`; for `prometheus` the address to listen on, such as `:9090`, and optional. None by default.", "", text(oneLine())},
		{"metrics-export-interval", "How often they go there; OpenTelemetry's 60s by default.", "", duration()},
		{"metrics-protocol", "How they go there: `none`, `prometheus`, `http/protobuf` or `grpc`. The last two need `metrics_endpoint`.", "none", oneOf(metricsProtocols...)},
		{"request-metrics-endpoint", "Where the queue proxies' metrics go; nowhere by default.", "", text(oneLine())},
		{"request-metrics-export-interval", "How often they go there; OpenTelemetry's 60s by default.", "", duration()},
		{"request-metrics-protocol", "How they go there: as `metrics_protocol`.", "none", oneOf(metricsProtocols...)},
		{"runtime-export-interval", "How often figures of the Go runtime are read.", "15s", duration()},
		{"runtime-profiling", "Whether Knative's pods offer profiles of themselves on port 8008: `enabled` or `disabled`.", "disabled", oneOf("enabled", "disabled")},
		{"tracing-endpoint", "Where traces go, such as a Jaeger's `http://jaeger-collector.observability:4318/v1/traces`; nowhere by default.", "", text(oneLine())},
		{"tracing-protocol", "How they go there: `none`, `http/protobuf`, `grpc`, or `stdout` to try it. The second and third need `tracing_endpoint`.", "none", oneOf(tracingProtocols...)},
		{"tracing-sampling-rate", "Part of the requests that are traced, from 0 to 1.", "0", number()},
	},
}
