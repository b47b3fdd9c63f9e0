output "active" {
  description = "Whether this cluster serves, known once all is restored that applications need: what depends on it follows the restore."
  value       = var.active

  depends_on = [sls_restore.configuration, sls_restore.surroundings, sls_restore.applications]
}

output "prepared" {
  description = "The same as `active`, known once the configuration is restored, and what applications read: for applications whose images Terraform knows, which need not wait for the others to be restored."
  value       = var.active

  depends_on = [sls_restore.configuration, sls_restore.surroundings]
}

output "nodes" {
  description = "How many nodes the cluster should have now. It follows `active` at once, so that nodes join while the rest is restored."
  value       = var.active ? var.nodes.active : var.nodes.standby
}

output "restored" {
  description = "The backups that were restored: what has changed since is not on this cluster."
  value = {
    configuration = { backup = sls_restore.configuration.backup_name, time = sls_restore.configuration.backup_time, messages = sls_restore.configuration.messages }
    surroundings  = { backup = sls_restore.surroundings.backup_name, time = sls_restore.surroundings.backup_time, messages = sls_restore.surroundings.messages }
    applications  = one([for r in sls_restore.applications : { backup = r.backup_name, time = r.backup_time, messages = r.messages }])
  }
}
