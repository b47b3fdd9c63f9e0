# The platform as it is before an upgrade. Another version makes another backup.
resource "sls_backup" "before_upgrade" {
  name             = "before-1-23"
  preset           = "platform"
  storage_location = "main"
  retention        = "720h"
}
