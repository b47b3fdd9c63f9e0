import {
  to = sls_backup_storage_location.main
  id = "velero/main"
}
