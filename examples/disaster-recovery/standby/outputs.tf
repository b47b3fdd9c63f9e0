output "restored" {
  description = "What was restored last."
  value       = module.standby.restored
}

output "nodes" {
  description = "How many nodes the cluster's node pool should have."
  value       = module.standby.nodes
}

output "dns_targets" {
  description = "Where each host's name has to point now; none while the primary serves."
  value       = var.active ? merge(module.declared.dns_targets, module.restored.dns_targets) : {}
}
