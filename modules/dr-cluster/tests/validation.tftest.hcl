# What is refused, before anything is planned.

mock_provider "sls" {}

variables {
  primary = { location = { bucket = "backups", prefix = "primary" } }
}

run "checksum" {
  command         = plan
  expect_failures = [var.velero]
  variables {
    velero = { source = "velero.yaml", sha256 = "abc" }
  }
}

run "no_nodes" {
  command = plan
  # With an input refused, no check is evaluated.
  expect_failures = [var.nodes, check.recovery_point_of_the_platform, check.recovery_point_of_the_applications]
  variables {
    nodes = { standby = 1, active = 0 }
  }
}
