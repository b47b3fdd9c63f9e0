output "namespace" {
  description = "The namespace that Velero runs in."
  value       = sls_backup_storage_location.this.namespace
}

output "location" {
  description = "The backup storage location's name, once Velero can use it."
  value       = sls_backup_storage_location.this.name
}

output "schedules" {
  description = "The names of the schedules."
  value       = keys(sls_backup_schedule.this)
}
