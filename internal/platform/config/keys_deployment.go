package config

import (
	"crypto/tls"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"knative.dev/serving/pkg/deployment"
)

var deploymentSection = &section{
	attribute: "deployment",
	configMap: deployment.ConfigName,
	about: "How Knative deploys revisions, and their queue proxy, in the ConfigMap config-deployment. Most of it counts for all revisions, and replaces their pods. " +
		"The queue proxy's image is the release's own: see `images` of `sls_platform_component`.",
	parse: parseDeployment,
	content: typedKeys{
		{
			"default-affinity-type", "How pods of one revision are spread: `prefer-spread-revision-over-nodes` or `none`.", string(deployment.PreferSpreadRevisionOverNodes),
			oneOf(string(deployment.PreferSpreadRevisionOverNodes), string(deployment.None)),
		},
		{"digest-resolution-timeout", "How long it may take to ask a registry for an image's digest.", "10s", duration()},
		{"pod-is-always-schedulable", "Whether a pod that no node has room for is waited for, as where nodes are added on demand, and not held for a failure.", "false", boolean()},
		{"progress-deadline", "How long a revision may take until its pods are ready, in whole seconds.", "600s", duration()},
		{"queue-sidecar-cpu-limit", "CPU that the queue proxy may use; no limit by default, or 1 with `features.queueproxy_resource_defaults`.", "", amount()},
		{"queue-sidecar-cpu-request", "CPU that the queue proxy is given.", "25m", amount()},
		{"queue-sidecar-ephemeral-storage-limit", "Local storage that the queue proxy may use; no limit by default.", "", amount()},
		{"queue-sidecar-ephemeral-storage-request", "Local storage that the queue proxy is given; none by default.", "", amount()},
		{"queue-sidecar-memory-limit", "Memory that the queue proxy may use; no limit by default, or 800Mi with `features.queueproxy_resource_defaults`.", "", amount()},
		{"queue-sidecar-memory-request", "Memory that the queue proxy is given; none by default, or 400Mi with `features.queueproxy_resource_defaults`.", "", amount()},
		{"queue-sidecar-rootca", "Certificates of authorities that the queue proxy trusts besides, in PEM; none by default.", "", text()},
		{"queue-sidecar-tls-cipher-suites", "Cipher suites of the queue proxy's TLS 1.2, such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`; Go's choice by default.", "", list(cipherSuites()...)},
		{"queue-sidecar-tls-curve-preferences", "Curves of the queue proxy's TLS in order of preference, such as `X25519` or `P-256`; Go's choice by default.", "", list(curves...)},
		{"queue-sidecar-tls-max-version", "The highest version of the queue proxy's TLS: `1.2` or `1.3`; Go's highest by default.", "", oneOf("1.2", "1.3")},
		{"queue-sidecar-tls-min-version", "The lowest version of the queue proxy's TLS: `1.2` or `1.3`; 1.3 by default.", "", oneOf("1.2", "1.3")},
		{"queue-sidecar-token-audiences", "Audiences for which the queue proxy gets tokens of the service account; none by default.", "", set(setvalidator.SizeAtLeast(1))},
		{"registries-skipping-tag-resolving", "Registries whose tags stay tags, instead of being resolved to digests when a revision is made; `[]` resolves all.", "kind.local,ko.local,dev.local", set()},
		{"runtime-class-name", "Runtime classes of pods, and for each the labels of the services that get it; none by default.", "", runtimeClasses()},
	},
}

// queueImageKey is the one key that Knative needs and that no example explains:
// the release itself sets it.
const queueImageKey = deployment.QueueSidecarImageKey

// parseDeployment is Knative's parser, for keys that have the release's beside
// them in the ConfigMap.
func parseDeployment(data map[string]string) (any, error) {
	if data[queueImageKey] == "" && data[deployment.DeprecatedQueueSidecarImageKey] == "" {
		data = maps.Clone(data)
		if data == nil {
			data = map[string]string{}
		}
		data[queueImageKey] = "the release's"
	}
	return deployment.NewConfigFromMap(data)
}

// cipherSuites are the names that the queue proxy knows, see
// knative.dev/pkg/network/tls. It does not start with another.
func cipherSuites() []string {
	var names []string
	for _, suite := range tls.CipherSuites() {
		names = append(names, suite.Name)
	}
	return names
}

// curves are the names that the queue proxy knows, see knative.dev/pkg/network/tls.
var curves = []string{"X25519MLKEM768", "X25519", "P-256", "P-384", "P-521", "CurveP256", "CurveP384", "CurveP521"}
