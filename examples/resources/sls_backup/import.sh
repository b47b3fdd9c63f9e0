terraform import sls_backup.before_upgrade velero/before-1-23
