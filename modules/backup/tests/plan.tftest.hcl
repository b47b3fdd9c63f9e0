# What the inputs lead to. No cluster is asked.

mock_provider "sls" {}

variables {
  location = { bucket = "backups", prefix = "primary" }
}

run "by_default" {
  assert {
    condition     = length(sls_platform_component.velero) == 0
    error_message = "Without a manifest, Velero is taken to be there."
  }
  assert {
    condition     = sls_backup_schedule.this["platform"].preset == "platform" && sls_backup_schedule.this["applications"].preset == "application"
    error_message = "The platform and its applications are backed up."
  }
  assert {
    condition     = sls_backup_storage_location.this.access_mode == "ReadWrite"
    error_message = "Backups are written."
  }
}

run "another_velero_is_noted_by_the_schedules" {
  command = apply # only then a mock has a digest
  variables {
    velero = { source = "velero.yaml" }
  }
  assert {
    condition     = sls_backup_schedule.this["platform"].annotations["velero.sls-platform.github.io/manifest"] == substr(sls_platform_component.velero[0].source_digest, 0, 16)
    error_message = "With another manifest of Velero's, the schedules are written again."
  }
}

run "read_only" {
  variables {
    velero    = { source = "velero.yaml" }
    location  = { bucket = "backups", access_mode = "ReadOnly", sync_period = "10s" }
    schedules = {}
  }
  assert {
    condition     = length(sls_platform_component.velero) == 1 && length(sls_backup_schedule.this) == 0
    error_message = "Velero is installed, and backs nothing up."
  }
  assert {
    condition     = sls_backup_storage_location.this.backup_sync_period == "10s"
    error_message = "The store is looked into as often as asked."
  }
}
