package config

import (
	"knative.dev/networking/pkg/config"
)

var networkSection = &section{
	attribute: "network",
	configMap: config.ConfigMapName,
	about:     "How services are exposed, in the ConfigMap config-network.",
	parse:     func(data map[string]string) (any, error) { return config.NewConfigFromMap(data) },
	content: typedKeys{
		{"autocreate-cluster-domain-claims", "Whether any namespace may claim any domain by a DomainMapping.", "false", boolean()},
		{"certificate-class", "Who makes certificates, where a route does not say it.", config.CertManagerCertificateClassName, text(class())},
		{"cluster-local-domain-tls", "Certificates for domains inside the cluster: `enabled` or `disabled`.", "disabled", oneOf("enabled", "disabled")},
		{"default-external-scheme", "Scheme of the URLs that services show without `external_domain_tls`: `https` if something in front of the platform speaks TLS.", "http", oneOf("http", "https")},
		{
			"domain-template", "A service's host, as a Go template with `.Name`, `.Namespace`, `.Domain`, `.Annotations` and `.Labels`. " +
				"An annotation may choose another form, so that old services keep theirs: `{{if eq (index .Annotations \"sls/domain\") \"short\"}}{{.Name}}{{else}}{{.Name}}.{{.Namespace}}{{end}}.{{.Domain}}`. " +
				"It counts for all services at once, also for those that are there.", config.DefaultDomainTemplate,
			text(oneLine(), templateOf("domain", config.DomainTemplateValues{})),
		},
		{"enable-mesh-pod-addressability", "Whether pods can be reached by their addresses although there is a mesh.", "false", boolean()},
		{"external-domain-tls", "Certificates for domains outside the cluster: `enabled` or `disabled`.", "disabled", oneOf("enabled", "disabled")},
		{"http-protocol", "What plain HTTP gets from outside when there are certificates: `enabled` for an answer, `redirected` for a redirect to HTTPS.", "enabled", oneOf("enabled", "redirected")},
		{"ingress-class", "Which ingress serves routes that name none. To change it is undefined for routes that are there.", config.IstioIngressClassName, text(class())},
		{"mesh-compatibility-mode", "Whether Knative reaches pods by their Service (`enabled`, for a mesh), by their own addresses (`disabled`), or tries (`auto`).", "auto", oneOf("auto", "enabled", "disabled")},
		{"namespace-wildcard-cert-selector", "Namespaces that get one wildcard certificate instead of one for each service; `{}` is all of them. None by default.", "", labelSelector()},
		{"rollout-duration", "Time over which traffic goes to the latest revision when it is ready, in whole seconds.", "0s", seconds()},
		{"system-internal-tls", "TLS between the ingress, the activator and the queue proxies: `enabled` or `disabled`.", "disabled", oneOf("enabled", "disabled")},
		{
			"tag-template", "First part of a tag's host, as a Go template with `.Tag` and `.Name`; it is the `.Name` of `domain_template` then.", config.DefaultTagTemplate,
			text(oneLine(), templateOf("tag", config.TagTemplateValues{})),
		},
	},
}
