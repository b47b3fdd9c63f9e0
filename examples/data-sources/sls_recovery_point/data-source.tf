# On the standby cluster: what a failover would bring back now.
data "sls_recovery_point" "platform" {
  schedule = "platform"
  max_age  = "25h"
}

check "recovery_point" {
  assert {
    condition     = data.sls_recovery_point.platform.meets_rpo
    error_message = data.sls_recovery_point.platform.message
  }
}
