package config

import (
	"knative.dev/serving/pkg/apis/config"
)

var featuresSection = &section{
	attribute: "features",
	configMap: config.FeaturesConfigName,
	about: "What services may use of Kubernetes' pods, and extensions of Knative, in the ConfigMap config-features. Unless it says something else, a flag is `enabled`, `disabled`, " +
		"or `allowed`: used where a service asks for it. A flag that services use can't safely be disabled any more.",
	parse: func(data map[string]string) (any, error) { return config.NewFeaturesConfigFromMap(data) },
	content: typedKeys{
		{"autodetect-http2", "Try HTTP/2 on ports that don't say h2c.", "disabled", flag()},
		{"kubernetes.containerspec-addcapabilities", "Capabilities of containers beyond the usual.", "disabled", flag()},
		{"kubernetes.podspec-affinity", "Affinity to nodes and pods.", "disabled", flag()},
		{"kubernetes.podspec-dnsconfig", "DNS settings of pods.", "disabled", flag()},
		{"kubernetes.podspec-dnspolicy", "DNS policies of pods.", "disabled", flag()},
		{"kubernetes.podspec-fieldref", "Environment variables from a pod's fields.", "disabled", flag()},
		{"kubernetes.podspec-hostaliases", "Entries of /etc/hosts.", "disabled", flag()},
		{"kubernetes.podspec-hostipc", "The node's IPC namespace.", "disabled", flag()},
		{"kubernetes.podspec-hostnetwork", "The node's network.", "disabled", flag()},
		{"kubernetes.podspec-hostpid", "The node's processes.", "disabled", flag()},
		{"kubernetes.podspec-init-containers", "Init containers.", "disabled", flag()},
		{"kubernetes.podspec-nodeselector", "Node selectors.", "disabled", flag()},
		{"kubernetes.podspec-persistent-volume-claim", "Persistent volumes.", "disabled", flag()},
		{"kubernetes.podspec-persistent-volume-write", "Writing to persistent volumes.", "disabled", flag()},
		{"kubernetes.podspec-priorityclassname", "Priority classes.", "disabled", flag()},
		{"kubernetes.podspec-runtimeclassname", "Runtime classes.", "disabled", flag()},
		{"kubernetes.podspec-schedulername", "Other schedulers.", "disabled", flag()},
		{"kubernetes.podspec-securitycontext", "The security context of pods: user, groups and seccomp profile, of sidecars that aren't the service's too.", "disabled", flag()},
		{"kubernetes.podspec-shareprocessnamespace", "One process namespace for all containers of a pod.", "disabled", flag()},
		{"kubernetes.podspec-tolerations", "Tolerations.", "disabled", flag()},
		{"kubernetes.podspec-topologyspreadconstraints", "Spreading of pods over nodes and zones.", "disabled", flag()},
		{"kubernetes.podspec-volumes-csi", "Volumes of CSI drivers.", "disabled", flag()},
		{"kubernetes.podspec-volumes-emptydir", "Empty volumes.", "enabled", flag()},
		{"kubernetes.podspec-volumes-ephemeral", "Generic ephemeral volumes.", "disabled", flag()},
		{"kubernetes.podspec-volumes-hostpath", "The node's directories.", "disabled", flag()},
		{"kubernetes.podspec-volumes-image", "Volumes of images.", "disabled", flag()},
		{"kubernetes.podspec-volumes-mount-propagation", "Propagation of mounts.", "disabled", flag()},
		{"multi-container", "Several containers in a service.", "enabled", flag()},
		{"multi-container-probing", "Probes of all of them.", "disabled", flag()},
		{"queueproxy.mount-podinfo", "A file with the pod's annotations for extensions of the queue proxy; `allowed` for services with the annotation `features.knative.dev/queueproxy-podinfo: enabled`.", "disabled", flag()},
		{"queueproxy.resource-defaults", "Requests and limits for the queue proxy where `deployment` sets none.", "disabled", flag()},
		{
			"secure-pod-defaults", "Security context of containers that set none: `disabled` for nothing, `AllowRootBounded` for no capabilities and the runtime's seccomp profile, `enabled` for these without root.",
			"disabled", oneOf("disabled", "AllowRootBounded", "enabled"),
		},
		{"tag-header-based-routing", "A tag's revision for requests with the header `Knative-Serving-Tag`.", "disabled", flag()},
	},
}

// flag is a switch of Knative.
func flag() codec { return oneOf("enabled", "allowed", "disabled") }
