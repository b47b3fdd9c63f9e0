# Credentials stay in a Secret of Velero's namespace: no state holds them.
resource "sls_backup_storage_location" "main" {
  name             = "main"
  storage_provider = "aws"
  bucket           = "platform-backups"
  prefix           = "prod-eu"
  default          = true

  config = {
    region = "eu-central-1"
  }

  credential = {
    name = "backup-store"
    key  = "cloud"
  }
}

# Another store that speaks S3, on a standby cluster, which must not expire what it restores.
resource "sls_backup_storage_location" "primary" {
  name               = "primary"
  storage_provider   = "aws"
  bucket             = "platform-backups"
  prefix             = "prod-cn"
  access_mode        = "ReadOnly"
  backup_sync_period = "30s"

  config = {
    region           = "us-east-1"
    s3Url            = "https://s3.internal.example.com"
    s3ForcePathStyle = "true"
  }

  credential     = { name = "backup-store" }
  ca_certificate = { name = "internal-ca" }
}
