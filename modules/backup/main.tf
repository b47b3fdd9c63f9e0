# Backups: Velero, where they are kept, and when they are made.

resource "sls_platform_component" "velero" {
  count = var.velero == null ? 0 : 1

  name   = "velero"
  source = var.velero.source
  sha256 = var.velero.sha256
  images = var.velero.images

  labels = var.labels
  # Its namespace is there before it, with the Secret in it.
  adopt           = var.adopt || var.location.credential != null
  force_conflicts = var.force_conflicts
}

resource "sls_backup_storage_location" "this" {
  name               = var.location.name
  namespace          = var.namespace
  storage_provider   = var.location.provider
  bucket             = var.location.bucket
  prefix             = var.location.prefix
  config             = var.location.config
  credential         = var.location.credential
  ca_certificate     = var.location.ca_certificate
  access_mode        = var.location.access_mode
  backup_sync_period = var.location.sync_period

  labels          = var.labels
  adopt           = var.adopt
  force_conflicts = var.force_conflicts

  depends_on = [sls_platform_component.velero]
}

resource "sls_backup_schedule" "this" {
  for_each = var.schedules

  name             = each.key
  namespace        = sls_backup_storage_location.this.namespace
  storage_location = sls_backup_storage_location.this.name

  preset              = each.value.preset
  included_namespaces = each.value.included_namespaces
  cron                = each.value.cron
  timezone            = each.value.timezone
  retention           = each.value.retention
  paused              = each.value.paused
  skip_immediately    = each.value.skip_immediately

  labels = var.labels
  # With another Velero a schedule is written again, which notes the version that makes its backups from then on.
  annotations     = { for v in sls_platform_component.velero : "velero.sls-platform.github.io/manifest" => substr(v.source_digest, 0, 16) }
  adopt           = var.adopt
  force_conflicts = var.force_conflicts
}
