output "urls" {
  description = "Where the application answers by Knative's own host, by environment."
  value       = { for name, application in module.application : name => application.url }
}

output "domain_urls" {
  description = "Where the application answers by its own hosts, by environment and host."
  value       = { for name, application in module.application : name => application.domain_urls }
}

output "dns_targets" {
  description = "What the records of the hosts point to, by host."
  value       = merge(values(module.application)[*].dns_targets...)
}

output "namespaces" {
  description = "Where the application is, by environment."
  value       = { for name, environment in local.environments : name => environment.namespace }
}

output "revisions" {
  description = "The revision that each environment deploys, by environment."
  value       = { for name, application in module.application : name => application.revision }
}

output "image_digests" {
  description = "The image that each environment runs, by its digest: the same in two of them is the same program."
  value       = { for name, application in module.application : name => application.image_digest }
}

output "traffic" {
  description = "What the versions of each environment's `traffic` came to: revision, percent and tag; null without `traffic`."
  value       = { for name, application in module.application : name => application.traffic }
}
