import {
  to = sls_backup.before_upgrade
  id = "velero/before-1-23"
}
