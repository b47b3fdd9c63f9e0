import {
  to = sls_backup_schedule.platform
  id = "velero/platform"
}
