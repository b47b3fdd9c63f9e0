# A standby cluster: Velero, the primary's backups to read, its configuration restored; and when it fails over, its
# applications. It asks the primary nothing.

resource "sls_platform_component" "velero" {
  count = var.velero == null ? 0 : 1

  name   = "velero"
  source = var.velero.source
  sha256 = var.velero.sha256
  images = var.velero.images
  # Its namespace is there before it, with the Secret in it.
  adopt = var.primary.location.credential != null

  depends_on = [var.after]
}

resource "sls_backup_storage_location" "primary" {
  name               = var.primary.location.name
  namespace          = var.namespace
  storage_provider   = var.primary.location.provider
  bucket             = var.primary.location.bucket
  prefix             = var.primary.location.prefix
  config             = var.primary.location.config
  credential         = var.primary.location.credential
  ca_certificate     = var.primary.location.ca_certificate
  access_mode        = "ReadOnly" # two that write expire one another's backups
  backup_sync_period = var.primary.location.sync_period

  depends_on = [sls_platform_component.velero]
}

resource "sls_restore" "configuration" {
  name      = "configuration"
  namespace = sls_backup_storage_location.primary.namespace
  preset    = "configuration"
  from      = { schedule = var.primary.schedules.platform, storage_location = sls_backup_storage_location.primary.name }
  triggers  = { active = var.active, again = var.restore_again }
  timeouts  = var.timeouts
}

# Namespaces, and what applications read and run as: also before a failover, for those that are declared in advance.
resource "sls_restore" "surroundings" {
  name      = "surroundings"
  namespace = sls_backup_storage_location.primary.namespace
  preset    = "surroundings"
  from      = { schedule = var.primary.schedules.applications, storage_location = sls_backup_storage_location.primary.name }
  triggers  = { active = var.active, again = var.restore_again }
  timeouts  = var.timeouts
}

resource "sls_restore" "applications" {
  count = var.active ? 1 : 0

  name      = "applications"
  namespace = sls_backup_storage_location.primary.namespace
  preset    = "workloads"
  from      = { schedule = var.primary.schedules.applications, storage_location = sls_backup_storage_location.primary.name }
  timeouts  = var.timeouts

  # They start with the configuration that they had.
  depends_on = [sls_restore.configuration, sls_restore.surroundings]
}

# No output tells of the newest backups: it would change with each of them, and no plan would be empty.
data "sls_recovery_point" "platform" {
  namespace        = sls_backup_storage_location.primary.namespace
  schedule         = var.primary.schedules.platform
  storage_location = sls_backup_storage_location.primary.name
  max_age          = var.primary.rpo.platform

  depends_on = [sls_backup_storage_location.primary] # not before it is there
}

data "sls_recovery_point" "applications" {
  namespace        = sls_backup_storage_location.primary.namespace
  schedule         = var.primary.schedules.applications
  storage_location = sls_backup_storage_location.primary.name
  max_age          = var.primary.rpo.applications

  depends_on = [sls_backup_storage_location.primary]
}

# While this cluster serves, the primary's backups grow old: that is no news.
check "recovery_point_of_the_platform" {
  assert {
    condition     = var.active || data.sls_recovery_point.platform.meets_rpo
    error_message = data.sls_recovery_point.platform.message
  }
}

check "recovery_point_of_the_applications" {
  assert {
    condition     = var.active || data.sls_recovery_point.applications.meets_rpo
    error_message = data.sls_recovery_point.applications.message
  }
}
