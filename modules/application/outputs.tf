output "url" {
  description = "Where the application answers by Knative's own host. The rules of `traffic` apply at `domain_urls`."
  value       = sls_application.this.url
}

output "domain_urls" {
  description = "Where the application answers by its own hosts, by host."
  value       = { for host, domain in sls_domain.this : host => domain.url }
}

output "dns_targets" {
  description = "What the records of the hosts point to, by host."
  value       = { for host, domain in sls_domain.this : host => domain.dns_target }
}

output "revision" {
  description = "The revision that this call stands for."
  value       = sls_application.this.revision
}

output "image_digest" {
  description = "The image that the revision runs, by its digest."
  value       = sls_application.this.image_digest
}

output "traffic" {
  description = "What the versions of `traffic` came to: revision, percent and tag; null without `traffic`."
  value       = one(sls_revision_traffic.this[*].targets)
}
