resource "sls_backup_storage_location" "main" {
  name             = "main"
  storage_provider = "aws"
  bucket           = "platform-backups"
  config           = { region = "eu-central-1" }
  credential       = { name = "backup-store" }
}

# Knative and Istio, components and configuration: what a standby cluster is made from.
resource "sls_backup_schedule" "platform" {
  name             = "platform"
  cron             = "0 3 * * *"
  timezone         = "Asia/Shanghai"
  retention        = "720h"
  storage_location = sls_backup_storage_location.main.name
  preset           = "platform"
}

# Applications, their domains and their traffic, every hour.
resource "sls_backup_schedule" "applications" {
  name             = "applications"
  cron             = "@hourly"
  retention        = "48h"
  storage_location = sls_backup_storage_location.main.name
  preset           = "application"
}

# Velero's own filters.
resource "sls_backup_schedule" "shop" {
  name                                = "shop"
  cron                                = "*/30 * * * *"
  storage_location                    = sls_backup_storage_location.main.name
  included_namespaces                 = ["shop", "shop-*"]
  excluded_cluster_scoped_resources   = ["*"]
  included_namespace_scoped_resources = ["services.serving.knative.dev", "configmaps", "secrets"]
}
