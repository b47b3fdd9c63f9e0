# What is refused, before anything is planned.

mock_provider "sls" {}

variables {
  location = { bucket = "backups" }
}

run "checksum" {
  command         = plan
  expect_failures = [var.velero]
  variables {
    velero = { source = "velero.yaml", sha256 = "abc" }
  }
}

run "access_mode" {
  command         = plan
  expect_failures = [var.location]
  variables {
    location  = { bucket = "backups", access_mode = "WriteOnly" }
    schedules = {}
  }
}

run "backups_into_a_location_that_is_read" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    location = { bucket = "backups", access_mode = "ReadOnly" }
  }
}

run "neither_preset_nor_namespaces" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { nothing = { cron = "0 3 * * *" } }
  }
}

run "both" {
  command         = plan
  expect_failures = [var.schedules]
  variables {
    schedules = { both = { cron = "0 3 * * *", preset = "platform", included_namespaces = ["shop"] } }
  }
}
