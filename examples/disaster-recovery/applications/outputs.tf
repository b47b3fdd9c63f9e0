output "urls" {
  description = "Where each application answers on this cluster."
  value       = { for name, a in module.application : name => a.url }
}

output "dns_targets" {
  description = "Where each host's name has to point, for this cluster."
  value       = merge([for a in module.application : a.dns_targets]...)
}
