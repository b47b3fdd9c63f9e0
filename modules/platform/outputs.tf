output "components" {
  description = "What is installed, by the names of the components: whether it is ready, and why not."
  value = {
    for c in concat(
      sls_platform_component.gateway_api[*],
      sls_platform_component.istio[*],
      sls_platform_component.istio_base[*],
      sls_platform_component.istiod[*],
      sls_platform_component.gateway[*],
      [sls_platform_component.knative_serving],
      [sls_platform_component.ingress],
      sls_platform_component.gateways[*],
    ) : c.name => { ready = c.ready, status_message = c.status_message, source_digest = c.source_digest }
  }
}

output "ingress_class" {
  description = "The class of Knative's ingress; null where `config` is."
  value       = one(sls_platform_config.this[*].network.ingress_class)
}

output "gateways" {
  description = "The gateways that requests come in by, as `data.sls_platform` knows them."
  value       = data.sls_platform.this.gateways
}

output "versions" {
  description = "The versions of Kubernetes, Knative Serving, Istio, the Gateway API and Velero; null where one is absent."
  value       = data.sls_platform.this.versions
}

output "compatible" {
  description = "Whether these versions go together, by what the projects say; null where they don't say it."
  value       = data.sls_platform.this.compatible
}

output "problems" {
  description = "What stands against relying on the platform, in sentences; empty when all is well."
  value       = data.sls_platform.this.problems
}
