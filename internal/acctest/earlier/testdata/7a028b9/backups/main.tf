variable "bucket" {}
variable "secret" {}
variable "url" {}

resource "sls_backup_storage_location" "main" {
  name             = "main"
  storage_provider = "aws"
  bucket           = var.bucket
  prefix           = "earlier"
  config           = { region = "us-east-1", s3Url = var.url, s3ForcePathStyle = "true" }
  credential       = { name = var.secret }
}

resource "sls_backup_schedule" "applications" {
  name             = "applications"
  cron             = "0 3 1 1 *"
  timezone         = "Asia/Shanghai"
  retention        = "48h"
  storage_location = sls_backup_storage_location.main.name
  preset           = "application"
  skip_immediately = true
}

resource "sls_backup" "one" {
  name                = "one"
  storage_location    = sls_backup_storage_location.main.name
  included_namespaces = ["kube-public"]
}

resource "sls_restore" "one" {
  name              = "one"
  from              = { backup = sls_backup.one.name }
  namespace_mapping = { kube-public = "restored" }
  stages            = [{ name = "all" }]
}
