package config

import (
	"knative.dev/serving/pkg/apis/config"
)

var defaultsSection = &section{
	attribute: "defaults",
	configMap: config.DefaultsConfigName,
	about:     "What revisions get that don't say it themselves, and how far they may go, in the ConfigMap config-defaults. It counts for new revisions.",
	parse:     func(data map[string]string) (any, error) { return config.NewDefaultsConfigFromMap(data) },
	content: typedKeys{
		{"allow-container-concurrency-zero", "Whether revisions may set no limit of requests at a time.", "true", boolean()},
		{"container-concurrency", "Requests at a time that a pod takes, beyond which they wait; 0 is no limit.", "0", integer()},
		{"container-concurrency-max-limit", "The highest limit that revisions may set; at least 1.", "1000", integer()},
		{"container-name-template", "Name of a container that has none, as a Go template of the metadata of its Service, such as `{{.Name}}`.", "user-container", text(oneLine())},
		{"enable-service-links", "Whether pods get environment variables for each Service of their namespace: `true`, `false`, or `default` for Kubernetes' own default.", "false", oneOf("true", "false", "default")},
		{"init-container-name-template", "Name of an init container that has none, as a Go template of the metadata of its Service.", "init-container", text(oneLine())},
		{"max-revision-timeout-seconds", "The longest timeout that revisions may set, in seconds. The activator's terminationGracePeriodSeconds should be as long.", "600", integer()},
		{"revision-cpu-limit", "CPU that a container may use, such as `1` or `500m`; no limit by default.", "", amount()},
		{"revision-cpu-request", "CPU that a container is given; none by default.", "", amount()},
		{"revision-ephemeral-storage-limit", "Local storage that a container may use; no limit by default.", "", amount()},
		{"revision-ephemeral-storage-request", "Local storage that a container is given; none by default.", "", amount()},
		{"revision-idle-timeout-seconds", "How long a request may go on without a byte of its response, in seconds; 0 is no limit.", "0", integer()},
		{"revision-memory-limit", "Memory that a container may use, such as `512Mi`; no limit by default.", "", amount()},
		{"revision-memory-request", "Memory that a container is given; none by default.", "", amount()},
		{"revision-response-start-timeout-seconds", "How long a request may wait for the first byte of its response, in seconds; `revision_timeout_seconds` by default.", "", integer()},
		{"revision-timeout-seconds", "How long a request may take, in seconds.", "300", integer()},
	},
}
