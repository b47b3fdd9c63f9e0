import {
  to = sls_restore.configuration
  id = "velero/configuration"
}
