# What the inputs lead to. No cluster is asked.

mock_provider "sls" {
  mock_data "sls_recovery_point" {
    defaults = { meets_rpo = true, message = "good enough", backup_name = "b", time = "2026-11-24T03:00:00Z" }
  }
}

variables {
  primary = { location = { bucket = "backups", prefix = "primary" } }
  nodes   = { standby = 2, active = 10 }
}

run "standby" {
  assert {
    condition     = sls_restore.configuration.preset == "configuration" && sls_restore.configuration.from.schedule == "platform"
    error_message = "A standby has the primary's configuration."
  }
  assert {
    condition     = sls_restore.surroundings.preset == "surroundings" && sls_restore.surroundings.from.schedule == "applications"
    error_message = "A standby has what the applications read."
  }
  assert {
    condition     = length(sls_restore.applications) == 0
    error_message = "A standby restores no applications."
  }
  assert {
    condition     = sls_backup_storage_location.primary.access_mode == "ReadOnly"
    error_message = "A standby never writes where the primary does."
  }
  assert {
    condition     = output.nodes == 2 && output.active == false && output.prepared == false
    error_message = "A standby has few nodes."
  }
}

run "too_old" {
  override_data {
    target = data.sls_recovery_point.applications
    values = { meets_rpo = false, message = "The newest backup is 3 days old." }
  }
  command         = plan
  expect_failures = [check.recovery_point_of_the_applications]
}

run "active" {
  variables {
    active = true
  }
  override_data {
    target = data.sls_recovery_point.applications
    values = { meets_rpo = false, message = "The newest backup is 3 days old." }
  }
  assert {
    condition     = sls_restore.applications[0].preset == "workloads" && sls_restore.configuration.triggers["active"] == "true"
    error_message = "A failover restores the newest configuration and the applications."
  }
  assert {
    condition     = output.nodes == 10 && output.active && output.prepared
    error_message = "A cluster that serves has its nodes, and says that it serves."
  }
}
