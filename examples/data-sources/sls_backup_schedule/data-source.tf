data "sls_backup_schedule" "platform" {
  name = "platform"
}

output "next_backup" {
  value = data.sls_backup_schedule.platform.next_run
}

check "backups_work" {
  assert {
    condition     = try(data.sls_backup_schedule.platform.last_backup.phase, null) == "Completed"
    error_message = "The last backup of ${data.sls_backup_schedule.platform.name} is not complete: ${try(data.sls_backup_schedule.platform.last_backup.phase, "there is none")}."
  }
}
